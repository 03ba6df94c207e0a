import { expect, test } from "vitest";
import { secondsOf, timeoutsFor } from "./defer-accept.ts";

test("a time is rounded up to whole timeouts of a SYN-ACK", () => {
  expect([-1, 0, 1, 2, 3, 4, 7, 8, 63, 64, 128].map(timeoutsFor)).toEqual([0, 0, 1, 2, 2, 3, 3, 4, 6, 7, 8]);
  expect(timeoutsFor(1e9)).toBe(255);
});

test("and read back as the time that they take: 1 + 2 + 4 … s, no timeout longer than 120 s", () => {
  expect([0, 1, 2, 3, 7, 8].map(secondsOf)).toEqual([0, 1, 3, 7, 127, 247]);
});
