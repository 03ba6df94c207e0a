import { expect, test } from "vitest";
import { median, summarize } from "./statistics.ts";

test("the median of an odd count is the middle value, whatever the order", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([100, 2, 30, 4, 5])).toBe(5);
});

test("the median of an even count lies between the two in the middle", () => {
  expect(median([4, 1, 3, 100])).toBe(3.5);
});

test("numbers are compared as numbers, not as text", () => {
  expect(median([10, 9, 100])).toBe(10);
});

test("a summary has the spread; of nothing there is none", () => {
  expect(summarize([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(summarize([])).toBeUndefined();
  expect(median([])).toBeNaN();
});
