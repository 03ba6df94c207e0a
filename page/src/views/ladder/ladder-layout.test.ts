import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { StoryBuilder } from "../../../../src/inspect/story-builder.ts";
import { StoryPair } from "../../../../src/inspect/story-pair.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import { AT_ONCE, LadderLayout } from "./ladder-layout.ts";

const SCALE = { perMicro: 1, row: 16, longestGap: 100 };
const header = { acknowledgment: 0, flags: "ACK", length: 10, window: 100, reason: "text" };

class Ladder {
  readonly near = new StoryBuilder(1);
  readonly far = new StoryBuilder(2);
  readonly pair: StoryPair;
  layout: LadderLayout;

  constructor(limit?: number) {
    this.pair = new StoryPair(this.near.story, this.far.story, limit);
    this.layout = new LadderLayout(this.pair, SCALE);
  }

  tell(name: string, connection: number, time: number, data: object): this {
    const event = { time, host: "", connection, name, data } as unknown as TraceEvent;
    this.near.apply(event);
    this.far.apply(event);
    return this;
  }

  /** The nth text of the near end, under way for a while. */
  text(nth: number, sentAt: number, receivedAt?: number): this {
    if (receivedAt === undefined) return this.tell("tcp:sent", 1, sentAt, { ...header, sequence: 10 * nth });
    return this.tell("tcp:received", 2, receivedAt, { ...header, sequence: 10 * nth });
  }

  /** As the model does: better estimates want a layout anew. */
  look(): void {
    const changed = this.pair.update();
    if (this.layout.basis !== this.pair.basis) this.layout = new LadderLayout(this.pair, SCALE);
    do this.layout.update(changed);
    while (this.layout.isBehind);
  }

  lines(): [number, number | undefined][] {
    this.look();
    return this.layout.arrows.map(({ leaveY, arriveY }) => [leaveY, arriveY]);
  }
}

test("time runs down to scale where there is room, and equal instants stand below each other", () => {
  const ladder = new Ladder();
  ladder.text(0, 0).text(1, 0).text(2, 40).text(0, 0, 60).text(1, 0, 60).text(2, 0, 100);
  expect(ladder.lines()).toEqual([
    [28, 104],
    [44, 120],
    [84, 160],
  ]);
});

test("a long silence becomes a gap that tells how long it was", () => {
  const ladder = new Ladder().text(0, 0).text(0, 0, 50).text(1, 10_050);
  expect(ladder.lines()[1]?.[0]).toBe(122);
  expect(ladder.layout.gapsIn(0, 1_000)).toEqual([{ fromY: 78, toY: 122, duration: 10_000 }]);
  expect(ladder.layout.gapsIn(200, 300)).toEqual([]);
});

test("states and fired timers stand at the line of their instant, on their end's side", () => {
  const ladder = new Ladder();
  ladder.tell("tcp:state", 1, 0, { from: "CLOSED", to: "SYN-SENT", cause: "active OPEN" });
  ladder.text(0, 0).text(0, 0, 50);
  ladder.tell("tcp:state", 2, 50, { from: "LISTEN", to: "SYN-RECEIVED", cause: "SYN" });
  ladder.tell("tcp:sent", 2, 50, { ...header, sequence: 0 });
  ladder.tell("tcp:timer", 1, 70, { timer: "retransmit", change: "set", at: 90 });
  ladder.tell("tcp:timer", 1, 90, { timer: "retransmit", change: "fired" });
  ladder.lines();
  const marks = ladder.layout.marksIn(0, 1_000).map(({ end, y, what }) => [end, y, Object.keys(what)[0]]);
  expect(marks).toEqual([
    ["near", 28, "state"],
    ["far", 78, "state"],
    ["near", 130.8, "timer"],
  ]);
});

test("a line of which nobody knows its arrival has none, until it is known", () => {
  const ladder = new Ladder().text(0, 5);
  expect(ladder.lines()).toEqual([[28, undefined]]);
  ladder.text(0, 0, 25);
  expect(ladder.lines()).toEqual([[28, 48]]);
});

test("a place and its instant belong together", () => {
  const ladder = new Ladder().text(0, 1_000).text(0, 0, 1_050).text(1, 9_000).text(1, 0, 9_020);
  ladder.lines();
  const { layout } = ladder;
  expect(layout.timeAt(28)).toBe(1_000);
  expect(layout.timeAt(53)).toBe(1_025);
  expect(layout.yAt(1_025)).toBe(53);
  expect(layout.yAt(9_000)).toBe(122);
  expect(layout.timeAt(100)).toBe(1_050 + (9_000 - 1_050) / 2);
  expect(layout.yAt(-5)).toBe(28);
  expect(layout.timeAt(5_000)).toBe(9_020);
});

test("only what may cross a stretch is asked for", () => {
  const ladder = new Ladder();
  for (let i = 0; i < 100; i++) ladder.text(i, 100 * i).text(i, 0, 100 * i + 50);
  ladder.lines();
  const found = ladder.layout.arrowsIn(ladder.layout.yAt(5_010), ladder.layout.yAt(5_230));
  expect(found.map(({ paired }) => paired.place)).toEqual([50, 51, 52]);
});

