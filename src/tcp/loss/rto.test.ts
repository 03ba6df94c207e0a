import { describe, expect, test } from "vitest";
import { milliseconds, seconds } from "../../base/time.ts";
import { Rto } from "./rto.ts";

const BOUNDS = { initialRto: seconds(1), minRto: milliseconds(200), maxRto: seconds(120) };

describe("Rto: RFC 6298", () => {
  test("(2.1) before any sample it is one second", () => {
    expect(new Rto(BOUNDS).value).toBe(seconds(1));
  });

  test("(2.3) SRTT + max(200 ms, 4 · RTTVAR)", () => {
    const rto = new Rto(BOUNDS);
    rto.measured(milliseconds(300), milliseconds(100));
    expect(rto.value).toBe(milliseconds(700));
    rto.measured(milliseconds(300), milliseconds(10));
    expect(rto.value).toBe(milliseconds(500));
  });

  test("(2.5) is at most the upper bound", () => {
    const rto = new Rto(BOUNDS);
    rto.measured(seconds(100), seconds(50));
    expect(rto.value).toBe(seconds(120));
  });

  test("(5.5) doubles with each timeout, up to the bound, however many there are", () => {
    const rto = new Rto(BOUNDS);
    const values = Array.from({ length: 9 }, () => {
      const { value } = rto;
      rto.expired();
      return value / 1e6;
    });
    expect(values).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120]);
    for (let i = 0; i < 5_000; i++) rto.expired();
    expect(rto.value).toBe(seconds(120));
  });

  test("progress ends the backoff and keeps the estimate; a sample ends it too", () => {
    const rto = new Rto(BOUNDS);
    rto.measured(milliseconds(300), milliseconds(100));
    rto.expired();
    rto.expired();
    expect(rto.backoff).toBe(2);
    rto.progressed();
    expect([rto.value, rto.backoff]).toEqual([milliseconds(700), 0]);
    rto.expired();
    rto.measured(milliseconds(300), milliseconds(100));
    expect([rto.value, rto.backoff]).toEqual([milliseconds(700), 0]);
  });

  test("(5.7) falls back to what is given after a lost SYN, without backoff", () => {
    const rto = new Rto(BOUNDS);
    rto.expired();
    rto.fallBack(seconds(3));
    expect(rto.value).toBe(seconds(3));
    rto.expired();
    expect(rto.value).toBe(seconds(6));
  });

  test("is a whole number of microseconds", () => {
    const rto = new Rto(BOUNDS);
    rto.measured(milliseconds(0.0333), milliseconds(77.7777));
    expect(Number.isInteger(rto.value)).toBe(true);
  });
});
