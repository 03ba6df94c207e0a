import { describe, expect, test, vi } from "vitest";
import { bytesOf, readToEnd, textOf, write } from "../../test/sim/socket-world.ts";
import { NetError } from "../base/errors.ts";
import { milliseconds, seconds } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import { createPair } from "../link/pair.ts";
import { addHost } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import { connectTcp, TcpStream } from "../socket/tcp-stream.ts";
import { openUdp } from "../socket/udp-socket.ts";
import { type IpAddress, ip } from "../wire/address.ts";
import type { DatagramEvents, Dialer, Flow, OutboundDatagrams, OutboundStream } from "./dialer.ts";
import { Gateway } from "./gateway.ts";

/** What the gateway asks for, and answers as the test says. */
class TestDialer implements Dialer {
  readonly flows: Flow[] = [];
  readonly streams: TcpStream[] = [];
  aborted = 0;
  /** What `connect` waits for. */
  reached: Promise<unknown> = Promise.resolve();
  datagrams: (bytes: Uint8Array, events: DatagramEvents) => void = (bytes, events) => events.received(bytes);
  closedDatagrams = 0;

  async connect(flow: Flow): Promise<OutboundStream> {
    this.flows.push(flow);
    await this.reached;
    return {
      carry: connection => {
        const stream = new TcpStream(connection);
        this.streams.push(stream);
        // An echo.
        return stream.readable.pipeTo(stream.writable).catch(() => stream.abort());
      },
      abort: () => {
        this.aborted++;
      },
    };
  }

  open(flow: Flow, events: DatagramEvents): OutboundDatagrams {
    this.flows.push(flow);
    return {
      send: bytes => this.datagrams(bytes, events),
      close: () => {
        this.closedDatagrams++;
      },
    };
  }
}

const FAR = ip("192.0.2.77");
const FAR6 = ip("2001:db8::77");

function gatewayWorld(flowLimit?: number, offload = false) {
  const world = new World({ seed: 7 });
  const client = addHost(world, "client");
  const gate = addHost(world, "gate");
  const [near, far] = createPair(world, { medium: "ip", offload });
  const dialer = new TestDialer();
  client.attach(near, {
    addresses: [
      { address: ip("10.0.0.2"), prefixLength: 24 },
      { address: ip("fd00::2"), prefixLength: 64 },
    ],
    gateways: [ip("10.0.0.1"), ip("fd00::1")],
  });
  const gateway = new Gateway(gate, far, {
    dialer,
    flowLimit,
    addresses: [
      { address: ip("10.0.0.1"), prefixLength: 24 },
      { address: ip("fd00::1"), prefixLength: 64 },
    ],
  });
  const until = <T>(promise: Promise<T>): Promise<T> => world.runUntilSettled(promise, seconds(300));
  return { world, client, gate, gateway, dialer, until };
}

async function exchange(
  client: Host,
  remote = FAR,
  remotePort = 443,
): Promise<{ text: string; stream: TcpStream }> {
  const stream = connectTcp(client, { remote, remotePort });
  await stream.opened;
  await write(stream, bytesOf("through the gate")).then(() => stream.writable.close());
  return { text: textOf(await readToEnd(stream)), stream };
}

test.each([FAR, FAR6])("a connection to any address and port is carried by the dialer: %s", async remote => {
  const { client, gateway, dialer, until } = gatewayWorld();
  const { text, stream } = await until(exchange(client, remote));
  expect(text).toBe("through the gate");
  expect(dialer.flows).toMatchObject([
    { protocol: "tcp", sourcePort: stream.localPort, destinationPort: 443 },
  ]);
  expect(dialer.flows[0]?.destination.toString()).toBe(remote.toString());
  await until(stream.closed);
  await until(Promise.resolve());
  expect(gateway.connections).toBe(0);
});

test("the SYN waits for the dialer: who is connected has reached the destination", async () => {
  const { world, client, dialer, until } = gatewayWorld();
  let reach: () => void = () => {};
  dialer.reached = new Promise<void>(resolve => {
    reach = resolve;
  });
  const stream = connectTcp(client, { remote: FAR, remotePort: 80 });
  await world.runForAsync(seconds(20));
  expect(stream.info().state).toBe("SYN-SENT");
  // The client has sent its SYN again and again: it is one flow.
  expect(stream.info().retransmissions.syn).toBeGreaterThan(2);
  expect(dialer.flows).toHaveLength(1);
  reach();
  await until(stream.opened);
  expect(stream.info().state).toBe("ESTABLISHED");
});

test("what leaves its checksum to the device and comes joined is carried like all else", async () => {
  const { client, gate, dialer, until } = gatewayWorld(undefined, true);
  const { stream } = await until(exchange(client));
  expect([stream.info().retransmissions.syn, gate.drops.total]).toEqual([0, 0]);
  const sent: number[] = [];
  dialer.datagrams = (bytes, events) => {
    sent.push(bytes.length);
    events.received(bytes);
  };
  const socket = openUdp(client);
  socket.sendMany(new Uint8Array(2_500), 1_000, { address: FAR, port: 53 });
  for (const length of [1_000, 1_000, 500])
    expect((await until(socket.receive())).bytes).toHaveLength(length);
  expect(sent).toEqual([1_000, 1_000, 500]);
});

