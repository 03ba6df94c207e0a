import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ThinnedLine, Throughput } from "./thin-out.ts";
import { Work } from "./time-columns.ts";
import type { Stretch } from "./time-range.ts";

interface Timed {
  readonly time: number;
}

function thinnedOut<Item extends Timed>(
  items: readonly Item[],
  measure: (item: Item) => number | undefined,
  stretch: Stretch,
  columns: number,
) {
  return new ThinnedLine(items, measure).over(stretch, columns, new Work(Number.POSITIVE_INFINITY));
}

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
      fc.property(points, fc.constantFrom(1, 2, 8, 32), (items, columns) => {
        // Columns of a power of two, so that they begin and end with the stretch.
        const stretch = { from: 1_024, to: 5_119 };
        const line = thinnedOut(items, ({ value }) => value, stretch, columns);
        expect(line.times.length).toBeLessThanOrEqual(4 * columns + 2);
        expect([...line.times].sort((a, b) => a - b)).toEqual(line.times);
        const isInside = (time: number) => time >= stretch.from && time <= stretch.to;
        const inside = items.filter(({ time }) => isInside(time)).map(({ value }) => value);
        const kept = line.values.filter((_, i) => isInside(line.times[i] ?? 0));
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

  test("of a million points takes several pictures, and then costs what is new", () => {
    let asked = 0;
    const items = Array.from({ length: 1_000_000 }, (_, time) => ({ time }));
    const line = new ThinnedLine(items, ({ time }) => {
      asked++;
      return time % 977;
    });
    const picture = (to: number): Work => {
      const work = new Work();
      asked = 0;
      expect(line.over({ from: 0, to }, 1_000, work).times.length).toBeLessThanOrEqual(4_008);
      return work;
    };
    let pictures = 1;
    while (picture(1e6).isBehind) {
      pictures++;
      expect(asked).toBeLessThan(30_000);
    }
    expect(pictures).toBeGreaterThan(40);
    for (let time = 1_000_000; time < 1_000_200; time++) items.push({ time });
    expect(picture(1_000_200).isBehind).toBe(false);
    expect(asked).toBeLessThan(4_000);
  });
});

test("throughput is what came in each part, as a rate", () => {
  const items = [0, 10, 20, 30, 99, 100, 200].map(time => ({ time, bytes: 100 }));
  const { times, values } = new Throughput(items).over({ from: 0, to: 127 }, 4, new Work());
  expect(times).toEqual([16, 48, 80, 112]);
  expect(values).toEqual([12.5e6, 0, 0, 6.25e6]);
});
