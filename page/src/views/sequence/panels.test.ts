import { expect, test } from "vitest";
import { StoryBuilder } from "../../../../src/inspect/story-builder.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import { comparedPanels, metricPanels, rangeOf, sequenceText, valueAt } from "./panels.ts";
import { Work } from "./time-columns.ts";

function told(...events: [string, number, object][]) {
  const builder = new StoryBuilder(1);
  for (const [name, time, data] of events) {
    builder.apply({ time, host: "", connection: 1, name, data } as unknown as TraceEvent);
  }
  return builder.story;
}

const metrics = {
  cwnd: 10,
  inFlight: 4,
  sendWindow: 900,
  receiveWindow: 1,
  srtt: 0,
  rttvar: 0,
  minRtt: 0,
  rto: 1_000,
};
const STRETCH = { from: 0, to: 100 };

test("each panel has its lines; what is not known yet is no zero", () => {
  const story = told(
    ["tcp:metrics", 10, metrics],
    ["tcp:metrics", 20, { ...metrics, srtt: 30, ssthresh: 77, pacingRate: 5 }],
    ["tcp:acknowledged", 20, { acknowledgment: 5, bytes: 5, sackedBytes: 0, rtt: 30 }],
  );
  const lines = metricPanels(story).map(({ name, series }) => [
    name,
    series.map(one => [one.name, one.line(STRETCH, 100, new Work()).times.length]),
  ]);
  expect(lines).toEqual([
    [
      "rtt",
      [
        ["rtt", 1],
        ["srtt", 1],
        ["rto", 2],
      ],
    ],
    [
      "windows",
      [
        ["inFlight", 2],
        ["cwnd", 2],
        ["ssthresh", 1],
        ["sendWindow", 2],
      ],
    ],
    [
      "rates",
      [
        ["throughput", 101],
        ["pacing", 1],
      ],
    ],
  ]);
});

test("compared connections may each begin at their own opening", () => {
  const first = { name: "a", story: told(["tcp:metrics", 10, metrics]), shift: 0 };
  const second = { name: "b", story: told(["tcp:metrics", 510, metrics]), shift: 500 };
  const [cwnd, rate] = comparedPanels([first, second]);
  const times = cwnd?.series.map(({ line }) => line(STRETCH, 100, new Work()).times);
  expect(times).toEqual([[10], [10]]);
  expect(new Set(cwnd?.series.map(({ token }) => token)).size).toBe(2);
  expect(rate?.series.map(({ name }) => name)).toEqual(["a", "b"]);
});

test("an axis goes by its own lines, and takes in outer ones that are not far above", () => {
  const line = (...values: number[]) => ({ times: values.map((_, i) => i), values });
  const inner = { line: line(50, 100), isOuter: false };
  expect(rangeOf([inner])).toEqual([0, 106]);
  expect(rangeOf([inner, { line: line(200, 9_000), isOuter: true }])).toEqual([0, 212]);
  expect(rangeOf([{ line: line(9_000), isOuter: true }])).toEqual([0, 9_540]);
  expect(rangeOf([])).toEqual([0, 1]);
});

test("the value at an instant is the last one before it", () => {
  const line = { times: [10, 20, 30], values: [1, 2, 3] };
  expect([9, 10, 25, 99].map(time => valueAt(line, time))).toEqual([undefined, 1, 2, 3]);
});

test("sequence numbers are told in full, as long as they are short", () => {
  expect(sequenceText(1_234_567, "en")).toBe("1,234,567");
  expect([10_000_000, 12_345_678].map(value => sequenceText(value, "en"))).toEqual(["10M", "12.346M"]);
  expect(sequenceText(15_000_000, "zh-CN")).toBe("1500万");
});
