import fc from "fast-check";
import { expect, test } from "vitest";
import { StoryNumbers } from "./story-numbers.ts";

const raw = fc.nat({ max: 0xffff_ffff });

test("numbers go on beyond 4 GB, whatever the initial one, with late ones between them", () => {
  const steps = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 0x3fff_ffff }), fc.integer({ min: 0, max: 0x3fff_ffff })),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(raw, steps, (initial, walk) => {
      const numbers = new StoryNumbers();
      numbers.startAt(initial, true);
      let position = 0;
      for (const [forward, back] of walk) {
        position += forward;
        expect(numbers.advance((initial + position) % 2 ** 32)).toBe(position);
        const late = position - back;
        expect(numbers.relative((((initial + late) % 2 ** 32) + 2 ** 32) % 2 ** 32)).toBe(late);
      }
    }),
  );
});

test("the first number seen counts as 0 when nobody says which is the first", () => {
  const numbers = new StoryNumbers();
  expect(numbers.origin).toBeUndefined();
  expect(numbers.relative(0xffff_fff0)).toBe(0);
  expect(numbers.relative(0x10)).toBe(0x20);
  expect(numbers.origin).toEqual({ sequence: 0xffff_fff0, isInitial: false });
  numbers.startAt(5, true);
  expect(numbers.origin).toEqual({ sequence: 0xffff_fff0, isInitial: false });
});

test("a stray number moves nothing: only those that were vouched for do", () => {
  const numbers = new StoryNumbers();
  numbers.startAt(1_000, true);
  numbers.advance(2_000);
  numbers.relative(2_000 + 0x7000_0000);
  expect(numbers.relative(1_500)).toBe(500);
  expect(numbers.advance(1_700)).toBe(700);
  expect(numbers.relative((2_000 + 0x7fff_ffff) % 2 ** 32)).toBe(1_000 + 0x7fff_ffff);
});
