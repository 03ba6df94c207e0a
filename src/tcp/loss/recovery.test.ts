import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import { Recovery } from "./recovery.ts";

describe("Recovery: RFC 6582 §3.2, RFC 6675 §5", () => {
  test("lasts until what had been sent when it began is acknowledged", () => {
    const recovery = new Recovery();
    expect([recovery.state, recovery.isOpen]).toEqual(["open", true]);
    recovery.entered("recovery", seq(1_000));
    expect(recovery.isOver(seq(999))).toBe(false);
    expect([recovery.isOver(seq(1_000)), recovery.isLongOver(seq(1_000))]).toEqual([true, false]);
    expect(recovery.isLongOver(seq(1_001))).toBe(true);
    recovery.opened();
    expect(recovery.isOpen).toBe(true);
  });

  test.each([
    ["open", { isOpen: true, isReducing: false, isRepairing: false }],
    ["disorder", { isOpen: true, isReducing: false, isRepairing: false }],
    ["cwr", { isOpen: false, isReducing: true, isRepairing: false }],
    ["recovery", { isOpen: false, isReducing: true, isRepairing: true }],
    ["loss", { isOpen: false, isReducing: false, isRepairing: true }],
  ] as const)("what happens in %s", (state, expected) => {
    const recovery = new Recovery();
    recovery.entered(state, seq(0));
    expect(recovery).toMatchObject(expected);
  });

  test("a loss found while the window is being reduced goes on with the same reduction", () => {
    const recovery = new Recovery();
    recovery.entered("cwr", seq(1_000));
    recovery.lossFound();
    expect([recovery.state, recovery.point]).toEqual(["recovery", 1_000]);
  });

  test("its point may lie beyond the wrap", () => {
    const recovery = new Recovery();
    recovery.entered("recovery", seq(5));
    expect(recovery.isOver(seq(-5))).toBe(false);
    expect(recovery.isOver(seq(5))).toBe(true);
  });
});
