import { describe, expect, test } from "vitest";
import { StoryBuilder } from "../../../../src/inspect/story-builder.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import { boundsOf, type Flow, flowOf } from "./flow.ts";
import { SequenceColumns, sequenceRange } from "./sequence-shapes.ts";
import { Work } from "./time-columns.ts";
import type { Stretch } from "./time-range.ts";

const header = { sequence: 0, acknowledgment: 0, flags: "ACK", length: 0, window: 1_000 };

class Told {
  readonly builder = new StoryBuilder(1);

  sent(time: number, data: object): this {
    return this.#tell("tcp:sent", time, { ...header, reason: "text", ...data });
  }

  received(time: number, data: object): this {
    return this.#tell("tcp:received", time, { ...header, ...data });
  }

  #tell(name: string, time: number, data: object): this {
    this.builder.apply({ time, host: "", connection: 1, name, data } as unknown as TraceEvent);
    return this;
  }

  get flow(): Flow {
    return flowOf("near", this.builder.story, undefined);
  }
}

function sequenceShapes(flow: Flow, stretch: Stretch, columns: number) {
  return new SequenceColumns(flow).over(stretch, columns, new Work(Number.POSITIVE_INFINITY));
}

const STRETCH = { from: 0, to: 100 };

test("text is a stroke at its time, by the cause of its being sent again", () => {
  const told = new Told().sent(0, { flags: "SYN" }).sent(10, { sequence: 1, length: 100 });
  told.sent(50, { sequence: 1, length: 100, cause: "rack" }).sent(90, { sequence: 101, flags: "FIN ACK" });
  const { text, marks, lowest, highest } = sequenceShapes(told.flow, STRETCH, 100);
  expect([...text]).toEqual([
    ["sent", [{ time: 10.5, low: 1, high: 101 }]],
    ["cause-rack", [{ time: 50.5, low: 1, high: 101 }]],
  ]);
  expect(marks).toEqual([
    { time: 0, sequence: 0, kind: "SYN" },
    { time: 90, sequence: 101, kind: "FIN" },
  ]);
  expect([lowest, highest]).toEqual([0, 101]);
});

test("what answers makes the acknowledged line, the window's line above it, and SACK ranges", () => {
  const told = new Told().sent(0, { sequence: 0, length: 900 });
  told.received(10, { acknowledgment: 300 }).received(20, { acknowledgment: 300, sack: [[600, 900]] });
  const shapes = sequenceShapes(told.flow, STRETCH, 100);
  expect(shapes.acknowledged).toEqual([
    { time: 10, value: 300 },
    { time: 20, value: 300 },
  ]);
  expect(shapes.window.map(({ value }) => value)).toEqual([1_300, 1_300]);
  expect(shapes.sacked).toEqual([{ time: 20.5, low: 600, high: 900 }]);
});

test("the other direction is told by its receiver where its sender is not known", () => {
  const told = new Told().received(10, { sequence: 7, length: 5 }).sent(20, { acknowledgment: 12 });
  const shapes = sequenceShapes(flowOf("far", told.builder.story, undefined), STRETCH, 100);
  expect(shapes.text.get("sent")).toEqual([{ time: 10.5, low: 0, high: 5 }]);
  expect(shapes.acknowledged).toEqual([{ time: 20, value: 5 }]);
  const far = new Told().builder.story;
  expect(flowOf("far", told.builder.story, far)).toEqual({ story: far, isSender: true });
});

test("the lines begin with the last acknowledgment before the stretch", () => {
  const told = new Told()
    .sent(0, { length: 10 })
    .received(10, { acknowledgment: 10 })
    .sent(60, { length: 1 });
  const shapes = sequenceShapes(told.flow, { from: 50, to: 100 }, 50);
  expect(shapes.acknowledged).toEqual([{ time: 10, value: 10 }]);
  expect(shapes.lowest).toBe(0);
});

describe("however many segments there are", () => {
  test("shapes are bounded by columns, and no stroke's ends are lost", () => {
    const told = new Told();
    for (let i = 0; i < 20_000; i++) {
      told.sent(i / 200, { sequence: 3_000 * (i % 997), length: 1_000 });
      told.received(i / 200, { acknowledgment: i });
    }
    const { text, acknowledged, lowest, highest } = sequenceShapes(told.flow, STRETCH, 10);
    const strokes = text.get("sent") ?? [];
    expect(strokes.length).toBeLessThanOrEqual(13 * 48);
    expect(acknowledged.length).toBeLessThanOrEqual(14 * 3);
    expect(acknowledged.at(-1)?.value).toBe(19_999);
    expect(Math.max(...strokes.map(({ high }) => high))).toBe(highest);
    expect([lowest, highest]).toEqual([0, 3_000 * 996 + 1_000]);
  });

  test("of a window's ups and downs within a column the first, the highest and the last stay", () => {
    const told = new Told();
    for (const [i, window] of [10, 500, 20, 0, 30].entries())
      told.received(i / 10, { window, acknowledgment: 0 });
    const { window } = sequenceShapes(told.flow, STRETCH, 10);
    expect(window.map(({ value }) => value)).toEqual([10, 500, 30]);
  });
});

test("the axis goes beyond the text to the window's line, but not to one far above", () => {
  const told = new Told().sent(0, { length: 1_000 }).received(5, { window: 1_500 });
  const shapes = sequenceShapes(told.flow, STRETCH, 10);
  expect(sequenceRange(shapes, true)).toEqual([-60, 1_560]);
  expect(sequenceRange(shapes, false)).toEqual([-40, 1_040]);
  told.received(6, { window: 60_000 });
  expect(sequenceRange(sequenceShapes(told.flow, STRETCH, 100), true)[1]).toBeCloseTo(1_560);
});

test("time goes from the first that is known to the last that has happened", () => {
  const told = new Told().sent(40, {}).received(90, {});
  expect(boundsOf([told.builder.story])).toEqual({ from: 40, to: 90 });
  expect(boundsOf([new Told().builder.story])).toEqual({ from: 0, to: 0 });
});