test("a look costs what is new, however many timers have been set and called off", () => {
  const ladder = new Ladder();
  const setTimer = (time: number) =>
    ladder.tell("tcp:timer", 1, time, { timer: "retransmit", change: "set", at: time + 1_000 });
  for (let i = 0; i < 500; i++) {
    ladder.text(i, 100 * i).text(i, 0, 100 * i + 50);
    setTimer(100 * i);
  }
  ladder.lines();
  const looks = vi.spyOn(ladder.pair, "leftAt");
  ladder.text(500, 50_000);
  setTimer(50_000);
  expect(ladder.lines()).toHaveLength(501);
  expect(looks.mock.calls.length).toBeLessThan(20);
});

test("what the pair forgets goes from the front, and nothing else is laid out anew", () => {
  const ladder = new Ladder(1_000);
  for (let i = 0; i < 1_250; i++) ladder.text(i, 100 * i).text(i, 0, 100 * i + 50);
  ladder.look();
  const looks = vi.spyOn(ladder.pair, "leftAt");
  const before = ladder.layout.height;
  ladder.text(1_250, 125_000).text(1_250, 0, 125_050);
  const [first] = ladder.lines();
  expect(ladder.pair.forgotten).toBe(251);
  expect(looks.mock.calls.length).toBeLessThan(20);
  expect([first, ladder.lines()[1]]).toEqual([
    [28, 78],
    [128, 178],
  ]);
  expect(ladder.layout.height).toBe(before + 100 - 25_100);
  expect(ladder.layout.forgottenHeight).toBe(25_100);
  expect(ladder.layout.arrowsIn(100, 200).map(({ paired }) => paired.place)).toEqual([252]);
  expect(ladder.layout.timeAt(28)).toBe(25_100);
});

test("a long past is laid out in parts, each no longer than another", () => {
  const ladder = new Ladder();
  for (let i = 0; i < 3 * AT_ONCE; i++) ladder.text(i, 100 * i).text(i, 0, 100 * i + 50);
  ladder.pair.update();
  const layout = new LadderLayout(ladder.pair, SCALE);
  const looks = vi.spyOn(ladder.pair, "leftAt");
  const counts: number[] = [];
  do {
    layout.update(Number.POSITIVE_INFINITY);
    counts.push(looks.mock.calls.length);
    looks.mockClear();
  } while (layout.isBehind);
  expect(counts).toHaveLength(3);
  expect(Math.max(...counts)).toBeLessThan(AT_ONCE + 50);
});

test("seen by one end, what came in had left before what was sent meanwhile", () => {
  const ladder = new Ladder();
  const come = (time: number) => ladder.tell("tcp:received", 1, time, { ...header, sequence: time });
  ladder
    .text(0, 0)
    .tell("tcp:acknowledged", 1, 100, { acknowledgment: 10, bytes: 10, sackedBytes: 0, rtt: 100 });
  come(100).look();
  ladder.text(1, 500);
  come(501);
  const leaves = ladder.lines().map(([leave]) => leave);
  expect(leaves.slice(2)).toEqual([ladder.layout.yAt(500), ladder.layout.yAt(451)]);
  expect((leaves[2] ?? 0) - (leaves[3] ?? 0)).toBeCloseTo(49);
});

describe("however it grows", () => {
  const steps = fc.array(
    fc.record({
      pause: fc.nat(300),
      delay: fc.integer({ min: 1, max: 90 }),
      isLost: fc.boolean(),
      timer: fc.constantFrom("none", "set", "fired"),
    }),
    { minLength: 1, maxLength: 80 },
  );
  type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

  /** The same events, with a look after each `every`. */
  function grown(wire: Step[], every: number): Ladder {
    const ladder = new Ladder();
    let now = 0;
    const events: { time: number; tell: () => void }[] = [];
    for (const [i, { pause, delay, isLost, timer }] of wire.entries()) {
      now += pause;
      const time = now;
      const change = { timer: "retransmit", change: timer, at: time + 1 };
      if (timer !== "none")
        events.push({ time, tell: () => ladder.tell("tcp:timer", 1 + (i % 2), time, change) });
      events.push({ time, tell: () => ladder.text(i, time) });
      if (!isLost) events.push({ time: time + delay, tell: () => ladder.text(i, 0, time + delay) });
      const lost = { ...header, sequence: 10 * i, link: "l", fault: "lost" };
      if (isLost) events.push({ time, tell: () => ladder.tell("link:lost", 1, time, lost) });
    }
    events.sort((a, b) => a.time - b.time);
    for (const [i, { tell }] of events.entries()) {
      tell();
      if (i % every === 0) ladder.look();
    }
    ladder.look();
    return ladder;
  }

  test("it is what it would be at once", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 9 }), (wire, every) => {
        const [often, once] = [grown(wire, every), grown(wire, 1_000)];
        expect(often.lines()).toEqual(once.lines());
        expect(often.layout.marksIn(0, 1e6)).toEqual(once.layout.marksIn(0, 1e6));
      }),
    );
  });

  test("lines of an end keep apart, and nothing comes before it has left", () => {
    fc.assert(
      fc.property(steps, wire => {
        const lines = grown(wire, 3).lines();
        const apart = (ys: number[]) =>
          ys.every((y, i) => i === 0 || y - (ys[i - 1] ?? 0) >= SCALE.row - 1e-6);
        expect(apart(lines.map(([leave]) => leave))).toBe(true);
        const come = lines.filter((_, i) => wire[i]?.isLost === false).map(([, arrive]) => arrive ?? -1);
        expect(apart(come.sort((a, b) => a - b))).toBe(true);
        expect(lines.every(([leave, arrive]) => arrive === undefined || arrive >= leave)).toBe(true);
      }),
    );
  });
});
