import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fold, flagAt, numberAt, optionalAt, type Row, UNKNOWN } from "./fold.ts";

const MASKS = 4;
const values = fc.array(fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constant(0)), {
  maxLength: 128,
});

function fill(row: Row, list: readonly number[]): number {
  row.set(list);
  return list.length;
}

function read(row: Row, count: number): number[] {
  return Array.from({ length: count }, (_, at) => numberAt(row, at));
}

/** −0 is no number that anybody counts with. */
function plain(list: readonly number[]): number[] {
  return list.map(value => value + 0);
}

describe("folding", () => {
  test("every number comes back, and what is as it was at first takes no room", () => {
    fc.assert(
      fc.property(values, fc.func(fc.boolean()), (list, changes) => {
        const fold = new Fold();
        const first = fold.fold(fill(fold.row, list));
        expect(first.length).toBe(MASKS);
        const others = list.map((value, at) => (changes(at) ? at + 0.25 : value));
        const folded = fold.fold(fill(fold.row, others));
        expect(folded.length).toBe(MASKS + others.filter((value, at) => value !== list[at]).length);
        fold.row.fill(7);
        fold.unfold(folded);
        expect(plain(read(fold.row, list.length))).toEqual(plain(others));
        fold.unfold(first);
        expect(plain(read(fold.row, list.length))).toEqual(plain(list));
      }),
    );
  });

  test("flags and unknown numbers", () => {
    const row = Float64Array.of(1, 0, 7, UNKNOWN);
    expect([flagAt(row, 0), flagAt(row, 1)]).toEqual([true, false]);
    expect([optionalAt(row, 2), optionalAt(row, 3)]).toEqual([7, undefined]);
  });

  test("more numbers than there is room for are a mistake", () => {
    expect(() => new Fold().fold(129)).toThrow("more numbers");
  });
});
