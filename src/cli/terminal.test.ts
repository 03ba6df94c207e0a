import { expect, test } from "vitest";
import { wantsColour } from "./terminal.ts";

test("colour is for terminals, unless NO_COLOR is set to something (no-color.org)", () => {
  expect(wantsColour(true, {})).toBe(true);
  expect(wantsColour(false, {})).toBe(false);
  expect(wantsColour(true, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColour(true, { NO_COLOR: "" })).toBe(true);
  expect(wantsColour(true, { TERM: "dumb" })).toBe(false);
});

test("FORCE_COLOR asks for it anywhere, and NO_COLOR wins", () => {
  expect(wantsColour(false, { FORCE_COLOR: "1" })).toBe(true);
  expect(wantsColour(false, { FORCE_COLOR: "0" })).toBe(false);
  expect(wantsColour(false, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
});
