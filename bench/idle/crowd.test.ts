import { expect, test } from "vitest";
import { Crowd } from "./crowd.ts";

test("a crowd is opened, asked and closed", () => {
  const crowd = new Crowd(250);
  crowd.open(250);
  crowd.rest();
  for (const index of [0, 123, 249]) crowd.ask(index);
  crowd.close();
  expect(() => crowd.ask(0)).toThrow("a request was not answered");
});
