import { describe, expect, test } from "vitest";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { milliseconds, NEVER, seconds } from "../base/time.ts";
import { ADDRESS_A, ADDRESS_B, twoHosts } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import { CONNECTION_EVENT } from "../tcp/connection-events.ts";
import { ip, LOOPBACK_V4, LOOPBACK_V6 } from "../wire/address.ts";

test("a host talks to itself over its loopback, and over its own address", () => {
  const world = new World();
  const { a } = twoHosts(world);
  const listener = a.tcp.listen({ port: 80 });
  for (const remote of [LOOPBACK_V4, LOOPBACK_V6, ADDRESS_A, ip("127.1.2.3")]) {
    const client = a.tcp.connect({ remote, remotePort: 80 });
    world.runFor(milliseconds(100));
    const server = listener.accept();
    expect([client.state, server?.state], remote.toString()).toEqual(["ESTABLISHED", "ESTABLISHED"]);
    expect(client.path.isLoopback).toBe(true);
  }
});

test("time stands still within an event", () => {
  const world = new World();
  const { a, b } = twoHosts(world, { aToB: { delay: milliseconds(3) } });
  const listener = b.tcp.listen({ port: 80 });
  const times: number[] = [];
  listener.observer = { acceptable: () => times.push(b.now, b.now) };
  a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(seconds(1));
  expect(times.length).toBe(2);
  expect(times[0]).toBe(times[1]);
});

test("users hear before the pump: an answer given at once takes the acknowledgment along", () => {
  const world = new World();
  const { a, b } = twoHosts(world, { medium: "ip" });
  const listener = b.tcp.listen({ port: 80 });
  listener.observer = {
    acceptable: () => {
      listener.accept()?.observe({
        connectionEvent: (server, events) => {
          const bytes = new Uint8Array(100);
          if ((events & CONNECTION_EVENT.readable) !== 0 && server.receive(bytes) > 0)
            server.send(bytes, 0, 5);
        },
      });
    },
  };
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(seconds(1));
  const before = [...b.tcp.connections()][0]?.tally.segmentsOut ?? 0;
  client.send(new Uint8Array(5));
  world.runFor(milliseconds(10));
  expect(client.readable).toBe(5);
  expect([...b.tcp.connections()][0]?.tally.segmentsOut).toBe(before + 1);
});

test("callbacks that cause callbacks for ever do not keep frames and timers out", () => {
  const world = new World();
  const { a, b } = twoHosts(world);
  b.tcp.listen({ port: 80 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(seconds(1));
  let calls = 0;
  client.observe({
    connectionEvent: c => {
      calls++;
      if (calls < 1_000) c.raise(CONNECTION_EVENT.writable);
    },
  });
  world.step();
  expect(calls).toBeGreaterThan(10);
  expect(calls).toBeLessThan(100);
  world.runFor(seconds(1));
  expect(calls).toBe(1_000);
});

test("an idle host asks for nothing: no timer is left behind", () => {
  const world = new World();
  const { a, b } = twoHosts(world, { medium: "ip" });
  const listener = b.tcp.listen({ port: 80 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(seconds(1));
  client.close();
  listener.accept()?.close();
  world.runFor(seconds(100));
  expect([a.poll(), b.poll()]).toEqual([NEVER, NEVER]);
});

test("a segment that belongs to nothing is answered, counted, and shown to who watches drops", () => {
  const world = new World();
  const drops: string[] = [];
  const { a, b } = twoHosts(world, { medium: "ip", hostB: { onDrop: reason => drops.push(reason) } });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 });
  world.runFor(seconds(1));
  expect(client.error).toBe("ECONNREFUSED");
  expect(drops).toEqual(["tcp-no-connection"]);
  expect(b.drops.get("tcp-no-connection")).toBe(1);
  expect(b.tcpCounters.resetsOut).toBe(1);
});

describe("what nobody here has asked for", () => {
  function withHandler(answers: boolean) {
    const world = new World();
    const seen: string[] = [];
    const onUnclaimed = (packet: PacketBuffer): boolean => {
      const { bytes, network, transport, end } = packet;
      seen.push(`${bytes[network + 9]} ${end - network} ${transport - network}`);
      return answers;
    };
    const { a, b } = twoHosts(world, { medium: "ip", hostB: { onUnclaimed } });
    return { world, a, b, seen };
  }

  test("is answered where the handler wants no part of it", () => {
    const { world, a, b, seen } = withHandler(false);
    const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 });
    world.runFor(seconds(1));
    expect(client.error).toBe("ECONNREFUSED");
    expect(seen).toEqual(["6 60 20"]);
    expect(b.tcpCounters.resetsOut).toBe(1);
  });

  test("is not answered, nor a drop, where the handler has taken it: segments and datagrams", () => {
    const { world, a, b, seen } = withHandler(true);
    const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 });
    const datagrams = a.udp.open({ family: 4 });
    datagrams.connect(ADDRESS_B, 9);
    datagrams.send(new Uint8Array(4));
    world.runFor(milliseconds(500));
    expect(client.state).toBe("SYN-SENT");
    expect(seen.sort()).toEqual(["17 32 20", "6 60 20"]);
    expect(b.tcpCounters.resetsOut).toBe(0);
    expect(b.drops.total).toBe(0);
    expect(datagrams.takeError()).toBeUndefined();
  });

  test("is a segment of no connection, but not the SYN, of a port that is listened on", () => {
    const { world, a, b, seen } = withHandler(true);
    b.tcp.listen({ port: 80 });
    const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
    world.runFor(seconds(1));
    expect([client.state, seen]).toEqual(["ESTABLISHED", []]);
    for (const connection of [...b.tcp.connections()]) b.tcp.ended(connection, "ESTABLISHED");
    client.send(new Uint8Array(4));
    world.runFor(milliseconds(100));
    expect(seen).toContain("6 56 20");
    expect(client.state).toBe("ESTABLISHED");
  });
});
