import { expect, test } from "vitest";
import { parseScript } from "./parser.ts";
import { settingsFor } from "./settings.ts";
import { lateness, secondsText, toleranceFor } from "./time-rules.ts";

const settings = (options = "") => settingsFor(parseScript("t", `${options}\n0 close(3) = 0`), undefined);

test("the tolerance is the larger of the absolute and the relative one", () => {
  expect(toleranceFor(settings(), 0)).toBe(4_000);
  expect(toleranceFor(settings(), 1_000_000)).toBe(125_000);
  expect(toleranceFor(settings("--tolerance_usecs=20000"), 100_000)).toBe(20_000);
  expect(toleranceFor(settings("--tolerance_percent=1"), 1_000_000)).toBe(10_000);
});

test("a time may be off by the tolerance, and by no more, at both ends of a range", () => {
  const range = { from: 100_000, to: 200_000 };
  expect(lateness(96_000, range, 4_000)).toBe(0);
  expect(lateness(95_999, range, 4_000)).toBe(-4_001);
  expect(lateness(204_000, range, 4_000)).toBe(0);
  expect(lateness(204_001, range, 4_000)).toBe(4_001);
  expect(lateness(150_000, range, 4_000)).toBe(0);
});

test("seconds have six places", () => {
  expect(secondsText(1_234_567)).toBe("1.234567");
});
