import { expect, test } from "vitest";
import type { TraceEvent } from "../trace/event.ts";
import { EventHistory } from "./event-history.ts";

const step = (connection: number, time: number): TraceEvent => ({
  time,
  host: "a",
  connection,
  name: "tcp:state",
  data: { from: "CLOSED", to: "SYN-SENT", cause: "active OPEN" },
});

const read = (connection: number, time: number): TraceEvent => ({
  time,
  host: "a",
  connection,
  name: "tcp:read",
  data: { bytes: 1 },
});

test("steps and traffic come in the order in which they happened", () => {
  const history = new EventHistory({ steps: 10, traffic: 10 });
  for (const event of [step(1, 1), read(1, 2), read(2, 3), step(2, 4), read(1, 5), step(1, 6)])
    history.add(event);
  expect(history.of(new Set([1]), 100).map(({ time }) => time)).toEqual([1, 2, 5, 6]);
  expect(history.of(new Set([1, 2]), 100).map(({ time }) => time)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(history.of(new Set([3]), 100)).toEqual([]);
});

test("a busy connection's segments push out the oldest of them, and not the steps of another", () => {
  const history = new EventHistory({ steps: 3, traffic: 4 });
  history.add(step(1, 0));
  for (let time = 1; time <= 10_000; time++) history.add(read(2, time));
  expect(history.of(new Set([1]), 100).map(({ time }) => time)).toEqual([0]);
  expect(history.of(new Set([2]), 100).map(({ time }) => time)).toEqual([9_997, 9_998, 9_999, 10_000]);
  for (let time = 1; time <= 3; time++) history.add(step(3, time));
  expect(history.of(new Set([1]), 100)).toEqual([]);
});

test("of more than is asked for, the newest", () => {
  const history = new EventHistory({ steps: 3, traffic: 10 });
  for (let time = 1; time <= 9; time++) history.add(read(1, time));
  expect(history.of(new Set([1]), 2).map(({ time }) => time)).toEqual([8, 9]);
  expect(history.of(new Set([1]), 2).map(({ time }) => time)).toEqual([8, 9]);
});
