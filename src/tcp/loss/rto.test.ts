import { describe, expect, test } from "vitest";
import { milliseconds, seconds } from "../../base/time.ts";
import { Rto } from "./rto.ts";

const BOUNDS = { initialRto: seconds(1), maxRto: seconds(120) };

describe("Rto: RFC 6298", () => {
  test("(2.1) before any sample it is one second", () => {
    expect(new Rto(BOUNDS).value).toBe(seconds(1));
  });

  test("(2.3) SRTT + variance", () => {
    const rto = new Rto(BOUNDS);
    rto.measured(milliseconds(300), milliseconds(400));
    expect(rto.value).toBe(milliseconds(700));
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

  test("only a sample ends the backoff (§5, Karn)", () => {
    const rto = new Rto(BOUNDS);
    rto.measured(milliseconds(300), milliseconds(400));
    rto.expired();
    rto.expired();
    expect([rto.value, rto.backoff]).toEqual([milliseconds(2_800), 2]);
    rto.measured(milliseconds(300), milliseconds(400));
    expect([rto.value, rto.backoff]).toEqual([milliseconds(700), 0]);
  });

  test("a thin stream's timeout stays as it is for a while", () => {
    const rto = new Rto(BOUNDS);
    for (let i = 0; i < 6; i++) rto.expired(true);
    expect(rto.value).toBe(seconds(1));
    rto.expired();
    expect(rto.value).toBe(seconds(2));
  });

  test("nor does it stay backed off once it is linear again", () => {
    const rto = new Rto(BOUNDS);
    rto.expired();
    rto.expired();
    rto.expired(true);
    expect([rto.value, rto.backoff]).toEqual([seconds(1), 0]);
  });

  test("a timeout that could send nothing does not count", () => {
    const rto = new Rto(BOUNDS);
    rto.expired();
    rto.refused();
    rto.refused();
    expect([rto.value, rto.backoff]).toEqual([seconds(1), 0]);
    rto.expired();
    expect([rto.value, rto.backoff]).toEqual([seconds(2), 1]);
  });

  test("RFC 6069: one timeout is taken back", () => {
    const rto = new Rto(BOUNDS);
    rto.expired();
    rto.expired();
    rto.revertBackoff();
    expect([rto.value, rto.backoff]).toEqual([seconds(2), 1]);
    rto.revertBackoff();
    rto.revertBackoff();
    expect([rto.value, rto.backoff]).toEqual([seconds(1), 0]);
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
