import dgram, { type RemoteInfo, type Socket, type SocketOptions } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { Host } from "../../host/host.ts";
import type { NetDevice } from "../../link/net-device.ts";
import { createPair, type PairOptions } from "../../link/pair.ts";
import { type IpAddress, ip } from "../../wire/address.ts";
import { Driver } from "../driver.ts";
import { hostModule } from "../programs/host-module.ts";
import { CryptoRandom } from "../random.ts";
import { type HandleContext, handleContext } from "./handle-context.ts";
import { UdpHandle } from "./udp-handle.ts";

const drivers: Driver[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) if (!isClosed(socket)) socket.close();
  for (const driver of drivers.splice(0)) driver.close();
});

function isClosed(socket: Socket): boolean {
  try {
    socket.address();
    return false;
  } catch {
    return true;
  }
}

type HostDgram = typeof dgram;

function dgramOn(context: HandleContext): HostDgram {
  return hostModule(context, dgram);
}

function newDriver(): Driver {
  const driver = new Driver();
  drivers.push(driver);
  return driver;
}

function contextOn(driver: Driver, device?: NetDevice, ...addresses: string[]): HandleContext {
  const host = new Host({ clock: driver, random: new CryptoRandom(), scheduler: driver });
  driver.add(host);
  const assignments = addresses.map(text => ({
    address: ip(text),
    prefixLength: text.includes(":") ? 64 : 24,
  }));
  if (device !== undefined) host.attach(device, { addresses: assignments, duplicateDetection: false });
  return handleContext(host, driver);
}

/** The `dgram` of a host that has nothing but its loopback. */
function alone(): HostDgram {
  return dgramOn(contextOn(newDriver()));
}

/** Those of two hosts, 10.0.0.1 and 10.0.0.2, at the ends of a wire. */
function linked(options: PairOptions = {}): [HostDgram, HostDgram] {
  const driver = newDriver();
  const [a, b] = createPair(driver, options);
  return [
    dgramOn(contextOn(driver, a, "10.0.0.1", "fd00::1")),
    dgramOn(contextOn(driver, b, "10.0.0.2", "fd00::2")),
  ];
}

async function bound(
  dgram: HostDgram,
  options: SocketOptions | "udp4" | "udp6" = "udp4",
  port = 0,
  address?: string,
): Promise<Socket> {
  const socket = dgram.createSocket(options as SocketOptions);
  sockets.push(socket);
  socket.bind(port, address);
  await once(socket, "listening");
  return socket;
}

async function heard(socket: Socket): Promise<string> {
  const [bytes, { address, family, port, size }] = (await once(socket, "message")) as [Buffer, RemoteInfo];
  expect(size).toBe(bytes.length);
  return `${bytes} ${address} ${family} ${port > 0 && "port"}`;
}

describe("datagrams", () => {
  test("go between hosts, in one piece or several, and tell their sender", async () => {
    const [near, far] = linked();
    const server = await bound(far, "udp4", 53);
    const client = await bound(near);
    const first = heard(server);
    client.send(["a", Buffer.from("b"), new Uint16Array([0x6463])], 53, "10.0.0.2");
    expect(await first).toBe("abcd 10.0.0.1 IPv4 port");
  });

  test("an IPv6 socket speaks IPv4 by mapped addresses, unless it is told not to", async () => {
    const dgram = alone();
    const both = await bound(dgram, "udp6", 5_000);
    const four = await bound(dgram, "udp4");
    const first = heard(both);
    four.send("x", 5_000, "127.0.0.1");
    expect(await first).toBe("x ::ffff:127.0.0.1 IPv6 port");
    const answer = heard(four);
    both.send("y", four.address().port, "::ffff:127.0.0.1");
    expect(await answer).toBe("y 127.0.0.1 IPv4 port");

    await bound(dgram, { type: "udp6", ipv6Only: true }, 5_001);
    await bound(dgram, "udp4", 5_001);
    const taken = dgram.createSocket("udp4");
    taken.bind(5_000);
    const [error] = await once(taken, "error");
    expect(error.message).toBe("bind EADDRINUSE 0.0.0.0:5000");
  });

  test("a link-local sender is told with its link (RFC 4007 §11)", async () => {
    const driver = newDriver();
    const [a, b] = createPair(driver, { medium: "ip", names: ["left", "right"] });
    const near = dgramOn(contextOn(driver, a, "fe80::1"));
    const far = dgramOn(contextOn(driver, b, "fe80::2"));
    const server = await bound(far, "udp6", 53);
    const client = await bound(near, "udp6");
    const first = heard(server);
    client.send("x", 53, "fe80::2%left");
    expect(await first).toBe("x fe80::1%right IPv6 port");
  });

  test("each is an event of its own: promises and ticks run in between", async () => {
    const dgram = alone();
    const server = await bound(dgram);
    const client = await bound(dgram);
    const order: string[] = [];
    server.on("message", bytes => {
      order.push(`message ${bytes}`);
      process.nextTick(() => order.push(`tick ${bytes}`));
      Promise.resolve().then(() => order.push(`promise ${bytes}`));
    });
    for (const text of ["1", "2"]) client.send(text, server.address().port);
    while (order.length < 6) await new Promise(resolve => setImmediate(resolve));
    expect(order).toEqual(["1", "2"].flatMap(n => [`message ${n}`, `tick ${n}`, `promise ${n}`]));
  });
});

