import { describe, expect, test } from "vitest";
import { type Instant, seconds } from "../../../base/time.ts";
import { BlackholeWatch } from "./blackhole.ts";

const at = (time: number): Instant => seconds(time) as number as Instant;
const HOUR = seconds(3_600);

describe("the pause after a blackhole: RFC 7413 §7.1", () => {
  test("lasts as configured, and twice as long each time, at most 64 times", () => {
    const watch = new BlackholeWatch();
    expect(watch.isPaused(at(0), HOUR)).toBe(false);
    let now = 0;
    for (const hours of [1, 2, 4, 8, 16, 32, 64, 64]) {
      watch.suspected(at(now));
      expect(watch.isPaused(at(now + hours * 3_600 - 1), HOUR)).toBe(true);
      expect(watch.isPaused(at(now + hours * 3_600), HOUR)).toBe(false);
      now += hours * 3_600;
    }
  });

  test("a configured time of 0 means that there is none", () => {
    const watch = new BlackholeWatch();
    watch.suspected(at(0));
    expect(watch.isPaused(at(0), seconds(0))).toBe(false);
  });

  test("text that came through ends the suspicion: the next pause is a short one", () => {
    const watch = new BlackholeWatch();
    watch.suspected(at(0));
    watch.suspected(at(1));
    expect(watch.isSuspicious).toBe(true);
    watch.refuted();
    expect(watch.isSuspicious).toBe(false);
    expect(watch.isPaused(at(1), HOUR)).toBe(false);
    watch.suspected(at(2));
    expect(watch.isPaused(at(2 + 3_600), HOUR)).toBe(false);
  });
});
