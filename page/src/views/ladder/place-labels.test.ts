import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LabelledLine, type PlacedLabel, placeInColumn, placeLabels } from "./place-labels.ts";

const METRICS = { characterWidth: 6, height: 12 };

function line(fromY: number, toY: number, texts: readonly string[], isBack = false): LabelledLine {
  return isBack ? { fromX: 400, fromY, toX: 100, toY, texts } : { fromX: 100, fromY, toX: 400, toY, texts };
}

describe("labels of lines", () => {
  test("stand near the sender, along the line, and never on their heads", () => {
    const [out, back] = placeLabels(
      [line(0, 0, ["1234567890"]), line(300, 340, ["1234567890"], true)],
      METRICS,
    );
    expect(out).toEqual({ line: 0, text: "1234567890", x: 140, y: -3, angle: 0 });
    expect(back?.x).toBeGreaterThan(350);
    expect(Math.abs(back?.angle ?? 9)).toBeLessThan(Math.PI / 2);
    expect(back?.angle).toBeLessThan(0);
  });

  test("get shorter on a short line, and are left out of one that is too short", () => {
    const short = { fromX: 0, fromY: 0, toX: 60, toY: 0, texts: ["much too long a text", "short"] };
    expect(placeLabels([short], METRICS)[0]?.text).toBe("short");
    expect(placeLabels([{ ...short, toX: 30 }], METRICS)).toEqual([]);
  });

  test("of the same line go where there is room, then shorter, then nowhere", () => {
    const same = line(0, 0, ["a".repeat(20), "b".repeat(9)]);
    const texts = placeLabels([same, same, same, same, same], METRICS).map(({ text }) => text[0]);
    expect(texts).toEqual(["a", "a"]);
  });

  test("do not overlap, wherever the lines run", () => {
    const lines = fc.array(
      fc.tuple(fc.nat(300), fc.nat(120), fc.integer({ min: 1, max: 45 }), fc.boolean()),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(lines, described => {
        const asked = described.map(([y, fall, size, isBack]) =>
          line(y, y + fall, ["x".repeat(size), "xx"], isBack),
        );
        const corners = placeLabels(asked, METRICS).map(samples);
        for (const [i, a] of corners.entries()) {
          for (const b of corners.slice(i + 1)) {
            expect(a.points.some(point => isInside(point, b.label))).toBe(false);
          }
        }
      }),
    );
  });
});

/** Points all over a label, a little inside of its edge. */
function samples(label: PlacedLabel) {
  const half = (label.text.length * METRICS.characterWidth) / 2;
  const points = [];
  for (let along = -half + 0.5; along <= half - 0.5; along += 2) {
    for (const up of [0.5, 6, 11.5]) points.push(turned(label, along, up));
  }
  return { label, points };
}

function turned({ x, y, angle }: PlacedLabel, along: number, up: number): readonly [number, number] {
  return [
    x + along * Math.cos(angle) + up * Math.sin(angle),
    y + along * Math.sin(angle) - up * Math.cos(angle),
  ];
}

function isInside([px, py]: readonly [number, number], { x, y, angle, text }: PlacedLabel): boolean {
  const [dx, dy] = [px - x, py - y];
  const along = dx * Math.cos(angle) + dy * Math.sin(angle);
  const up = dx * Math.sin(angle) - dy * Math.cos(angle);
  return Math.abs(along) < (text.length * METRICS.characterWidth) / 2 - 0.4 && up > 0.4 && up < 11.6;
}

test("in a column labels move down a little; what would move far is left out, minor ones first", () => {
  const at = (y: number, isMinor = false) => ({ y, isMinor });
  expect(placeInColumn([at(10), at(12), at(14), at(15), at(100)], 12)).toEqual([10, 22, 34, undefined, 100]);
  expect(placeInColumn([at(10), at(12, true), at(17, true), at(30)], 12)).toEqual([10, undefined, 22, 34]);
});
