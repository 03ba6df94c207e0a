import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AssertionError } from "../../base/assert.ts";
import { Stretches } from "./stretches.ts";

describe("Stretches", () => {
  test("what goes on where the last one ends joins it, in the same memory only", () => {
    const memory = new Uint8Array(100);
    const stretches = new Stretches();
    stretches.add(memory, 10, 0, 5);
    stretches.add(memory, 15, 5, 9);
    expect(stretches.count).toBe(1);
    stretches.add(memory, 20, 9, 10);
    stretches.add(new Uint8Array(100), 21, 10, 11);
    stretches.add(undefined, 22, 11, 12);
    expect(stretches.count).toBe(4);
    expect(stretches.oldestInRing?.start).toBe(11);
  });

  test("nothing outside is found", () => {
    const stretches = new Stretches();
    expect(() => stretches.find(0)).toThrow(AssertionError);
    stretches.add(undefined, 0, 5, 9);
    expect([stretches.find(5), stretches.find(8)]).toEqual([0, 0]);
    expect(() => stretches.find(4)).toThrow(AssertionError);
    expect(() => stretches.find(9)).toThrow(AssertionError);
  });

  test("every position is found where it was put, whatever was dropped before", () => {
    const step = fc.record({ size: fc.integer({ min: 1, max: 50 }), drop: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const stretches = new Stretches();
        const places: Array<{ memory: Uint8Array; place: number }> = [];
        let dropped = 0;
        for (const { size, drop } of steps) {
          const memory = new Uint8Array(60);
          const start = places.length;
          for (let i = 0; i < size; i++) places.push({ memory, place: 7 + i });
          stretches.add(memory, 7, start, places.length);
          dropped = Math.min(places.length, dropped + drop);
          stretches.dropBefore(dropped);
          for (let at = dropped; at < places.length; at++) {
            const stretch = stretches.at(stretches.find(at));
            expect({ memory: stretch.memory, place: stretch.placeOf(at) }).toEqual(places[at]);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
