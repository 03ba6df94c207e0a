import { describe, expect, test } from "vitest";
import { type Instant, seconds } from "../../base/time.ts";
import { Timestamps } from "./timestamps.ts";

const at = (time: number): Instant => time as Instant;
const DAYS = 86_400_000_000;

describe("our clock: RFC 7323 §5.4", () => {
  test("ticks every millisecond from its offset", () => {
    const clock = new Timestamps(1_000);
    expect([0, 999, 1_000, 1_500, 2_000].map(now => clock.value(at(now)))).toEqual([
      1_000, 1_000, 1_001, 1_001, 1_002,
    ]);
  });

  test("wraps at 2³²", () => {
    expect(new Timestamps(0xffff_ffff).value(at(1_000))).toBe(0);
    expect(new Timestamps(0x7fff_ffff).value(at(1_000))).toBe(-0x8000_0000);
  });

  test("an echo tells how long ago; at least a tick", () => {
    const clock = new Timestamps(-3);
    const sent = clock.value(at(5_000));
    expect(clock.elapsedSince(sent, at(85_000))).toBe(80_000);
    expect(clock.elapsedSince(sent, at(5_400))).toBe(1_000);
  });

  test("an echo from the future, or from long before, is none of ours", () => {
    const clock = new Timestamps(7);
    const sent = clock.value(at(5_000));
    expect(clock.elapsedSince(sent + 1, at(5_000))).toBeUndefined();
    expect(clock.elapsedSince(sent, at(seconds(700)))).toBeUndefined();
  });
});

describe("TS.Recent: RFC 7323 §4.3, §5.3", () => {
  test("nothing is old before there is one", () => {
    expect(new Timestamps(0).isOld(-5, at(0))).toBe(false);
  });

  test("follows newer values only", () => {
    const clock = new Timestamps(0);
    clock.received(100, at(0));
    clock.received(99, at(1));
    expect(clock.recent).toBe(100);
    clock.received(101, at(2));
    expect([clock.recent, clock.recentAt]).toEqual([101, 2]);
  });

  test("old is what lies before it, modulo 2³²", () => {
    const clock = new Timestamps(0);
    clock.received(-2, at(0));
    expect([-3, -2, -1, 0, 5].map(value => clock.isOld(value, at(0)))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test("after 24 days it proves nothing, and whatever comes replaces it (§5.5)", () => {
    const clock = new Timestamps(0);
    clock.received(100, at(0));
    expect(clock.isOld(50, at(24 * DAYS - 1))).toBe(true);
    expect(clock.isOld(50, at(24 * DAYS))).toBe(false);
    clock.received(50, at(24 * DAYS));
    expect(clock.recent).toBe(50);
  });
});
