import { describe, expect, test } from "vitest";
import { instant } from "../../../test/tcp/fixtures.ts";
import { seq } from "../../base/seq.ts";
import { ArrivalTimes } from "./arrival-times.ts";

describe("ArrivalTimes", () => {
  test("each byte came with the piece that it lies in", () => {
    const times = new ArrivalTimes();
    times.arrived(seq(100), instant(1));
    times.arrived(seq(200), instant(2));
    expect([1, 100, 101, 200, 201].map(at => times.before(seq(at)))).toEqual([1, 1, 2, 2, undefined]);
  });

  test("pieces out of order find their place; what comes twice came first", () => {
    const times = new ArrivalTimes();
    times.arrived(seq(300), instant(1));
    times.arrived(seq(100), instant(2));
    times.arrived(seq(200), instant(3));
    times.arrived(seq(300), instant(9));
    expect([100, 200, 300].map(at => times.before(seq(at)))).toEqual([2, 3, 1]);
  });

  test("what was read is forgotten, and a burst is one piece", () => {
    const times = new ArrivalTimes();
    for (let i = 1; i <= 10; i++) times.arrived(seq(100 * i), instant(1));
    expect(times.count).toBe(1);
    times.arrived(seq(1_100), instant(2));
    times.forget(seq(1_000));
    expect(times.count).toBe(1);
    expect(times.before(seq(1_050))).toBe(2);
  });

  test("a peer that sends single bytes costs no more than others", () => {
    const times = new ArrivalTimes();
    for (let i = 1; i <= 10_000; i++) times.arrived(seq(i), instant(i));
    expect(times.count).toBe(4_096);
    expect(times.before(seq(10_000))).toBe(10_000);
  });
});
