import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fold } from "./fold.ts";

const numbers = fc.array(
  fc.record({
    value: fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constant(0)),
    usual: fc.oneof(fc.constant(0), fc.constant(Number.POSITIVE_INFINITY), fc.integer()),
  }),
  { maxLength: 150 },
);

describe("folding", () => {
  test("every number comes back, and what is usual takes no room", () => {
    const fold = new Fold();
    fc.assert(
      fc.property(numbers, list => {
        fold.begin();
        for (const { value, usual } of list) expect(fold.number(value, usual)).toBe(value);
        const folded = fold.end();
        fold.unfold(folded);
        // −0 is no number that anybody counts with.
        for (const { value, usual } of list) expect(fold.number(-1, usual) === value).toBe(true);
        expect(folded.length).toBe(5 + list.filter(({ value, usual }) => value !== usual).length);
      }),
    );
  });

  test("flags and unknown numbers", () => {
    const fold = new Fold();
    const show = (flag: boolean, at: number | undefined) => [
      fold.flag(flag),
      fold.flag(flag, true),
      fold.optional(at),
      fold.optional(undefined),
    ];
    fold.begin();
    show(true, 7);
    const folded = fold.end();
    fold.unfold(folded);
    expect(show(false, undefined)).toEqual([true, true, 7, undefined]);
    expect(folded.length).toBe(5 + 2);
  });
});
