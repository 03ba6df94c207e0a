import { expect, test } from "vitest";
import { at, RATE } from "../../../../test/tcp/bbr.ts";
import { AckAggregation } from "./ack-aggregation.ts";

const MOST = 1_000_000;

test("acknowledgments at the expected rate are nothing extra", () => {
  const aggregation = new AckAggregation(at(0));
  for (let ms = 1; ms <= 20; ms++) aggregation.update(1_000, RATE, MOST, at(ms), 1, true);
  expect(aggregation.extra).toBeLessThanOrEqual(1_000);
});

test("what comes at once beyond it is extra, for ten round trips (§5.5.9)", () => {
  const aggregation = new AckAggregation(at(0));
  aggregation.update(1_000, RATE, MOST, at(1), 1, true);
  aggregation.update(30_000, RATE, MOST, at(2), 1, true);
  expect(aggregation.extra).toBe(30_000);
  for (let round = 2; round <= 11; round++) {
    aggregation.update(1_000, RATE, MOST, at(100 * round), round, true);
  }
  expect(aggregation.extra).toBe(30_000);
  aggregation.update(1_000, RATE, MOST, at(2_000), 12, true);
  expect(aggregation.extra).toBeLessThanOrEqual(1_000);
});

test("in Startup only for one; never more than the window; and idle time is not waited for", () => {
  const aggregation = new AckAggregation(at(0));
  aggregation.update(30_000, RATE, 20_000, at(0), 1, false);
  expect(aggregation.extra).toBe(20_000);
  aggregation.update(1_000, RATE, 20_000, at(100), 3, false);
  expect(aggregation.extra).toBe(1_000);
  aggregation.restart(at(5_000));
  aggregation.update(3_000, RATE, 20_000, at(5_001), 4, false);
  expect(aggregation.extra).toBe(3_000);
});
