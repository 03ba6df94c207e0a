import { expect, test } from "vitest";
import type { Instant } from "../base/time.ts";
import { RateWindow } from "./rate-window.ts";

const MS = 1_000;

test("rates are those of the last second, and of what there is before a second has passed", () => {
  const rates = new RateWindow();
  const seen = (ms: number, sent: number) => rates.add((ms * MS) as Instant, sent, 2 * sent, 0, 0).sendRate;
  expect(seen(0, 0)).toBe(0);
  expect(seen(100, 1_000)).toBe(0);
  expect(seen(500, 5_000)).toBe(10_000);
  expect(seen(1_000, 10_000)).toBe(10_000);
  for (let ms = 1_100; ms <= 2_000; ms += 100) seen(ms, 10_000);
  expect(seen(2_300, 10_000)).toBe(0);
  expect(seen(2_800, 60_000)).toBeGreaterThan(30_000);
});

test("still: nothing for a second, neither bytes nor losses", () => {
  const rates = new RateWindow();
  const still = (ms: number, lost: number): boolean => {
    rates.add((ms * MS) as Instant, 10, 10, lost, 0);
    return rates.isStill;
  };
  expect([still(0, 0), still(500, 0), still(1_000, 0)]).toEqual([false, false, true]);
  expect([still(1_300, 1), still(1_800, 1), still(2_600, 1)]).toEqual([false, false, true]);
});
