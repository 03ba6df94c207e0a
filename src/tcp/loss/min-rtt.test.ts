import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Duration, Instant } from "../../base/time.ts";
import { MinRtt } from "./min-rtt.ts";

const WINDOW = 1_000 as Duration;

function fed(...samples: Array<readonly [at: number, rtt: number]>): MinRtt {
  const min = new MinRtt(WINDOW);
  for (const [at, rtt] of samples) min.sample(rtt as Duration, at as Instant);
  return min;
}

describe("MinRtt: RFC 8985 §6.2 step 1", () => {
  test("is the smallest sample", () => {
    expect(fed().value).toBe(Number.POSITIVE_INFINITY);
    expect(fed([0, 30], [10, 20], [20, 40]).value).toBe(20);
  });

  test("a sample that is older than the window is forgotten, and the next best takes its place", () => {
    expect(fed([0, 10], [300, 30], [700, 50], [1_000, 60]).value).toBe(10);
    expect(fed([0, 10], [300, 30], [700, 50], [1_001, 60]).value).toBe(30);
    expect(fed([0, 10], [300, 30], [700, 50], [1_400, 60]).value).toBe(50);
  });

  test("after a long silence only the new sample counts", () => {
    expect(fed([0, 10], [5_000, 90]).value).toBe(90);
  });

  /** Samples of 1 to 1,000, each with its distance from the one before; `judge` is asked after each. */
  const holds = (
    shape: { readonly longestGap: number; readonly least: number; readonly most: number },
    judge: (value: number, since: (age: number) => number[]) => void,
  ): void => {
    const sample = fc.tuple(
      fc.integer({ min: 1, max: shape.longestGap }),
      fc.integer({ min: 1, max: 1_000 }),
    );
    fc.assert(
      fc.property(fc.array(sample, { minLength: shape.least, maxLength: shape.most }), steps => {
        const min = new MinRtt(WINDOW);
        const seen: Array<{ at: number; rtt: number }> = [];
        let at = 0;
        for (const [gap, rtt] of steps) {
          at += gap;
          min.sample(rtt as Duration, at as Instant);
          seen.push({ at, rtt });
          judge(min.value, age => seen.filter(one => at - one.at <= age).map(one => one.rtt));
        }
      }),
    );
  };

  test("is never smaller than any sample of the window, and one of them", () => {
    holds({ longestGap: 200, least: 1, most: 80 }, (value, since) => {
      expect(value).toBeGreaterThanOrEqual(Math.min(...since(WINDOW)));
      expect(since(WINDOW)).toContain(value);
    });
  });

  test("where samples come often it is no larger than any of the last half of the window", () => {
    holds({ longestGap: 50, least: 60, most: 120 }, (value, since) => {
      expect(value).toBeLessThanOrEqual(Math.min(...since(WINDOW / 2 - 51)));
    });
  });
});
