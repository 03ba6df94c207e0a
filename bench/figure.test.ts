import { expect, test } from "vitest";
import { figure } from "./figure.ts";

test.each([
  [0, "0"],
  [0.12345, "0.123"],
  [1.2345, "1.23"],
  [29.96, "30.0"],
  [123.4, "123"],
  [1234567, "1 234 567"],
  [Number.NaN, "–"],
])("%d is shown as %s", (value, text) => {
  expect(figure(value)).toBe(text);
});
