import { expect, test } from "vitest";
import type { Instant } from "../base/time.ts";
import type { EventName } from "../trace/event.ts";
import { EventBudget, SkippedEvents } from "./event-budget.ts";

const at = (time: number): Instant => time as Instant;

function taken(budget: EventBudget, name: EventName, count: number, time: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (!budget.has(name, at(time))) continue;
    budget.spent(name);
    sum++;
  }
  return sum;
}

test("so many events in ten milliseconds, each kind for itself, and as many in the next ten", () => {
  const budget = new EventBudget({ steps: 5, metrics: 2, traffic: 100 });
  expect(taken(budget, "tcp:sent", 1_000, 10_000)).toBe(100);
  expect(taken(budget, "tcp:received", 10, 19_999)).toBe(0);
  expect(taken(budget, "tcp:metrics", 10, 19_999)).toBe(2);
  expect(taken(budget, "tcp:state", 10, 19_999)).toBe(5);
  expect(taken(budget, "tcp:received", 1_000, 20_000)).toBe(100);
  expect(taken(budget, "tcp:lost", 10, 20_000)).toBe(5);
});

test("what was skipped is counted for each connection, told once, and bounded", () => {
  const skipped = new SkippedEvents();
  for (let i = 0; i < 3; i++) skipped.count(7);
  skipped.count(8);
  expect([skipped.take(7), skipped.take(7), skipped.take(8)]).toEqual([3, 0, 1]);
  for (let connection = 1; connection <= 20_000; connection++) skipped.count(connection);
  expect(skipped.take(10_000)).toBe(1);
  expect(skipped.take(20_000)).toBe(0);
  expect(skipped.take(0)).toBe(10_000);
});
