import { describe, expect, test } from "vitest";
import { milliseconds, seconds } from "../base/time.ts";
import { createPair } from "../link/pair.ts";
import { ADDRESS_A, ADDRESS_B, addHost, twoHosts } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { transportChecksum } from "../wire/pseudo-header.ts";
import type { HostFrameObserver } from "./host-observers.ts";

const IPV4_HEADER = 20;

describe("observing a host", () => {
  test("begins and ends while connections are open; all who look on see the same", () => {
    const world = new World();
    const seen: string[] = [];
    const { a, b } = twoHosts(world, {
      medium: "ip",
      hostB: { probe: { stateChanged: (_, from, to) => seen.push(`first ${from} ${to}`) } },
    });
    const listener = b.tcp.listen({ port: 80 });
    const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
    world.runFor(milliseconds(100));
    const second = {
      tcp: { stateChanged: (_: unknown, from: string, to: string) => seen.push(`${from} ${to}`) },
    };
    const ends = [b.observe(second), b.observe(second)];
    client.close();
    world.runFor(milliseconds(100));
    for (const end of ends) end();
    listener.accept()?.close();
    world.runFor(milliseconds(100));
    expect(seen).toEqual([
      "first CLOSED LISTEN",
      "first LISTEN SYN-RECEIVED",
      "first SYN-RECEIVED ESTABLISHED",
      "first ESTABLISHED CLOSE-WAIT",
      "ESTABLISHED CLOSE-WAIT",
      "ESTABLISHED CLOSE-WAIT",
      "first CLOSE-WAIT LAST-ACK",
      "first LAST-ACK CLOSED",
    ]);
  });

  test("shows each frame with its interface, what came in and what the device took", () => {
    const world = new World();
    const { a, b } = twoHosts(world, { ends: ["x", "y"] });
    world.runFor(seconds(30));
    const seen: string[] = [];
    const note: HostFrameObserver = {
      frame: (iface, direction, frame) =>
        seen.push(`${iface.name} ${iface.device.medium} ${direction} ${frame.length}`),
    };
    const end = a.observe({ frames: note });
    b.tcp.listen({ port: 80 });
    a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
    world.runFor(seconds(1));
    end();
    a.tcp.connect({ remote: ADDRESS_A, remotePort: 9 });
    world.runFor(seconds(1));
    expect(seen).toEqual([
      "x-y ethernet out 42",
      "x-y ethernet in 42",
      "x-y ethernet out 74",
      "x-y ethernet in 74",
      "x-y ethernet out 66",
    ]);
  });

  test("asks whether a frame is wanted before it finishes it", () => {
    const world = new World();
    const { a } = twoHosts(world, { medium: "ip" });
    world.runFor(seconds(30));
    let asked = 0;
    const seen: number[] = [];
    const wants = (): boolean => ++asked % 2 === 0;
    a.observe({ frames: { wants, frame: (_, __, { length }) => seen.push(length) } });
    a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 });
    world.runFor(milliseconds(10));
    expect([asked, seen]).toEqual([2, [40]]);
  });

  test("shows super-segments whole, with a good checksum, and does not turn gathering off", () => {
    const world = new World();
    const [wireA, wireB] = createPair(world, { medium: "ip", offload: true });
    const [a, b] = [addHost(world, "a"), addHost(world, "b")];
    const prefix = { prefixLength: 24 };
    a.attach(wireA, { addresses: [{ address: ADDRESS_A, ...prefix }], duplicateDetection: false });
    b.attach(wireB, { addresses: [{ address: ADDRESS_B, ...prefix }], duplicateDetection: false });
    const sums: number[] = [];
    const sizes: number[] = [];
    const tails: boolean[] = [];
    const note: HostFrameObserver = {
      frame: (_, direction, { bytes, start, end, tail, segmentSize }) => {
        const [from, to] = direction === "out" ? [ADDRESS_A, ADDRESS_B] : [ADDRESS_B, ADDRESS_A];
        tails.push(tail !== undefined && tail.length > 0);
        sums.push(transportChecksum(from, to, IP_PROTOCOL.tcp, bytes, start + IPV4_HEADER, end));
        if (segmentSize > 0) sizes.push(end - start);
      },
    };
    a.observe({ frames: note });
    b.tcp.listen({ port: 80 });
    const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
    world.runFor(milliseconds(10));
    for (let round = 0; round < 20; round++) {
      client.send(new Uint8Array(60_000).fill(7));
      world.runFor(seconds(1));
    }
    expect(client.path.offload.gathers).toBe(true);
    expect(Math.max(...sizes)).toBeGreaterThan(10_000);
    expect(new Set(sums)).toEqual(new Set([0]));
    expect(new Set(tails)).toEqual(new Set([false]));
  });

  test("shows each drop to all", () => {
    const world = new World();
    const drops: string[] = [];
    const { a, b } = twoHosts(world, { hostB: { onDrop: reason => drops.push(`first ${reason}`) } });
    world.runFor(seconds(30));
    drops.length = 0;
    const end = b.observe({ drops: reason => drops.push(reason) });
    a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 });
    world.runFor(seconds(1));
    end();
    a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 });
    world.runFor(seconds(1));
    expect(drops).toEqual(["first tcp-no-connection", "tcp-no-connection", "first tcp-no-connection"]);
  });
});
