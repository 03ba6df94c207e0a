import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import type { Duration } from "../../base/time.ts";
import { ReorderingWindow, reorderingWindow } from "./reordering-window.ts";

const us = (time: number): Duration => time as Duration;

describe("RACK's reordering window: RFC 8985 §6.2 step 4", () => {
  test("is a quarter of the least round trip for each step, at most SRTT", () => {
    expect(reorderingWindow(1, us(800), us(1_000))).toBe(200);
    expect(reorderingWindow(3, us(800), us(1_000))).toBe(600);
    expect(reorderingWindow(9, us(800), us(1_000))).toBe(1_000);
  });

  test("grows once a round trip, however many duplicates are reported", () => {
    const window = new ReorderingWindow();
    window.duplicateReported(seq(100), seq(500));
    expect(window.steps).toBe(2);
    window.duplicateReported(seq(499), seq(900));
    expect(window.steps).toBe(2);
    window.duplicateReported(seq(500), seq(900));
    expect(window.steps).toBe(3);
  });

  test("is what it was after sixteen recoveries without a report", () => {
    const window = new ReorderingWindow();
    window.duplicateReported(seq(100), seq(500));
    for (let i = 0; i < 15; i++) window.recovered();
    expect(window.steps).toBe(2);
    window.recovered();
    expect(window.steps).toBe(1);
    window.recovered();
    expect(window.steps).toBe(1);
  });

  test("a recovery that was needless altogether makes it last longer", () => {
    const window = new ReorderingWindow();
    window.duplicateReported(seq(100), seq(500));
    for (let i = 0; i < 15; i++) window.recovered();
    window.recoveryWasNeedless();
    window.recovered();
    expect(window.steps).toBe(2);
    window.recovered();
    expect(window.steps).toBe(1);
  });

  test("has a bound", () => {
    const window = new ReorderingWindow();
    for (let i = 1; i < 1_000; i++) window.duplicateReported(seq(100 * i), seq(100 * i));
    expect(window.steps).toBe(255);
  });
});
