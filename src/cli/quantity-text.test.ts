import { expect, test } from "vitest";
import { bytesText, countText, durationText, millisecondsText } from "./quantity-text.ts";

test("thousands are set apart", () => {
  expect([0, 999, 1_000, 104_857_600].map(countText)).toEqual(["0", "999", "1,000", "104,857,600"]);
  expect([bytesText(1), bytesText(2_000)]).toEqual(["1 byte", "2,000 bytes"]);
});

test("a duration has the unit that fits and the digits that matter", () => {
  const micros = [7, 999, 1_000, 12_345, 123_456, 1_234_567, 75_000_000];
  expect(micros.map(durationText)).toEqual([
    "7 µs",
    "999 µs",
    "1.00 ms",
    "12.3 ms",
    "123 ms",
    "1.23 s",
    "75.0 s",
  ]);
});

test("columns of times have three decimals", () => {
  expect(millisecondsText(12_950)).toBe("12.950");
});
