import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readUint16, writeUint16 } from "../base/bytes.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { SeededRandom } from "../base/random.ts";
import { type Duration, milliseconds, seconds } from "../base/time.ts";
import { type Impairment, impair } from "./impair.ts";
import { createPair } from "./pair.ts";
import { VirtualTime } from "./virtual-time.ts";

interface Arrival {
  readonly mark: number;
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A wire whose near end is impaired in what it transmits. Frames carry a mark in their first two bytes. */
function badWire(transmit: Impairment, seed = 1, length = 100) {
  const time = new VirtualTime();
  const [near, far] = createPair(time, { medium: "ip", queueLimit: 10_000 });
  const lost: number[] = [];
  const dropped: string[] = [];
  const device = impair(near, {
    scheduler: time,
    random: new SeededRandom(seed),
    transmit,
    lost: frame => lost.push(readUint16(frame.bytes, frame.start)),
    dropped: reason => dropped.push(reason),
  });
  const arrivals: Arrival[] = [];
  far.attach({
    receive: frame => {
      const bytes = frame.view().slice();
      arrivals.push({ mark: readUint16(bytes, 0), at: time.now(), bytes });
    },
    writable() {},
  });
  let next = 0;
  const send = (count = 1): void => {
    for (let i = 0; i < count; i++) {
      const frame = PacketBuffer.from(new Uint8Array(length));
      writeUint16(frame.bytes, frame.start, next++);
      device.transmit(frame);
    }
  };
  const marks = (): number[] => arrivals.map(({ mark }) => mark);
  return { time, device, far, near, arrivals, marks, send, lost, dropped };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("loss", () => {
  test("loses about the share that was asked for, and tells which", () => {
    const { time, send, marks, lost, device } = badWire({ loss: 0.05 });
    send(4_000);
    time.runFor(seconds(1));
    expect(lost.length).toBeGreaterThan(150);
    expect(lost.length).toBeLessThan(250);
    expect([...marks(), ...lost].toSorted((a, b) => a - b)).toEqual(upTo(4_000));
    expect(device.transmitFates.lost).toBe(lost.length);
    expect(device.counters).toMatchObject({ transmittedFrames: 4_000, dropped: lost.length });
  });

  test("a loss of 1 is a cut cable, from one frame to the next and back", () => {
    const { time, device, send, marks } = badWire({});
    send(2);
    device.transmitImpairment = { loss: 1 };
    send(2);
    device.transmitImpairment = {};
    send(1);
    time.runFor(seconds(1));
    expect(marks()).toEqual([0, 1, 4]);
  });

  test("in bursts (Gilbert-Elliott): share and mean length of the bursts are as the chain has them", () => {
    const { time, send, lost } = badWire({ burstLoss: { toBad: 0.02, toGood: 0.25 } });
    send(5_000);
    time.runFor(seconds(1));
    const bursts = lost.filter((mark, i) => lost[i - 1] !== mark - 1).length;
    expect(lost.length / 5_000).toBeGreaterThan(0.05);
    expect(lost.length / 5_000).toBeLessThan(0.1);
    expect(lost.length / bursts).toBeGreaterThan(3);
    expect(lost.length / bursts).toBeLessThan(5);
  });
});

describe("duplication and corruption", () => {
  test("a duplicate follows its frame", () => {
    const { time, send, marks, device } = badWire({ duplicate: 1 });
    send(3);
    time.runFor(seconds(1));
    expect(marks()).toEqual([0, 0, 1, 1, 2, 2]);
    expect(device.transmitFates.duplicated).toBe(3);
  });

  test("exactly one bit of a corrupted frame is wrong, and the sender's packet is as it was", () => {
    const { time, device, arrivals } = badWire({ corrupt: 1 });
    const places = new Set<number>();
    const sent = new Uint8Array(30).map((_, i) => i * 7);
    for (let i = 0; i < 200; i++) {
      const frame = PacketBuffer.from(sent);
      frame.checksum = "valid";
      device.transmit(frame);
      expect([...frame.view()]).toEqual([...sent]);
    }
    time.runFor(seconds(1));
    for (const { bytes } of arrivals) {
      const wrong = [...bytes].flatMap((byte, i) =>
        upTo(8)
          .filter(bit => (((sent[i] ?? 0) ^ byte) >> bit) & 1)
          .map(bit => i * 8 + bit),
      );
      expect(wrong.length).toBe(1);
      places.add(wrong[0] ?? -1);
    }
    expect(places.size).toBeGreaterThan(100);
  });

  test("the two of a pair of duplicates are corrupted independently", () => {
    const { time, send, arrivals } = badWire({ duplicate: 1, corrupt: 1 });
    send(1);
    time.runFor(seconds(1));
    expect(arrivals.length).toBe(2);
    expect(arrivals[0]?.bytes).not.toEqual(arrivals[1]?.bytes);
  });
});

describe("delay", () => {
  test("every frame comes later by the delay, in order", () => {
    const { time, send, arrivals } = badWire({ delay: milliseconds(20) });
    send(2);
    time.runFor(milliseconds(5));
    send(1);
    time.runFor(seconds(1));
    expect(arrivals.map(({ mark, at }) => [mark, at])).toEqual([
      [0, 20_000],
      [1, 20_000],
      [2, 25_000],
    ]);
  });

  test("jitter spreads the delay evenly either way", () => {
    const { time, send, arrivals } = badWire({ delay: milliseconds(20), jitter: milliseconds(5) });
    send(2_000);
    time.runFor(seconds(1));
    const times = arrivals.map(({ at }) => at);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(15_000);
    expect(Math.min(...times)).toBeLessThan(15_100);
    expect(Math.max(...times)).toBeLessThanOrEqual(25_000);
    expect(Math.max(...times)).toBeGreaterThan(24_900);
    const mean = times.reduce((sum, at) => sum + at, 0) / times.length;
    expect(Math.abs(mean - 20_000)).toBeLessThan(300);
  });

  test("a frame that is reordered overtakes the delay of those before it", () => {
    const { time, device, send, arrivals } = badWire({ delay: milliseconds(20) });
    send(2);
    device.transmitImpairment = { delay: milliseconds(20), reorder: 1 };
    send(1);
    time.runFor(seconds(1));
    expect(arrivals.map(({ mark, at }) => [mark, at])).toEqual([
      [2, 0],
      [0, 20_000],
      [1, 20_000],
    ]);
  });

  test("a change of the delay does not touch frames on their way", () => {
    const { time, device, send, arrivals } = badWire({ delay: milliseconds(20) });
    send(1);
    device.transmitImpairment = {};
    send(1);
    time.runFor(seconds(1));
    expect(arrivals.map(({ mark, at }) => [mark, at])).toEqual([
      [1, 0],
      [0, 20_000],
    ]);
  });
});

describe("reordering without a delay", () => {
  test("a frame is held back until one to three later ones have passed", () => {
    const gaps = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const { time, device, send, marks } = badWire({ reorder: 1 }, seed);
      send(1);
      device.transmitImpairment = {};
      send(6);
      time.runFor(milliseconds(1));
      expect(marks().filter(mark => mark !== 0)).toEqual([1, 2, 3, 4, 5, 6]);
      gaps.add(marks().indexOf(0));
    }
    expect([...gaps].toSorted()).toEqual([1, 2, 3]);
  });

  test("or until 10 ms have gone by", () => {
    const { time, send, arrivals } = badWire({ reorder: 1 });
    send(3);
    time.runFor(seconds(1));
    expect(arrivals.map(({ mark, at }) => [mark, at])).toEqual([
      [0, 10_000],
      [1, 10_000],
      [2, 10_000],
    ]);
  });

  test("with a rate, a frame slips behind one to three of the next", () => {
    const { time, device, send, marks } = badWire({ rateBytesPerSecond: 100_000, reorder: 1 });
    send(1);
    device.transmitImpairment = { rateBytesPerSecond: 100_000 };
    send(6);
    time.runFor(seconds(1));
    expect(marks().indexOf(0)).toBeGreaterThanOrEqual(1);
    expect(marks().indexOf(0)).toBeLessThanOrEqual(3);
    expect(marks().toSorted()).toEqual(upTo(7));
  });
});

describe("rate", () => {
  test("frames leave one after the other, each when its last byte is out; idle time is not saved up", () => {
    const { time, send, arrivals } = badWire({ rateBytesPerSecond: 100_000 });
    send(2);
    time.runFor(milliseconds(10));
    send(2);
    time.runFor(seconds(1));
    expect(arrivals.map(({ at }) => at)).toEqual([1_000, 2_000, 11_000, 12_000]);
  });

  test("the delay comes after the rate", () => {
    const { time, send, arrivals } = badWire({ rateBytesPerSecond: 100_000, delay: milliseconds(5) });
    send(2);
    time.runFor(seconds(1));
    expect(arrivals.map(({ at }) => at)).toEqual([6_000, 7_000]);
  });

  test("fractions of a microsecond add up: three million frames a second is what it says", () => {
    const { time, send, arrivals } = badWire({ rateBytesPerSecond: 300_000_000 });
    send(900);
    time.runFor(seconds(1));
    expect(arrivals.at(-1)?.at).toBe(300);
  });

  test("the queue has a bound: the tail is dropped and counted", () => {
    const { time, send, marks, dropped, device } = badWire({ rateBytesPerSecond: 100_000, queueLimit: 3 });
    send(5);
    time.runFor(milliseconds(1));
    send(2);
    time.runFor(seconds(1));
    expect(marks()).toEqual([0, 1, 2, 5]);
    expect(dropped).toEqual(["queue-full", "queue-full", "queue-full"]);
    expect(device.transmitFates.queueFull).toBe(3);
  });
});

describe("ImpairedDevice", () => {
  test("impairs what it receives as well, independently", () => {
    const { time, device, far, send, marks } = badWire({ loss: 1 });
    const received: number[] = [];
    device.attach({ receive: frame => received.push(frame.length, time.now()), writable() {} });
    device.receiveImpairment = { delay: milliseconds(3) };
    send(1);
    far.transmit(PacketBuffer.from(new Uint8Array(42)));
    time.runFor(seconds(1));
    expect(marks()).toEqual([]);
    expect(received).toEqual([42, 3_000]);
  });

  test("a receiver that changes what it is given does not change the duplicate", () => {
    const time = new VirtualTime();
    const [near] = createPair(time, { medium: "ip" });
    const device = impair(near, { scheduler: time, random: new SeededRandom(1), receive: { duplicate: 1 } });
    const received: number[][] = [];
    device.attach({
      receive: frame => {
        received.push([...frame.view()]);
        frame.bytes.fill(0);
      },
      writable() {},
    });
    device.receive(PacketBuffer.from(Uint8Array.of(1, 2)));
    expect(received).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test("room in the device behind is no news to a sender that was never refused", () => {
    const time = new VirtualTime();
    const [near, far] = createPair(time, { medium: "ip", queueLimit: 10 });
    const transmit = { delay: milliseconds(5) };
    const device = impair(near, { scheduler: time, random: new SeededRandom(1), transmit });
    let arrived = 0;
    far.attach({ receive: () => arrived++, writable() {} });
    device.attach({ receive() {}, writable: () => expect.fail("nobody waits for this") });
    for (let i = 0; i < 35; i++) expect(device.transmit(PacketBuffer.from(new Uint8Array(20)))).toBe(true);
    time.runFor(seconds(1));
    expect(arrived).toBe(35);
  });

  test("passes on what is known of checksums, unless it damaged the frame", () => {
    const states: string[] = [];
    for (const receive of [
      {},
      { delay: milliseconds(1) },
      { corrupt: 1 },
      { corrupt: 1, delay: milliseconds(1) },
    ]) {
      const time = new VirtualTime();
      const [near] = createPair(time, { medium: "ip" });
      const device = impair(near, { scheduler: time, random: new SeededRandom(1), receive });
      device.attach({ receive: frame => states.push(frame.checksum), writable() {} });
      const frame = PacketBuffer.from(new Uint8Array(40));
      frame.checksum = "valid";
      device.receive(frame);
      time.runFor(seconds(1));
    }
    expect(states).toEqual(["valid", "valid", "unknown", "unknown"]);
  });

  test("a probability beyond 1, a negative delay, a rate of 0 are refused", () => {
    const { device } = badWire({});
    for (const bad of [
      { loss: 1.5 },
      { corrupt: -0.1 },
      { delay: -1 as Duration },
      { rateBytesPerSecond: 0 },
      { queueLimit: 0 },
    ]) {
      expect(() => {
        device.transmitImpairment = bad;
      }).toThrow("impairment");
    }
  });

  test("one seed gives one fate, another seed another", () => {
    const impairment: Impairment = {
      loss: 0.1,
      duplicate: 0.1,
      reorder: 0.1,
      corrupt: 0.1,
      delay: milliseconds(5),
      jitter: milliseconds(2),
      rateBytesPerSecond: 1e6,
    };
    const run = (seed: number): string => {
      const { time, send, arrivals } = badWire(impairment, seed);
      send(200);
      time.runFor(seconds(5));
      return JSON.stringify(arrivals);
    };
    expect(run(5)).toBe(run(5));
    expect(run(5)).not.toBe(run(6));
  });

  test("every frame is accounted for, whatever the impairment and however small the device behind", () => {
    const probability = fc.constantFrom(0, 0.1, 0.5, 1);
    const impairments = fc.record({
      loss: probability,
      duplicate: probability,
      reorder: probability,
      delay: fc.constantFrom(0, 1, 5_000).map(milliseconds),
      jitter: fc.constantFrom(0, 0, 3_000).map(milliseconds),
      rateBytesPerSecond: fc.constantFrom(undefined, 50_000, 10_000_000),
      queueLimit: fc.constantFrom(1, 5, 1_000),
    });
    fc.assert(
      fc.property(impairments, fc.nat(), fc.constantFrom(1, 3, 1_000), (transmit, seed, queueLimit) => {
        const time = new VirtualTime();
        const [near, far] = createPair(time, { medium: "ip", queueLimit });
        const device = impair(near, { scheduler: time, random: new SeededRandom(seed), transmit });
        let arrived = 0;
        far.attach({ receive: () => arrived++, writable() {} });
        let sent = 0;
        const fill = (): void => {
          while (sent < 60 && device.transmit(PacketBuffer.from(new Uint8Array(50)))) sent++;
        };
        device.attach({ receive() {}, writable: fill });
        fill();
        time.runFor(seconds(60));
        const { lost, duplicated, queueFull } = device.transmitFates;
        expect(sent).toBe(60);
        expect(arrived).toBe(sent + duplicated - lost - queueFull);
      }),
    );
  });
});

test("who looks on sees each fault, with the frame as it was before, and only as long as he likes", () => {
  const { time, device, send } = badWire({
    loss: 0.2,
    duplicate: 0.2,
    corrupt: 0.2,
    rateBytesPerSecond: 1e5,
    queueLimit: 3,
  });
  const seen = new Map<string, number>();
  const end = device.faults.observe((fault, direction, frame) => {
    expect(frame.length).toBe(100);
    // A corrupted frame is shown whole: its last 98 bytes are still zeros.
    expect(
      frame
        .view()
        .subarray(2)
        .every(byte => byte === 0),
    ).toBe(true);
    const key = `${fault} ${direction}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  });
  for (let i = 0; i < 100; i++) {
    send(3);
    time.runFor(milliseconds(2));
  }
  const { lost, duplicated, corrupted, queueFull } = device.transmitFates;
  expect(Object.fromEntries(seen)).toEqual({
    "lost out": lost,
    "duplicated out": duplicated,
    "corrupted out": corrupted,
    "queue-full out": queueFull,
  });
  end();
  send(100);
  expect([...seen.values()].reduce((sum, count) => sum + count)).toBe(
    lost + duplicated + corrupted + queueFull,
  );
});

test("what an impaired device loses of what it receives is told as coming in", () => {
  const time = new VirtualTime();
  const [near, far] = createPair(time, { medium: "ip" });
  const device = impair(near, { scheduler: time, random: new SeededRandom(1), receive: { loss: 1 } });
  device.attach({ receive() {}, writable() {} });
  const seen: string[] = [];
  device.faults.observe((fault, direction) => seen.push(`${fault} ${direction}`));
  far.transmit(PacketBuffer.from(new Uint8Array(20)));
  time.runFor(seconds(1));
  expect(seen).toEqual(["lost in"]);
});
