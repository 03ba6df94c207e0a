import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeqRanges } from "./ranges.ts";
import { type Seq, seq, seqAdd, seqBefore } from "./seq.ts";

function pairs(ranges: SeqRanges, origin = 0): number[][] {
  return Array.from({ length: ranges.count }, (_, i) => [
    (ranges.start(i) - origin) >>> 0,
    (ranges.end(i) - origin) >>> 0,
  ]);
}

function of(...list: Array<[number, number]>): SeqRanges {
  const ranges = new SeqRanges();
  for (const [start, end] of list) ranges.add(seq(start), seq(end));
  return ranges;
}

describe("SeqRanges", () => {
  test("merges what overlaps and what touches, and answers where", () => {
    const ranges = of([10, 20], [30, 40], [50, 60]);
    expect(ranges.add(seq(20), seq(30))).toBe(0);
    expect(pairs(ranges)).toEqual([
      [10, 40],
      [50, 60],
    ]);
    expect(ranges.add(seq(45), seq(46))).toBe(1);
    expect(ranges.add(seq(0), seq(100))).toBe(0);
    expect(pairs(ranges)).toEqual([[0, 100]]);
  });

  test("an empty range adds nothing", () => {
    const ranges = of([10, 20]);
    expect(ranges.add(seq(30), seq(30))).toBe(-1);
    expect(ranges.add(seq(20), seq(20))).toBe(-1);
    expect(pairs(ranges)).toEqual([[10, 20]]);
  });

  test("works across the wrap of sequence numbers (RFC 9293 §3.4)", () => {
    const ranges = of([0xfffffff0, 0xfffffff8], [8, 16]);
    expect(ranges.add(seq(0xfffffff8), seq(8))).toBe(0);
    expect(ranges.size).toBe(32);
    expect(ranges.covers(seq(0xfffffff5), seq(10))).toBe(true);
    ranges.removeBefore(seq(4));
    expect(pairs(ranges)).toEqual([[4, 16]]);
  });

  test("behaves as a set of numbers, whatever is added and removed, at any origin", () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant("add" as const), a: fc.nat(120), b: fc.nat(120) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), at: fc.nat(120) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
    );
    const origins = fc.oneof(fc.constantFrom(0, 0x7fffffc0, 0xffffffc0), fc.integer());
    fc.assert(
      fc.property(origins, fc.array(step, { maxLength: 60 }), (origin, steps) => {
        const at = (offset: number): Seq => seqAdd(seq(origin), offset);
        const ranges = new SeqRanges();
        let model = new Set<number>();
        for (const action of steps) {
          if (action.kind === "add") {
            const [from, to] = [Math.min(action.a, action.b), Math.max(action.a, action.b)];
            for (let i = from; i < to; i++) model.add(i);
            const index = ranges.add(at(from), at(to));
            expect(index).toBe(from === to ? -1 : ranges.indexOf(at(from)));
          } else if (action.kind === "cut") {
            ranges.removeBefore(at(action.at));
            model = new Set([...model].filter(value => value >= action.at));
          } else {
            ranges.clear();
            model.clear();
          }
          expect(ranges.size).toBe(model.size);
          for (let i = 0; i < ranges.count; i++) {
            expect(seqBefore(ranges.start(i), ranges.end(i))).toBe(true);
            if (i > 0) expect(seqBefore(ranges.end(i - 1), ranges.start(i))).toBe(true);
          }
        }
        for (let i = -1; i <= 121; i++) expect(ranges.indexOf(at(i)) >= 0).toBe(model.has(i));
        for (const [from, to] of [
          [0, 5],
          [10, 60],
          [30, 33],
          [119, 121],
        ] as const) {
          const all = Array.from({ length: to - from }, (_, i) => from + i).every(value => model.has(value));
          expect(ranges.covers(at(from), at(to))).toBe(all);
        }
      }),
    );
  });
});

test("the first range that shares something with another", () => {
  const ranges = of([10, 20], [30, 40]);
  const first = (start: number, end: number) => ranges.firstWithin(seq(start), seq(end));
  expect([first(0, 10), first(0, 11), first(19, 35), first(20, 30), first(20, 31), first(40, 50)]).toEqual([
    -1, 0, 0, -1, 1, -1,
  ]);
});
