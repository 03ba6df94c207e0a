import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Slice, TimeColumns, Work } from "./time-columns.ts";

const identity = (time: number): number => time;
const every = new Work(Number.POSITIVE_INFINITY);

/** Columns that tell what is in them, of a list that grows. */
function told(items: number[]) {
  return new TimeColumns<number, number[]>(items, identity, ({ begin, end }: Slice<number>) =>
    items.slice(begin, end),
  );
}

describe("columns of time", () => {
  test("have all items of the stretch, each once, however the stretch has moved and the list has grown", () => {
    const looks = fc.array(
      fc.record({
        more: fc.array(fc.nat(40), { maxLength: 20 }),
        from: fc.nat(500),
        length: fc.integer({ min: 1, max: 1_000 }),
        columns: fc.integer({ min: 1, max: 50 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(looks, all => {
        const items: number[] = [];
        const columns = told(items);
        for (const look of all) {
          for (const step of look.more) items.push((items.at(-1) ?? 0) + step);
          const stretch = { from: look.from, to: look.from + look.length };
          const found = columns.over(stretch, look.columns, every);
          const { width } = columns;
          const first = Math.floor(stretch.from / width) * width;
          const end = (Math.floor(stretch.to / width) + 1) * width;
          expect(found.flatMap(({ column }) => column)).toEqual(
            items.filter(time => time >= first && time < end),
          );
          for (const { at, column } of found)
            expect(column.every(time => Math.floor(time / width) === at)).toBe(true);
        }
      }),
    );
  });

  test("are about as many as were asked for", () => {
    const items = Array.from({ length: 10_000 }, (_, time) => time);
    for (const asked of [10, 33, 77, 100, 500]) {
      const { length } = told(items).over({ from: 0, to: 9_999 }, asked, every);
      expect(length).toBeGreaterThan(asked / 1.5);
      expect(length).toBeLessThan(asked * 1.5 + 2);
    }
  });

  test("stand as they were until those of another width are all there", () => {
    const items = Array.from({ length: 1_000 }, (_, time) => time);
    const columns = told(items);
    const before = columns.over({ from: 0, to: 1_000 }, 10, every);
    const work = () => new Work(300);
    for (let i = 0; i < 3; i++) {
      const meanwhile = work();
      expect(columns.over({ from: 0, to: 1_000 }, 40, meanwhile)).toEqual(before);
      expect(meanwhile.isBehind).toBe(true);
    }
    const last = work();
    expect(columns.over({ from: 0, to: 1_000 }, 40, last).length).toBeGreaterThan(30);
    expect(last.isBehind).toBe(false);
  });

  test("that are past are not gathered again", () => {
    const items = Array.from({ length: 10_000 }, (_, time) => time);
    const columns = told(items);
    columns.over({ from: 0, to: 10_000 }, 100, every);
    for (let time = 10_000; time < 10_100; time++) items.push(time);
    const work = new Work(1_000);
    columns.over({ from: 0, to: 10_100 }, 100, work);
    expect(work.left).toBeGreaterThan(500);
  });

  test("that are past are not gathered again either when the margin before all of them grows", () => {
    const items = Array.from({ length: 10_000 }, (_, time) => 50_000 + time);
    const columns = told(items);
    columns.over({ from: 49_000, to: 61_000 }, 100, every);
    const work = new Work(1_000);
    columns.over({ from: 48_000, to: 62_000 }, 100, work);
    expect(work.left).toBeGreaterThan(500);
    expect(work.isBehind).toBe(false);
  });
});
