import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { thinnedOut, throughputOf } from "./thin-out.ts";

const points = fc
  .array(fc.tuple(fc.nat(50), fc.integer({ min: -1_000, max: 1_000 })), { maxLength: 400 })
  .map(steps => {
    let time = 0;
    return steps.map(([step, value]) => {
      time += step;
      return { time, value };
    });
  });

describe("a thinned line", () => {
  test("has at most four points a column, in order, and each column's extremes", () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 40 }), (items, columns) => {
        const stretch = { from: 1_000, to: 5_000 };
        const line = thinnedOut(items, ({ value }) => value, stretch, columns);
        expect(line.times.length).toBeLessThanOrEqual(4 * columns + 8);
        expect([...line.times].sort((a, b) => a - b)).toEqual(line.times);
        const inside = items.filter(({ time }) => time >= 1_000 && time <= 5_000).map(({ value }) => value);
        const kept = line.values.filter(
          (_, i) => (line.times[i] ?? 0) >= 1_000 && (line.times[i] ?? 0) <= 5_000,
        );
        expect(Math.max(...kept)).toBe(Math.max(...inside));
        expect(Math.min(...kept)).toBe(Math.min(...inside));
      }),
    );
  });

  test("is the whole line where there are few points, with one on either side", () => {
    const items = [0, 10, 20, 30, 40, 50].map(time => ({ time }));
    const line = thinnedOut(items, ({ time }) => time, { from: 15, to: 35 }, 100);
    expect(line.times).toEqual([10, 20, 30, 40]);
  });

  test("knows no points that have no value", () => {
    const items = [1, 2, 3].map(time => ({ time }));
    const line = thinnedOut(items, ({ time }) => (time === 2 ? undefined : time), { from: 0, to: 9 }, 9);
    expect(line.values).toEqual([1, 3]);
  });

  test("of a million points is made with a look at some of them", () => {
    let asked = 0;
    const items = Array.from({ length: 1_000_000 }, (_, time) => ({ time }));
    const ask = ({ time }: { time: number }) => {
      asked++;
      return time % 977;
    };
    expect(thinnedOut(items, ask, { from: 0, to: 1e6 }, 1_000).times.length).toBeLessThanOrEqual(4_008);
    expect(asked).toBeLessThan(50_000);
  });
});

test("throughput is what came in each part, as a rate", () => {
  const items = [0, 10, 20, 30, 99, 100, 200].map(time => ({ time, bytes: 100 }));
  const { times, values } = throughputOf(items, { from: 0, to: 100 }, 4);
  expect(times).toEqual([12.5, 37.5, 62.5, 87.5]);
  expect(values).toEqual([12e6, 4e6, 0, 8e6]);
});
