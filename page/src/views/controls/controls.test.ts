import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldText, MEASURES, nextSeed, type Quantity, seedOfField, valueOfField } from "./quantities.ts";
import { placeOfSpeed, SPEED_STEPS, speedAt } from "./speed.ts";

describe("the slider of speed", () => {
  test("goes from a hundredth to a hundredfold, with 1 in the middle", () => {
    expect([0, SPEED_STEPS / 2, SPEED_STEPS].map(speedAt)).toEqual([0.01, 1, 100]);
  });

  test("each place is that of its own speed, and the next one is faster", () => {
    for (let place = 0; place <= SPEED_STEPS; place++) {
      expect(placeOfSpeed(speedAt(place))).toBe(place);
      if (place > 0) expect(speedAt(place)).toBeGreaterThan(speedAt(place - 1));
    }
  });

  test("a speed beyond its ends stands at the end", () => {
    expect(placeOfSpeed(0.0001)).toBe(0);
    expect(placeOfSpeed(5000)).toBe(SPEED_STEPS);
  });
});

describe("fields of a wire", () => {
  test("speak in the units of people", () => {
    expect(fieldText("loss", 0.015)).toBe("1.5");
    expect(fieldText("delay", 12_500)).toBe("12.5");
    expect(fieldText("rateBytesPerSecond", 1_250_000)).toBe("10");
    expect(fieldText("loss", 1e-9)).toBe("0.0000001");
  });

  test("are sent in those of the protocol", () => {
    expect(valueOfField("loss", "7")).toBe(0.07);
    expect(valueOfField("delay", " 0,5 ")).toBe(500);
    expect(valueOfField("jitter", ".25")).toBe(250);
    expect(valueOfField("rateBytesPerSecond", "0")).toBe(0);
  });

  test("refuse what no wire can have", () => {
    for (const text of ["", "x", "-1", "1e3", "101", "1.2.3", "Infinity"])
      expect(valueOfField("loss", text)).toBeUndefined();
  });

  test("what is written is read as what it was", () => {
    const quantities = Object.keys(MEASURES) as Quantity[];
    fc.assert(
      fc.property(
        fc.constantFrom(...quantities),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (quantity, part) => {
          const { unit, most } = MEASURES[quantity];
          const value = part * most * unit;
          const read = valueOfField(quantity, fieldText(quantity, value)) ?? Number.NaN;
          expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.max(value * 1e-5, unit * 1e-8));
        },
      ),
    );
  });
});

describe("seeds", () => {
  test("are whole numbers of 32 bits", () => {
    expect(seedOfField("0")).toBe(0);
    expect(seedOfField(" 4294967295 ")).toBe(4_294_967_295);
    for (const text of ["", "4294967296", "1.5", "-1", "abc"]) expect(seedOfField(text)).toBeUndefined();
  });

  test("have a next one, the last one the first", () => {
    expect(nextSeed(41)).toBe(42);
    expect(nextSeed(4_294_967_295)).toBe(0);
  });
});
