import { expect, test } from "vitest";
import {
  bytesText,
  countText,
  durationText,
  endText,
  instantText,
  numberText,
  rateText,
  shareText,
} from "./quantities.ts";

test("bytes, in units of 1024, with three digits that count", () => {
  expect([0, 999, 1023, 1024, 1536, 1_048_576, 3_000_000_000].map(bytes => bytesText(bytes, "en"))).toEqual([
    "0 B",
    "999 B",
    "1,023 B",
    "1 KiB",
    "1.5 KiB",
    "1 MiB",
    "2.79 GiB",
  ]);
});

test("rates, in bits", () => {
  expect([0, 100, 125_000, 12_345_678, 2.5e9].map(rate => rateText(rate, "en"))).toEqual([
    "0 bit/s",
    "800 bit/s",
    "1 Mbit/s",
    "98.8 Mbit/s",
    "20 Gbit/s",
  ]);
});

test("durations, from µs to hours; none is rounded into a unit that is too small", () => {
  const times = [0, 1.25, 850, 999.7, 12_345, 999_800, 1_500_000, 59_960_000, 125_000_000, 12_000_000_000];
  expect(times.map(micros => durationText(micros, "en"))).toEqual([
    "0 µs",
    "1.25 µs",
    "850 µs",
    "1 ms",
    "12.3 ms",
    "1 s",
    "1.5 s",
    "1 min 0 s",
    "2 min 5 s",
    "3 h 20 min",
  ]);
  expect(durationText(-125_000_000, "en")).toBe("−2 min 5 s");
});

test("instants, to the µs", () => {
  expect(instantText(1_000_250)).toBe("1.000250");
  expect(instantText(-1)).toBe("−0.000001");
});

test("numbers and parts, in the page's language", () => {
  expect(countText(12_345.4, "en")).toBe("12,345");
  expect(countText(12_345, "zh-CN")).toBe("12,345");
  expect(numberText(1234.56, "en")).toBe("1230");
  expect(shareText(0.015, "en")).toBe("1.5%");
});

test("an address with its port", () => {
  expect(endText("10.0.0.1", 80)).toBe("10.0.0.1:80");
  expect(endText("2001:db8::1", 443)).toBe("[2001:db8::1]:443");
});
