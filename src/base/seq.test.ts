import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Seq,
  seq,
  seqAdd,
  seqAfter,
  seqAtOrAfter,
  seqAtOrBefore,
  seqBefore,
  seqDiff,
  seqIn,
  seqMax,
  seqMin,
  seqText,
} from "./seq.ts";

const anySeq = (): fc.Arbitrary<Seq> =>
  fc
    .oneof(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
    )
    .map(seq);
/** Distances over which order is meaningful. */
const forward = (): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(1, 2, 0x7fff_ffff), fc.integer({ min: 1, max: 0x7fff_ffff }));

describe("sequence numbers wrap at 2³² (RFC 9293 §3.4)", () => {
  test("4294967295 + 1 = 0, and 0 comes after 4294967295", () => {
    const last = seq(0xffff_ffff);
    expect(seqAdd(last, 1)).toBe(0);
    expect(seqAfter(seq(0), last)).toBe(true);
    expect(seqDiff(seq(0), last)).toBe(1);
    expect(seqDiff(last, seq(0))).toBe(-1);
  });

  test("2147483648 comes right after 2147483647", () => {
    expect(seqAdd(seq(0x7fff_ffff), 1)).toBe(seq(0x8000_0000));
    expect(seqBefore(seq(0x7fff_ffff), seq(0x8000_0000))).toBe(true);
  });

  test("what lies up to 2³¹ − 1 ahead is after, from any number", () => {
    fc.assert(
      fc.property(anySeq(), forward(), (a, distance) => {
        const b = seqAdd(a, distance);
        expect(seqDiff(b, a)).toBe(distance);
        expect(seqDiff(a, b)).toBe(-distance);
        expect(seqBefore(a, b)).toBe(true);
        expect(seqAtOrBefore(a, b)).toBe(true);
        expect(seqAfter(a, b)).toBe(false);
        expect(seqAtOrAfter(a, b)).toBe(false);
        expect(seqBefore(b, a)).toBe(false);
        expect(seqAtOrBefore(b, a)).toBe(false);
        expect(seqAfter(b, a)).toBe(true);
        expect(seqAtOrAfter(b, a)).toBe(true);
        expect(seqMax(a, b)).toBe(b);
        expect(seqMax(b, a)).toBe(b);
        expect(seqMin(a, b)).toBe(a);
        expect(seqMin(b, a)).toBe(a);
        expect(seqAdd(b, -distance)).toBe(a);
      }),
    );
  });

  test("a number is neither before nor after itself", () => {
    fc.assert(
      fc.property(anySeq(), a => {
        expect(seqDiff(a, a)).toBe(0);
        expect(seqBefore(a, a)).toBe(false);
        expect(seqAfter(a, a)).toBe(false);
        expect(seqAtOrBefore(a, a)).toBe(true);
        expect(seqAtOrAfter(a, a)).toBe(true);
      }),
    );
  });
});

test("a range holds its start and not its end, and an empty one nothing", () => {
  fc.assert(
    fc.property(anySeq(), forward(), fc.nat(0x7fff_ffff), (start, length, offset) => {
      expect(seqIn(start, start, length)).toBe(true);
      expect(seqIn(seqAdd(start, length), start, length)).toBe(false);
      expect(seqIn(seqAdd(start, -1), start, length)).toBe(false);
      expect(seqIn(seqAdd(start, offset), start, length)).toBe(offset < length);
      expect(seqIn(start, start, 0)).toBe(false);
    }),
  );
});

test("kept signed, shown unsigned", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), value => {
      expect(seq(value)).toBe(value | 0);
      expect(seqText(seq(value))).toBe(value);
    }),
  );
});
