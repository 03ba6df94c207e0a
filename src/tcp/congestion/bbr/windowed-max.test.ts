import fc from "fast-check";
import { expect, test } from "vitest";
import { WindowedMax } from "./windowed-max.ts";

function values(list: readonly (readonly [value: number, time: number])[], length: number): number[] {
  const max = new WindowedMax();
  return list.map(([value, time]) => max.update(value, time, length));
}

test("is the largest value", () => {
  expect(
    values(
      [
        [3, 1],
        [5, 2],
        [4, 3],
        [7, 4],
      ],
      10,
    ),
  ).toEqual([3, 5, 5, 7]);
});

test("forgets a value that is older than the window, and falls to the next largest", () => {
  expect(
    values(
      [
        [9, 0],
        [5, 3],
        [4, 6],
        [3, 7],
        [2, 11],
        [1, 14],
      ],
      10,
    ),
  ).toEqual([9, 9, 9, 9, 5, 4]);
});

test("after a long silence only the new value counts", () => {
  expect(
    values(
      [
        [9, 0],
        [5, 2],
        [1, 100],
      ],
      10,
    ).at(-1),
  ).toBe(1);
});

test("is never more than the largest of the window, nor less than the newest value", () => {
  const step = fc.record({ value: fc.nat(1_000), passed: fc.nat(6) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), steps => {
      const max = new WindowedMax();
      const seen: { value: number; time: number }[] = [];
      let time = 0;
      for (const { value, passed } of steps) {
        time += passed;
        seen.push({ value, time });
        const got = max.update(value, time, 10);
        const inWindow = seen.filter(one => time - one.time <= 10).map(one => one.value);
        expect(got).toBeLessThanOrEqual(Math.max(...inWindow));
        expect(got).toBeGreaterThanOrEqual(value);
        expect(inWindow).toContain(got);
      }
    }),
  );
});
