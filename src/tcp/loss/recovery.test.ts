import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import { Recovery } from "./recovery.ts";

describe("Recovery: RFC 6582 §3.2, RFC 6675 §5", () => {
  test("lasts until what had been sent when it began is acknowledged", () => {
    const recovery = new Recovery();
    expect(recovery.isOpen).toBe(true);
    recovery.entered("fast", seq(1_000));
    expect([recovery.phase, recovery.isOpen]).toEqual(["fast", false]);
    expect(recovery.acknowledged(seq(999))).toBe(false);
    expect(recovery.phase).toBe("fast");
    expect(recovery.acknowledged(seq(1_000))).toBe(true);
    expect(recovery.isOpen).toBe(true);
  });

  test("ends once", () => {
    const recovery = new Recovery();
    expect(recovery.acknowledged(seq(5))).toBe(false);
    recovery.entered("loss", seq(10));
    expect(recovery.acknowledged(seq(20))).toBe(true);
    expect(recovery.acknowledged(seq(30))).toBe(false);
  });

  test("a timeout replaces a fast recovery, with a new point", () => {
    const recovery = new Recovery();
    recovery.entered("fast", seq(1_000));
    recovery.entered("loss", seq(2_000));
    expect(recovery.acknowledged(seq(1_500))).toBe(false);
    expect([recovery.phase, recovery.point]).toEqual(["loss", 2_000]);
  });

  test("its point may lie beyond the wrap", () => {
    const recovery = new Recovery();
    recovery.entered("fast", seq(5));
    expect(recovery.acknowledged(seq(-5))).toBe(false);
    expect(recovery.acknowledged(seq(5))).toBe(true);
  });
});
