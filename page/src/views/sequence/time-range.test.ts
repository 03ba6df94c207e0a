import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALL, following, type Look, panned, stretchOf, zoomed } from "./time-range.ts";

const BOUNDS = { from: 1_000, to: 11_000 };

describe("a look", () => {
  test("shows all, the last stretch, or what was chosen", () => {
    expect(stretchOf(ALL, BOUNDS)).toEqual(BOUNDS);
    expect(stretchOf({ kind: "last", span: 500 }, BOUNDS)).toEqual({ from: 10_500, to: 11_000 });
    expect(stretchOf({ kind: "last", span: 1e9 }, BOUNDS)).toEqual(BOUNDS);
    expect(stretchOf({ kind: "fixed", from: 2, to: 3 }, BOUNDS)).toEqual({ from: 2, to: 3 });
    expect(stretchOf(ALL, { from: 5, to: 5 })).toEqual({ from: 5, to: 15 });
  });

  test("comes nearer around an instant, and back to all", () => {
    const near = zoomed(ALL, BOUNDS, 2, 6_000);
    expect(near).toEqual({ kind: "fixed", from: 3_500, to: 8_500 });
    expect(zoomed(near, BOUNDS, 0.5, 6_000)).toBe(ALL);
  });

  test("goes on following when it comes nearer at the end", () => {
    expect(zoomed(ALL, BOUNDS, 4, 11_000)).toEqual({ kind: "last", span: 2_500 });
    const fixed: Look = { kind: "fixed", from: 9_000, to: 11_000 };
    expect(zoomed(fixed, BOUNDS, 2, 11_000)).toEqual({ kind: "fixed", from: 10_000, to: 11_000 });
  });

  test("moves until time ends, where it follows", () => {
    const look: Look = { kind: "fixed", from: 3_000, to: 5_000 };
    expect(panned(look, BOUNDS, 1_000)).toEqual({ kind: "fixed", from: 4_000, to: 6_000 });
    expect(panned(look, BOUNDS, -9_000)).toEqual({ kind: "fixed", from: 1_000, to: 3_000 });
    expect(panned(look, BOUNDS, 6_000)).toEqual({ kind: "last", span: 2_000 });
    expect(panned(ALL, BOUNDS, 10)).toBe(ALL);
  });

  test("follows, or stays, as it is told", () => {
    const look: Look = { kind: "fixed", from: 3_000, to: 5_000 };
    expect(following(look, BOUNDS, true)).toEqual({ kind: "last", span: 2_000 });
    expect(following(ALL, BOUNDS, false)).toEqual({ kind: "fixed", ...BOUNDS });
  });

  test("stays within time and of some length, whatever is done", () => {
    const deeds = fc.array(
      fc.tuple(fc.boolean(), fc.double({ min: 0.01, max: 100, noNaN: true }), fc.nat(1_000)),
    );
    fc.assert(
      fc.property(deeds, all => {
        let look: Look = ALL;
        for (const [isZoom, amount, place] of all) {
          const { from, to } = stretchOf(look, BOUNDS);
          const at = from + (place / 1_000) * (to - from);
          look = isZoom ? zoomed(look, BOUNDS, amount, at) : panned(look, BOUNDS, (amount - 50) * 100);
          const seen = stretchOf(look, BOUNDS);
          expect(seen.from).toBeGreaterThanOrEqual(BOUNDS.from - 1e-6);
          expect(seen.to).toBeLessThanOrEqual(BOUNDS.to + 1e-6);
          expect(seen.to - seen.from).toBeGreaterThanOrEqual(9.99);
        }
      }),
    );
  });
});
