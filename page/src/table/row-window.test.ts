import { expect, test } from "vitest";
import { rowByKey, rowWindow, scrolledTo } from "./row-window.ts";

test("the rows in sight are drawn, and a few around them", () => {
  const { first, end } = rowWindow(1000, 200, 20, 10_000);
  expect(first).toBe(42);
  expect(end).toBe(69);
});

test("the window stays within the rows, however far it is scrolled", () => {
  expect(rowWindow(0, 200, 20, 3)).toEqual({ first: 0, end: 3 });
  expect(rowWindow(0, 200, 20, 0)).toEqual({ first: 0, end: 0 });
  const { first, end } = rowWindow(1_000_000, 200, 20, 100);
  expect(end).toBe(100);
  expect(first).toBeLessThan(90);
});

test("a row comes into sight with as little scrolling as possible", () => {
  expect(scrolledTo(3, 0, 200, 20, 20)).toBe(0);
  expect(scrolledTo(3, 100, 200, 20, 20)).toBe(60);
  expect(scrolledTo(20, 0, 200, 20, 20)).toBe(240);
});

test("keys move the row, and stop at the ends", () => {
  expect(rowByKey("j", undefined, 5, 3)).toBe(0);
  expect(rowByKey("End", undefined, 5, 3)).toBe(4);
  expect(rowByKey("j", 4, 5, 3)).toBe(4);
  expect(rowByKey("k", 2, 5, 3)).toBe(1);
  expect(rowByKey("PageUp", 2, 5, 3)).toBe(0);
  expect(rowByKey("Home", 4, 5, 3)).toBe(0);
  expect(rowByKey("x", 4, 5, 3)).toBeUndefined();
  expect(rowByKey("j", undefined, 0, 3)).toBeUndefined();
});
