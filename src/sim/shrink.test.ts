import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shrink, shrinkAsync } from "./shrink.ts";

describe("shrink", () => {
  test("leaves the choices that matter, and no others", () => {
    const choices = Array.from({ length: 200 }, (_, i) => i);
    const fails = (list: readonly number[]): boolean => list.includes(17) && list.includes(123);
    expect(shrink(choices, fails)).toEqual([17, 123]);
  });

  test("makes numbers as small as they may be", () => {
    expect(shrink([900, -1_000, 5], list => (list[0] ?? 0) >= 301 && (list[1] ?? 0) < -77)).toEqual([
      301, -78,
    ]);
  });

  test("gives the list back when it does not fail, and the empty one when anything fails", () => {
    expect(shrink([1, 2, 3], () => false)).toEqual([1, 2, 3]);
    expect(shrink([1, 2, 3], () => true)).toEqual([]);
  });

  test("stops when its budget is spent, with something that fails", () => {
    const choices = Array.from({ length: 1_000 }, (_, i) => i + 1);
    let tries = 0;
    const found = shrink(
      choices,
      list => {
        tries++;
        return list.includes(700);
      },
      12,
    );
    expect(tries).toBe(12);
    expect(found).toContain(700);
    expect(found.length).toBeLessThan(1_000);
  });

  test("runs that wait are shrunk in the same way", async () => {
    expect(await shrinkAsync([5, 6, 7, 8], async list => list.includes(7))).toEqual([7]);
  });

  test("what it answers fails, and nothing can be left out of it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 200 }),
        (choices, sum) => {
          const fails = (list: readonly number[]): boolean => list.reduce((a, b) => a + b, 0) >= sum;
          const found = shrink(choices, fails);
          if (!fails(choices)) {
            expect(found).toEqual(choices);
            return;
          }
          expect(fails(found)).toBe(true);
          for (let i = 0; i < found.length; i++) expect(fails(found.toSpliced(i, 1))).toBe(false);
          for (let i = 0; i < found.length; i++)
            expect(fails(found.with(i, (found[i] ?? 0) - 1))).toBe(false);
        },
      ),
    );
  });
});
