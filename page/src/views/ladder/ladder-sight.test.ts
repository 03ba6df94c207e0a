import { expect, test } from "vitest";
import { distanceToLine, isNarrow, ladderColumns } from "./ladder-sight.ts";

test("the distance to a line is that to its nearest point, its ends among them", () => {
  expect(distanceToLine(5, 3, 0, 0, 10, 0)).toBe(3);
  expect(distanceToLine(-4, 3, 0, 0, 10, 0)).toBe(5);
  expect(distanceToLine(14, 3, 0, 0, 10, 0)).toBe(5);
  expect(distanceToLine(3, 4, 0, 0, 0, 0)).toBe(5);
});

test("a phone leaves more than a third of its width to the lines, with room for states on both sides", () => {
  const { times, near, far } = ladderColumns(390);
  expect(isNarrow(390)).toBe(true);
  expect(far - near).toBeGreaterThan(130);
  expect(near - times).toBeGreaterThanOrEqual(76);
  expect(390 - far).toBeGreaterThanOrEqual(76);
});