describe("who cannot be reached", () => {
  async function failing(code: string, remote: IpAddress) {
    const { world, client, gateway, dialer, until } = gatewayWorld();
    dialer.reached = Promise.reject(Object.assign(new Error("not there"), { code }));
    dialer.reached.catch(() => undefined);
    const stream = connectTcp(client, { remote, remotePort: 80 });
    await expect(until(stream.opened)).rejects.toEqual(expect.objectContaining({ code }));
    expect(gateway.connections).toBe(0);
    return { now: world.now(), asked: dialer.flows.length };
  }

  test.each([FAR, FAR6])("the error is the one that the dialer heard, at once: %s", async remote => {
    for (const code of ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]) {
      expect(await failing(code, remote)).toEqual({ now: 0, asked: 1 });
    }
  });

  test("silence stays silence, and each SYN asks again", async () => {
    const { now, asked } = await failing("ETIMEDOUT", FAR);
    expect(now).toBeGreaterThan(seconds(60));
    expect(asked).toBeGreaterThan(5);
  });

  test("an error without a code refuses", async () => {
    const { client, dialer, until } = gatewayWorld();
    dialer.reached = Promise.reject(new Error("not there"));
    dialer.reached.catch(() => undefined);
    const { opened } = connectTcp(client, { remote: FAR, remotePort: 80 });
    await expect(until(opened)).rejects.toEqual(expect.objectContaining({ code: "ECONNREFUSED" }));
  });
});

test("many connections to one destination do not get in each other's way", async () => {
  const { client, dialer, until } = gatewayWorld();
  const all = Array.from({ length: 50 }, () => exchange(client));
  const results = await until(Promise.all(all));
  expect(new Set(results.map(({ text }) => text))).toEqual(new Set(["through the gate"]));
  expect(dialer.streams).toHaveLength(50);
  const again = await until(exchange(client));
  expect(again.text).toBe("through the gate");
});

test("a refused connection leaves others to the same destination alone", async () => {
  const { client, dialer, until } = gatewayWorld();
  const open = connectTcp(client, { remote: FAR, remotePort: 443 });
  await until(open.opened);
  dialer.reached = Promise.reject(new Error("no more"));
  dialer.reached.catch(() => undefined);
  const refused = connectTcp(client, { remote: FAR, remotePort: 443 });
  await expect(until(refused.opened)).rejects.toThrow(NetError);
  await until(write(open, bytesOf("still here")).then(() => open.writable.close()));
  expect(textOf(await until(readToEnd(open)))).toBe("still here");
});

test("beyond the limit of flows SYNs are dropped", async () => {
  const { world, client, dialer, until } = gatewayWorld(1);
  await until(connectTcp(client, { remote: FAR, remotePort: 443 }).opened);
  const second = connectTcp(client, { remote: FAR, remotePort: 443 });
  await world.runForAsync(seconds(5));
  expect(second.info().state).toBe("SYN-SENT");
  expect(dialer.flows).toHaveLength(1);
});

test.each([FAR, FAR6])(
  "datagrams go out and their answers come back from the destination: %s",
  async remote => {
    const { client, dialer, until } = gatewayWorld();
    const socket = openUdp(client);
    socket.connect(remote, 53);
    for (const text of ["one", "two"]) {
      socket.send(bytesOf(text));
      const answer = await until(socket.receive());
      expect([textOf(answer.bytes), answer.source.toString(), answer.sourcePort]).toEqual([
        text,
        remote.toString(),
        53,
      ]);
    }
    expect(dialer.flows).toHaveLength(1);
  },
);

test("two sockets to one destination are two flows", async () => {
  const { client, dialer, until } = gatewayWorld();
  const sockets = [openUdp(client), openUdp(client)];
  for (const [i, socket] of sockets.entries()) {
    socket.connect(FAR, 53);
    socket.send(bytesOf(`socket ${i}`));
  }
  for (const [i, socket] of sockets.entries()) {
    expect(textOf((await until(socket.receive())).bytes)).toBe(`socket ${i}`);
  }
  expect(dialer.flows).toHaveLength(2);
});

test("a datagram that is cut into fragments opens its flow too", async () => {
  const { client, until } = gatewayWorld();
  const socket = openUdp(client);
  socket.connect(FAR, 53);
  socket.endpoint.dontFragment = false;
  socket.send(new Uint8Array(4_000).fill(9));
  expect((await until(socket.receive())).bytes).toEqual(new Uint8Array(4_000).fill(9));
});

