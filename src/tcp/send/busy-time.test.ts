import { describe, expect, test } from "vitest";
import type { Instant } from "../../base/time.ts";
import { BusyTime } from "./busy-time.ts";

function at(time: number): Instant {
  return time as Instant;
}

function spent(busy: BusyTime, time: number): readonly number[] {
  return [busy.total(at(time)), busy.spent("window", at(time)), busy.spent("buffer", at(time))];
}

describe("what the time is spent with: Linux's tcp_chrono", () => {
  test("it runs from the first byte to the last acknowledgment", () => {
    const busy = new BusyTime();
    expect(spent(busy, 10)).toEqual([0, 0, 0]);
    busy.began("busy", at(10));
    expect(spent(busy, 15)).toEqual([5, 0, 0]);
    busy.allDone(at(20));
    expect(spent(busy, 100)).toEqual([10, 0, 0]);
  });

  test("being held back is part of it", () => {
    const busy = new BusyTime();
    busy.began("busy", at(10));
    busy.began("window", at(12));
    expect(spent(busy, 15)).toEqual([5, 3, 0]);
    busy.ended("window", at(16));
    busy.allDone(at(20));
    expect(spent(busy, 20)).toEqual([10, 4, 0]);
  });

  test("the send buffer goes before the window, and the window before the rest", () => {
    const busy = new BusyTime();
    busy.began("busy", at(0));
    busy.began("buffer", at(10));
    busy.began("window", at(20));
    busy.ended("window", at(30));
    busy.began("busy", at(40));
    expect(spent(busy, 50)).toEqual([50, 0, 40]);
    busy.ended("buffer", at(50));
    busy.began("window", at(60));
    expect(spent(busy, 70)).toEqual([70, 10, 40]);
  });
});
