import { expect, test } from "vitest";
import { clockText, elapsedText } from "./line-time.ts";

test("elapsed time has six digits after the point", () => {
  expect(elapsedText(123)).toBe("0.000123");
  expect(elapsedText(12_000_001)).toBe("12.000001");
  expect(elapsedText(-1_500_000)).toBe("-1.500000");
});

test("the time of day is that of the time zone asked for", () => {
  const instant = Date.UTC(2024, 1, 29, 23, 5, 9) * 1000 + 123;
  expect(clockText(instant)).toBe("23:05:09.000123");
  expect(clockText(instant, 60)).toBe("00:05:09.000123");
  expect(clockText(instant, -330)).toBe("17:35:09.000123");
  expect(clockText(0, -1)).toBe("23:59:00.000000");
});