test("where nobody takes datagrams the client hears port unreachable, about its own datagram", async () => {
  const { client, gateway, dialer, until } = gatewayWorld();
  dialer.datagrams = (_bytes, events) => events.refused();
  const socket = openUdp(client);
  socket.connect(FAR, 53);
  socket.send(bytesOf("anybody?"));
  await expect(until(socket.receive())).rejects.toEqual(expect.objectContaining({ code: "ECONNREFUSED" }));
  expect(gateway.flows).toBe(0);
  expect(dialer.closedDatagrams).toBe(1);
});

test("flows of datagrams that are silent for two minutes make room for others (RFC 4787 REQ-5)", async () => {
  const { world, client, gateway, until } = gatewayWorld(2);
  const send = (): ReturnType<typeof openUdp> => {
    const socket = openUdp(client);
    socket.connect(FAR, 53);
    socket.send(bytesOf("x"));
    return socket;
  };
  await until(Promise.all([send().receive(), send().receive()]));
  const refused = send();
  await world.runForAsync(seconds(1));
  expect(refused.endpoint.readable).toBe(0);
  await world.runForAsync(seconds(121));
  await until(send().receive());
  expect(gateway.flows).toBe(1);
});

test("destinations that nobody uses any more are given up when there are too many", async () => {
  const { client, gate, until } = gatewayWorld(3);
  for (let i = 1; i <= 8; i++) {
    const { stream } = await until(exchange(client, ip(`192.0.2.${i}`)));
    await until(stream.closed);
  }
  const adopted = gate.net.addresses().filter(({ address }) => address.toString().startsWith("192.0.2."));
  expect(adopted.length).toBeLessThanOrEqual(3);
  expect(adopted.map(({ address }) => address.toString())).toContain("192.0.2.8");
});

test("a client that never completes its handshake is forgotten", async () => {
  const { world, client, gateway, dialer, until } = gatewayWorld();
  let reach: () => void = () => {};
  dialer.reached = new Promise<void>(resolve => {
    reach = resolve;
  });
  const gone = client.tcp.connect({ remote: FAR, remotePort: 80 });
  await world.runForAsync(seconds(1));
  // Gone without a word: a closed SYN-SENT says nothing, and the RST for the SYN-ACK is lost with the host.
  gone.abort();
  client.net.removeAddress(client.net.interfaces().at(-1)?.index ?? 0, ip("10.0.0.2"));
  reach();
  await world.runForAsync(seconds(130));
  expect(gateway.connections).toBe(1);
  expect((await until(exchange(client, FAR6))).text).toBe("through the gate");
  expect(dialer.aborted).toBe(1);
});

test("handshakes that nobody completes keep others out for two minutes, not for good", async () => {
  const { world, client, gateway, dialer, until } = gatewayWorld(2);
  const index = client.net.interfaces().at(-1)?.index ?? 0;
  const gone = ip("10.0.0.66");
  client.net.addAddress(index, gone, 24);
  let reach: () => void = () => {};
  dialer.reached = new Promise<void>(resolve => {
    reach = resolve;
  });
  const opening = [80, 81].map(remotePort => client.tcp.connect({ remote: FAR, remotePort, local: gone }));
  await world.runForAsync(seconds(1));
  for (const connection of opening) connection.abort();
  client.net.removeAddress(index, gone);
  reach();
  await world.runForAsync(seconds(60));
  expect([gateway.connections, dialer.aborted]).toEqual([2, 0]);
  await world.runForAsync(seconds(70));
  expect((await until(exchange(client, FAR6))).text).toBe("through the gate");
  expect(dialer.aborted).toBe(2);
});

test("packets to ever new destinations have all flows looked at seldom, and add no routes", async () => {
  const { world, client, gate, gateway } = gatewayWorld(64);
  const routes = gate.net.routes.entries();
  const dismissal = vi.spyOn(gate.net, "removeAddress");
  const socket = openUdp(client);
  let looks = 0;
  for (let i = 0; i < 1_000; i++) {
    socket.send(bytesOf("x"), { address: ip(`198.18.${i >> 8}.${i & 0xff}`), port: 9 });
    const dismissed = dismissal.mock.calls.length;
    await world.runForAsync(milliseconds(1));
    if (dismissal.mock.calls.length > dismissed) looks++;
  }
  expect(gateway.flows).toBe(64);
  expect(looks).toBeLessThanOrEqual(Math.ceil(1_000 / 64));
  expect(gate.net.addresses().length).toBeLessThanOrEqual(2 * 64 + 8);
  expect(gate.net.routes.entries()).toEqual(routes);
});

test("close aborts what has been reached but not opened", async () => {
  const { world, client, gate, gateway, dialer } = gatewayWorld();
  let reach: () => void = () => {};
  dialer.reached = new Promise<void>(resolve => {
    reach = resolve;
  });
  connectTcp(client, { remote: FAR, remotePort: 80 });
  await world.runForAsync(seconds(1));
  gateway.close();
  reach();
  await world.runForAsync(seconds(1));
  expect(dialer.aborted).toBe(1);
  expect([...gate.tcp.connections()]).toEqual([]);
});
