import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linesOf, placeOf, widthsOf } from "./scale.ts";

const solid = (bytes: number) => ({ bytes, mayShrink: false });
const distance = (bytes: number) => ({ bytes, mayShrink: true });
const total = (widths: readonly number[]) => widths.reduce((sum, width) => sum + width, 0);

describe("widths of regions", () => {
  test("are to scale where all can be seen", () => {
    const { widths, isShort } = widthsOf([solid(100), solid(300)], 400, 5);
    expect(widths[0]).toBeCloseTo(100, 3);
    expect(widths[1]).toBeCloseTo(300, 3);
    expect(isShort).toEqual([false, false]);
  });

  test("a sliver is as wide as can be seen, and the rest stays to scale", () => {
    const { widths } = widthsOf([solid(1), solid(1_000_000), solid(2_000_000)], 305, 5);
    expect(widths.map(Math.round)).toEqual([5, 100, 200]);
  });

  test("a long way to an edge leaves room for what is there, and is told to be short", () => {
    const { widths, isShort } = widthsOf([solid(10_000), distance(16_000_000)], 400, 5);
    expect(widths.map(Math.round)).toEqual([300, 100]);
    expect(isShort).toEqual([false, true]);
  });

  test("alone it may be as wide as it likes", () => {
    expect(widthsOf([distance(1000)], 400, 5)).toEqual({
      widths: [expect.closeTo(400, 3)],
      isShort: [false],
    });
  });

  test("fill the width, in the order of their sizes, and none is less than all can have", () => {
    const regions = fc.array(
      fc.record({ bytes: fc.integer({ min: 1, max: 2 ** 30 }), mayShrink: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(regions, fc.integer({ min: 60, max: 2000 }), (all, width) => {
        const { widths } = widthsOf(all, width, 5);
        expect(total(widths)).toBeCloseTo(width, 3);
        for (const each of widths)
          expect(each).toBeGreaterThanOrEqual(Math.min(5, width / all.length) - 1e-6);
        const stay = all.flatMap(({ bytes, mayShrink }, index) =>
          mayShrink ? [] : [[bytes, widths[index] ?? 0] as const],
        );
        stay.sort((a, b) => a[0] - b[0]);
        stay.slice(1).forEach(([, each], index) => {
          expect(each).toBeGreaterThanOrEqual((stay[index]?.[1] ?? 0) - 1e-6);
        });
      }),
    );
  });
});

test("a position lies between the borders around it", () => {
  const [borders, places] = [
    [0, 100, 200],
    [10, 60, 400],
  ];
  expect(placeOf(0, borders, places)).toBe(10);
  expect(placeOf(50, borders, places)).toBe(35);
  expect(placeOf(100, borders, places)).toBe(60);
  expect(placeOf(150, borders, places)).toBe(230);
  expect(placeOf(999, borders, places)).toBe(400);
  expect(placeOf(-5, borders, places)).toBe(10);
});

describe("labels in lines", () => {
  test("those far from each other stand in one line, the others above each other", () => {
    expect(linesOf([0, 100, 200], [50, 50, 50], 3)).toEqual([0, 0, 0]);
    expect(linesOf([0, 10, 20], [50, 50, 50], 3)).toEqual([0, 1, 2]);
    expect(linesOf([200, 10, 20], [50, 50, 50], 3)).toEqual([0, 0, 1]);
  });

  test("where no line is free it is the one that is free first", () => {
    expect(linesOf([0, 5, 10], [50, 20, 10], 2)).toEqual([0, 1, 1]);
  });
});