describe("connected sockets", () => {
  test("hear of a refusal, as on Linux (ECONNREFUSED)", async () => {
    const [near] = linked();
    const socket = await bound(near);
    socket.connect(53, "10.0.0.2");
    await once(socket, "connect");
    expect(socket.remoteAddress()).toEqual({ address: "10.0.0.2", family: "IPv4", port: 53 });
    expect(socket.address().address).toBe("10.0.0.1");
    socket.send("x");
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({
      message: "recvmsg ECONNREFUSED",
      code: "ECONNREFUSED",
      syscall: "recvmsg",
    });
    socket.disconnect();
    expect(socket.address().address).toBe("0.0.0.0");
  });

  test("a network that no route leads to is told by connect", async () => {
    const socket = await bound(alone());
    socket.connect(53, "192.0.2.1");
    const [error] = await once(socket, "error");
    expect(error.message).toBe("connect ENETUNREACH 192.0.2.1:53");
  });
});

describe("groups", () => {
  const GROUP = "239.1.2.3";

  test("are heard by members on the same host and on others, and as the sender wants", async () => {
    const [near, far] = linked();
    const [a, b] = await Promise.all([bound(near, "udp4", 5_353), bound(far, "udp4", 5_353)]);
    a.addMembership(GROUP);
    b.addMembership(GROUP, "10.0.0.2");
    const both = Promise.all([heard(a), heard(b)]);
    a.send("all", 5_353, GROUP);
    expect(await both).toEqual(Array(2).fill("all 10.0.0.1 IPv4 port"));
    const here = heard(a);
    a.setMulticastLoopback(false);
    a.send("others", 5_353, GROUP);
    expect(await heard(b)).toBe("others 10.0.0.1 IPv4 port");
    b.send("answer", 5_353, GROUP);
    expect(await here).toBe("answer 10.0.0.2 IPv4 port");
  });

  test("may be joined for one source", async () => {
    const [near, far] = linked();
    const [a, b] = await Promise.all([bound(near, "udp4", 5_353), bound(far, "udp4", 5_353)]);
    a.addSourceSpecificMembership("10.0.0.2", GROUP);
    const first = heard(a);
    a.send("not me", 5_353, GROUP);
    b.send("me", 5_353, GROUP);
    expect(await first).toBe("me 10.0.0.2 IPv4 port");
    a.dropSourceSpecificMembership("10.0.0.2", GROUP);
    expect(() => a.dropSourceSpecificMembership("10.0.0.2", GROUP)).toThrow("EADDRNOTAVAIL");
  });

  test("of IPv6 are joined by a zone, and spoken to by one", async () => {
    const [near, far] = linked({ medium: "ip", names: ["left", "right"] });
    const [a, b] = await Promise.all([bound(near, "udp6", 5_353), bound(far, "udp6", 5_353)]);
    b.addMembership("ff15::1:3", "::%right");
    a.setMulticastInterface("::%left");
    const first = heard(b);
    a.send("x", 5_353, "ff15::1:3");
    expect(await first).toBe("x fd00::1 IPv6 port");
  });

  test("what cannot be joined is told by libuv's names", async () => {
    const socket = await bound(alone());
    const why = (call: () => void): unknown => {
      try {
        return call();
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(why(() => socket.addMembership("10.0.0.1"))).toBe("addMembership EINVAL");
    expect(why(() => socket.addMembership(GROUP, "10.9.9.9"))).toBe("addMembership ENODEV");
    expect(why(() => socket.addMembership(GROUP, "::"))).toBe("addMembership EINVAL");
    expect(why(() => socket.addMembership("ff02::1:3"))).toBe("addMembership ENOPROTOOPT");
    expect(why(() => socket.dropMembership(GROUP))).toBe("dropMembership EADDRNOTAVAIL");
    expect(why(() => socket.setMulticastInterface("10.9.9.9"))).toBe("setMulticastInterface EADDRNOTAVAIL");
    expect(why(() => socket.setMulticastInterface("::1"))).toBe("setMulticastInterface ENOPROTOOPT");
    socket.addMembership(GROUP);
    expect(why(() => socket.addMembership(GROUP))).toBe("addMembership EADDRINUSE");
  });
});

describe("options", () => {
  test("are of a socket: before there is one they have nowhere to go", () => {
    const socket = alone().createSocket("udp4");
    sockets.push(socket);
    expect(() => socket.setTTL(64)).toThrow("setTTL EBADF");
    expect(() => socket.setBroadcast(true)).toThrow("setBroadcast EBADF");
    expect(() => socket.setMulticastInterface("0.0.0.0")).toThrow("setMulticastInterface EBADF");
    expect(() => socket.address()).toThrow("getsockname EBADF");
  });

  test("a broadcast has to be allowed", async () => {
    const [near, far] = linked();
    const [a, b] = await Promise.all([bound(near, "udp4", 67), bound(far, "udp4", 67)]);
    const refused = await new Promise(done => a.send("x", 67, "10.0.0.255", error => done(error?.message)));
    expect(refused).toBe("send EACCES 10.0.0.255:67");
    a.setBroadcast(true);
    const both = Promise.all([heard(a), heard(b)]);
    a.send("all", 67, "10.0.0.255");
    expect(await both).toEqual(Array(2).fill("all 10.0.0.1 IPv4 port"));
  });

  test("sharing a port has to be agreed; a buffer holds what it was given", async () => {
    const dgram = alone();
    await bound(dgram, { type: "udp4", reuseAddr: true }, 5_353);
    const second = await bound(dgram, { type: "udp4", reuseAddr: true, recvBufferSize: 4_000 }, 5_353);
    expect(second.getRecvBufferSize()).toBe(8_000);
    const client = await bound(dgram);
    let count = 0;
    second.on("message", () => count++);
    for (let i = 0; i < 20; i++) client.send(Buffer.alloc(1_000), 5_353);
    for (let turns = 0; count < 7 || turns < 50; turns++) await new Promise(resolve => setImmediate(resolve));
    expect(count).toBe(7); // of 1,000 bytes and 128 for what holds them
  });
});

describe("what no device has room for", () => {
  test("waits in order, counted, and its callback with it", async () => {
    const [near, far] = linked({ medium: "ip", queueLimit: 2 });
    const server = await bound(far, "udp4", 53);
    const client = await bound(near);
    const seen: string[] = [];
    server.on("message", bytes => seen.push(`${bytes}`));
    const sent = ["1", "2", "3", "4"].map(
      text => new Promise(done => client.send(text, 53, "10.0.0.2", error => done(error ?? text))),
    );
    await new Promise(resolve => process.nextTick(resolve));
    expect([client.getSendQueueCount(), client.getSendQueueSize()]).toEqual([2, 2]);
    expect(await Promise.all(sent)).toEqual(["1", "2", "3", "4"]);
    while (seen.length < 4) await new Promise(resolve => setImmediate(resolve));
    expect(seen).toEqual(["1", "2", "3", "4"]);
    expect(client.getSendQueueCount()).toBe(0);
  });

  test("is not sent any more when the socket is closed", async () => {
    const [near] = linked({ medium: "ip", queueLimit: 1 });
    const client = await bound(near);
    const answers: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      client.send("x", 53, "10.0.0.2", error => answers.push((error as { code?: string } | null)?.code));
    }
    await new Promise(resolve => process.nextTick(resolve));
    client.close();
    while (answers.length < 3) await new Promise(resolve => setImmediate(resolve));
    expect(answers).toEqual([undefined, "ECANCELED", "ECANCELED"]);
  });
});

describe("the end", () => {
  test("an abort closes the socket, also before it was made", async () => {
    const dgram = alone();
    const control = new AbortController();
    const socket = dgram.createSocket({ type: "udp4", signal: control.signal });
    const closed = once(socket, "close");
    control.abort();
    await closed;
    const late = dgram.createSocket({ type: "udp4", signal: control.signal });
    expect(() => late.bind(0)).toThrow("Not running");
  });

  test("a closed handle answers EBADF, and calls back once", async () => {
    const handle = new UdpHandle(contextOn(newDriver()));
    expect([handle.hasRef(), handle.bind("127.0.0.1", 0, 0), handle.bind("127.0.0.1", 0, 0)]).toEqual([
      true,
      0,
      -22,
    ]);
    expect(handle.fd).toBeGreaterThan(2 ** 20);
    const order: string[] = [];
    await new Promise(resolve => setTimeout(resolve)); // into the timers' phase, which the others follow
    await new Promise<void>(done => {
      setImmediate(() => order.push("check"));
      handle.close(() => {
        order.push("closing");
        done();
      });
      handle.close(() => order.push("twice"));
    });
    expect(order).toEqual(["check", "closing"]);
    expect([handle.hasRef(), handle.recvStart(), handle.bind("127.0.0.1", 0, 0), handle.fd]).toEqual([
      false,
      -9,
      -9,
      -9,
    ]);
  });

  test("a port that was asked for is known around the host, as long as it is bound", () => {
    const known: string[] = [];
    const surroundings = {
      opened: (protocol: string, port: number) => {
        if (port === 9) return "EACCES" as const;
        known.push(`${protocol} ${port}`);
        return undefined;
      },
      closed: (protocol: string, port: number) => known.splice(known.indexOf(`${protocol} ${port}`), 1),
      destinationOf: () => ip("127.0.0.9"),
      opensUp: (address: IpAddress) => address.isLoopback,
    };
    const context: HandleContext = { ...contextOn(newDriver()), surroundings };
    const [handle, drawn, taken] = [1, 2, 3].map(() => new UdpHandle(context)) as [
      UdpHandle,
      UdpHandle,
      UdpHandle,
    ];
    expect([handle.bind("127.0.0.1", 53, 0), drawn.bind("0.0.0.0", 0, 0)]).toEqual([0, 0]);
    expect(taken.bind("127.0.0.1", 53, 0)).toBe(-98);
    taken.close();
    expect(known).toEqual(["udp 53"]);
    // It is to be reached at every address of the host's, and does not know.
    expect([...context.host.udp.endpoints()].map(({ localAddress }) => localAddress)).toContain(undefined);
    const told: { address?: string } = {};
    handle.getsockname(told);
    expect(told.address).toBe("127.0.0.1");
    // What the program itself is bound to is at its loopback; the rest is elsewhere.
    drawn.connect("127.0.0.1", 53);
    drawn.getpeername(told);
    expect(told.address).toBe("127.0.0.1");
    drawn.disconnect();
    drawn.connect("127.0.0.1", 54);
    drawn.getpeername(told);
    expect(told.address).toBe("127.0.0.9");
    handle.close();
    drawn.close();
    expect(known).toEqual([]);
    const refused = new UdpHandle(context);
    expect(refused.bind("127.0.0.1", 9, 0)).toBe(-13);
    expect([...context.host.udp.endpoints()]).toEqual([]);
    refused.close();
    expect(known).toEqual([]);
  });

  test("a descriptor of the kernel's is refused by name", () => {
    const handle = new UdpHandle(contextOn(newDriver()));
    expect(() => handle.open(7)).toThrow(/UDP socket on descriptor 7 is not possible with Postel/);
  });
});
