import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { below, type Random } from "../base/random.ts";
import { type Instant, instantAfter, milliseconds, seconds } from "../base/time.ts";
import { complianceChecks } from "../link/compliance.ts";
import type { FrameSink, NetDevice } from "../link/net-device.ts";
import { Faults } from "./faults.ts";
import { connect } from "./topology.ts";
import { Trace } from "./trace.ts";
import { type Driven, World } from "./world.ts";

/** Sends frames of random length at random times, and answers half of what it hears. */
class Chatter implements Driven, FrameSink {
  onWork: (() => void) | undefined;
  heard = 0;
  #answers = 0;
  #next: Instant;
  readonly #world: World;
  readonly #device: NetDevice;
  readonly #random: Random;

  constructor(world: World, device: NetDevice) {
    this.#world = world;
    this.#device = device;
    this.#random = world.random.fork();
    this.#next = world.now();
    device.attach(this);
  }

  poll(): Instant {
    const now = this.#world.now();
    if (now >= this.#next) {
      this.#speak();
      this.#next = instantAfter(now, milliseconds(1 + below(this.#random, 20)));
    }
    for (; this.#answers > 0; this.#answers--) this.#speak();
    return this.#next;
  }

  receive(): void {
    this.heard++;
    if (below(this.#random, 2) === 0) return;
    this.#answers++;
    this.onWork?.();
  }

  writable(): void {
    this.onWork?.();
  }

  #speak(): void {
    const bytes = new Uint8Array(20 + below(this.#random, 1_400));
    this.#random.fill(bytes);
    this.#device.transmit(PacketBuffer.from(bytes));
  }
}

function chat(seed: number): { hash: string; heard: number; frames: number } {
  const world = new World({ seed });
  const trace = new Trace(world, { keep: 0 });
  const link = connect(world, {
    medium: "ip",
    trace,
    aToB: {
      loss: 0.05,
      duplicate: 0.02,
      reorder: 0.05,
      corrupt: 0.01,
      delay: milliseconds(20),
      jitter: milliseconds(4),
    },
    bToA: { burstLoss: { toBad: 0.01, toGood: 0.2 }, reorder: 0.1, rateBytesPerSecond: 100_000 },
  });
  const nodes = [new Chatter(world, link.a), new Chatter(world, link.b)];
  for (const [i, node] of nodes.entries()) world.add(node, `node ${i}`);
  const faults = new Faults(world, trace);
  faults.cut(link, seconds(2) as number as Instant);
  faults.heal(link, seconds(3) as number as Instant);
  world.runFor(seconds(10));
  return { hash: trace.hash, heard: nodes.reduce((sum, node) => sum + node.heard, 0), frames: trace.count };
}

describe("a link of a topology", () => {
  describe("keeps the rules of devices", () => {
    for (const check of complianceChecks(() => {
      const world = new World();
      const { a, b } = connect(world, { trace: new Trace(world) });
      return { a, b, settle: () => world.runFor(seconds(1)) };
    })) {
      test(check.name, () => check.run());
    }
  });

  test("names its devices after its ends, and shows their frames at both in the trace", () => {
    const world = new World();
    const trace = new Trace(world);
    const { a, b, name } = connect(world, { ends: ["client", "server"], medium: "ip", mtu: 576, trace });
    b.attach({ receive() {}, writable() {} });
    a.transmit(PacketBuffer.from(Uint8Array.of(0x45)));
    world.runFor(milliseconds(1));
    expect([name, a.name, b.name, a.medium, b.mtu]).toEqual([
      "client-server",
      "client-server",
      "server-client",
      "ip",
      576,
    ]);
    expect(trace.toString()).toBe("0.000000 client-server out 1 45\n0.000000 server-client in 1 45");
  });

  test("each way has its own impairment", () => {
    const world = new World();
    const { a, b } = connect(world, { medium: "ip", aToB: { loss: 1 }, bToA: { delay: milliseconds(7) } });
    const log: string[] = [];
    a.attach({ receive: () => log.push(`a ${world.now()}`), writable() {} });
    b.attach({ receive: () => log.push(`b ${world.now()}`), writable() {} });
    for (const device of [a, b]) device.transmit(PacketBuffer.from(Uint8Array.of(0x45)));
    world.runFor(seconds(1));
    expect(log).toEqual(["a 7000"]);
  });
});

describe("determinism", () => {
  test("one seed gives one trace hash, another seed another", () => {
    const first = chat(7);
    expect(chat(7)).toEqual(first);
    expect(chat(8).hash).not.toBe(first.hash);
    expect(first.heard).toBeGreaterThan(1_000);
  });

  test("on any machine: a change of this hash is a change of the traffic or of its luck", () => {
    expect(chat(1).hash).toBe("4f946660450159da");
  });
});
