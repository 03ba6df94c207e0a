import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { type Instant, milliseconds, seconds } from "../base/time.ts";
import { complianceChecks } from "../link/compliance.ts";
import type { NetDevice } from "../link/net-device.ts";
import { createPair } from "../link/pair.ts";
import { FaultGate } from "./fault-gate.ts";
import { Faults } from "./faults.ts";
import { connect, type Link } from "./topology.ts";
import { Trace } from "./trace.ts";
import { World } from "./world.ts";

const at = (milli: number): Instant => (milli * 1_000) as Instant;

function send(device: NetDevice, ...marks: number[]): void {
  for (const mark of marks) device.transmit(PacketBuffer.from(new Uint8Array(20).fill(mark)));
}

function hearing(device: NetDevice, world: World): string[] {
  const heard: string[] = [];
  device.attach({
    receive: frame => heard.push(`${frame.bytes[frame.start]} at ${world.now() / 1_000}`),
    writable() {},
  });
  return heard;
}

/** A link over which the mark n is sent at n ms, from a to b and back. */
function ticking(count: number) {
  const world = new World();
  const trace = new Trace(world);
  const link = connect(world, { medium: "ip", trace });
  const [atA, atB] = [hearing(link.a, world), hearing(link.b, world)];
  for (let i = 1; i <= count; i++) {
    world.schedule(at(i), () => {
      send(link.a, i);
      send(link.b, i);
    });
  }
  return { world, trace, link, atA, atB, faults: new Faults(world, trace) };
}

describe("FaultGate", () => {
  describe("is a device", () => {
    for (const check of complianceChecks(() => {
      const world = new World();
      const [a, b] = createPair(world);
      return {
        a: new FaultGate(a, world),
        b: new FaultGate(b, world),
        settle: () => world.runFor(seconds(1)),
      };
    })) {
      test(check.name, () => check.run());
    }
  });

  test("drops, duplicates and delays the very frames that are meant", () => {
    const { world, link, atA, atB } = ticking(8);
    const even = (frame: PacketBuffer): boolean => (frame.bytes[frame.start] ?? 0) % 2 === 0;
    const drop = link.aToB.gate.drop(2, even);
    link.aToB.gate.duplicate(3);
    const delay = link.aToB.gate.delay(milliseconds(10), 5);
    expect(drop.fired).toBe(false);
    world.runFor(seconds(1));
    expect(atB).toEqual(["1 at 1", "2 at 2", "3 at 3", "3 at 3", "6 at 6", "7 at 7", "8 at 8", "5 at 15"]);
    expect(atA.length).toBe(8);
    expect([drop.fired, delay.fired, link.aToB.gate.dropped]).toEqual([true, true, 1]);
  });

  test("a fault that was cancelled does not happen", () => {
    const { world, link, atB } = ticking(3);
    const fault = link.aToB.gate.drop(2);
    fault.cancel();
    world.runFor(seconds(1));
    expect(atB.length).toBe(3);
    expect(fault.fired).toBe(false);
  });

  test("a delayed frame that finds the device full leaves when there is room", () => {
    const world = new World();
    const [near, far] = createPair(world, { medium: "ip", queueLimit: 1 });
    const gate = new FaultGate(near, world);
    const heard = hearing(far, world);
    hearing(gate, world);
    gate.delay(milliseconds(1));
    world.schedule(at(1), () => send(gate, 2));
    send(gate, 1);
    world.runFor(seconds(1));
    expect(heard).toEqual(["2 at 1", "1 at 1"]);
  });

  test("a frame that the device was too full for counts when it comes again", () => {
    const world = new World();
    const [near, far] = createPair(world, { medium: "ip", queueLimit: 1 });
    const gate = new FaultGate(near, world);
    const heard = hearing(far, world);
    gate.drop(3);
    send(gate, 1);
    expect(gate.transmit(PacketBuffer.from(new Uint8Array(20).fill(2)))).toBe(false);
    world.runFor(milliseconds(1));
    for (const mark of [2, 3, 4]) {
      send(gate, mark);
      world.runFor(milliseconds(1));
    }
    expect(heard.map(text => text[0])).toEqual(["1", "2", "4"]);
  });
});

test("a gate tells what it does to frames, and what a cut cable loses, delayed frames too", () => {
  const { world, link, faults } = ticking(6);
  const seen: string[] = [];
  link.aToB.gate.faults.observe((fault, direction, frame) =>
    seen.push(`${fault} ${direction} ${frame.bytes[frame.start]}`),
  );
  link.aToB.gate.drop(1);
  link.aToB.gate.duplicate(2);
  link.aToB.gate.delay(milliseconds(2), 3);
  faults.cut(link, at(4.5));
  faults.heal(link, at(5.5));
  world.runFor(seconds(1));
  expect(seen).toEqual(["lost out 1", "duplicated out 2", "delayed out 3", "cut out 5", "cut out 3"]);
});

describe("Faults", () => {
  test("a cable that is cut carries nothing either way until it is healed", () => {
    const { world, link, faults, atA, atB, trace } = ticking(5);
    faults.cut(link, at(1.5));
    faults.heal(link, at(3.5));
    world.runFor(seconds(1));
    for (const heard of [atA, atB]) expect(heard).toEqual(["1 at 1", "4 at 4", "5 at 5"]);
    const notes = trace.entries().flatMap(entry => (entry.kind === "note" ? [entry.text] : []));
    expect(notes).toEqual(["cut a-b", "heal a-b"]);
  });

  test("what is on its way through a cable is lost when it would arrive while the cable is cut", () => {
    const { world, link, faults, atB } = ticking(5);
    link.aToB.wire.transmitImpairment = { delay: milliseconds(10) };
    faults.cut(link, at(11.5));
    faults.heal(link, at(13.5));
    world.runFor(seconds(1));
    expect(atB).toEqual(["1 at 11", "4 at 14", "5 at 15"]);
  });

  test("an impairment can change at an instant, one way only", () => {
    const { world, link, faults, atA, atB } = ticking(4);
    faults.impair(link, at(2.5), { aToB: { delay: milliseconds(5) } });
    world.runFor(seconds(1));
    expect(atB).toEqual(["1 at 1", "2 at 2", "3 at 8", "4 at 9"]);
    expect(atA.length).toBe(4);
  });

  test("a partition cuts the links between its groups and no others", () => {
    const world = new World();
    const link = (a: string, b: string): Link => connect(world, { medium: "ip", ends: [a, b] });
    const links = [link("x", "y"), link("y", "z"), link("x", "z"), link("z", "w")];
    const heard = links.map(({ b }) => hearing(b, world));
    const faults = new Faults(world);
    faults.partition(links, at(1), ["x", "y"], ["z"]);
    faults.healAll(links, at(3));
    for (const time of [2, 4]) {
      world.schedule(at(time), () => {
        for (const { a } of links) send(a, time);
      });
    }
    world.runFor(seconds(1));
    expect(heard.map(list => list.join())).toEqual(["2 at 2,4 at 4", "4 at 4", "4 at 4", "2 at 2,4 at 4"]);
  });
});
