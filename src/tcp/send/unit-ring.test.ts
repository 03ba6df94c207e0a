import fc from "fast-check";
import { expect, test } from "vitest";
import { type Seq, seq, seqAdd } from "../../base/seq.ts";
import { START_OF_TIME } from "../../base/time.ts";
import { SentRange } from "./sent-range.ts";
import { UnitRing } from "./unit-ring.ts";

const LENGTH = 100;
/** The numbers wrap while they go through the ring. */
const START = seq(-1_000);

function unitAt(start: Seq): SentRange {
  const unit = new SentRange();
  unit.begin(start, seqAdd(start, LENGTH), LENGTH, false, false, START_OF_TIME);
  return unit;
}

function ringOf(count: number): { ring: UnitRing; units: SentRange[] } {
  const ring = new UnitRing();
  const units = Array.from({ length: count }, (_, i) => unitAt(seqAdd(START, i * LENGTH)));
  for (const unit of units) ring.push(unit);
  return { ring, units };
}

test("an empty one has no first, and finds nothing", () => {
  const ring = new UnitRing();
  expect([ring.length, ring.first, ring.reaching(seq(0))]).toEqual([0, undefined, undefined]);
});

test("units come and go in order, however long the ring has been or becomes", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), steps => {
      const ring = new UnitRing();
      const model: SentRange[] = [];
      let next = START;
      for (const grows of steps) {
        if (grows || model.length === 0) {
          model.push(unitAt(next));
          ring.push(model.at(-1) as SentRange);
          next = seqAdd(next, LENGTH);
        } else {
          ring.dropFirst(model.shift() as SentRange);
        }
        expect(ring.length).toBe(model.length);
        expect(ring.first).toBe(model[0]);
        for (const unit of model) expect(ring.reaching(seqAdd(unit.start, LENGTH - 1))).toBe(unit);
      }
    }),
    { numRuns: 50 },
  );
});

test("a number is found in the last unit that begins at it or before, across the wrap of the numbers", () => {
  const { ring, units } = ringOf(20);
  expect(ring.reaching(seqAdd(START, -5))).toBe(units[0]);
  expect(ring.reaching(START)).toBe(units[0]);
  expect(ring.reaching(seq(-1))).toBe(units[9]);
  expect(ring.reaching(seq(0))).toBe(units[10]);
  expect(ring.reaching(seq(1_000_000))).toBe(units[19]);
});

test("a unit whose first record goes begins with its next one", () => {
  const { ring, units } = ringOf(2);
  const [first, second] = units as [SentRange, SentRange];
  const rest = new SentRange();
  rest.takeEnd(first, seqAdd(START, 40));
  ring.dropFirst(first);
  expect([ring.length, ring.first]).toEqual([2, rest]);
  ring.dropFirst(rest);
  expect([ring.length, ring.first]).toEqual([1, second]);
});

test("once empty and cleared it goes on with the same numbers", () => {
  const { ring, units } = ringOf(40);
  for (const unit of units) ring.dropFirst(unit);
  ring.clear();
  const unit = unitAt(START);
  ring.push(unit);
  expect([ring.length, ring.first, ring.reaching(seq(5))]).toEqual([1, unit, unit]);
});
