import { expect, test } from "vitest";
import { filterProblem } from "./packet-filter.ts";

test("a filter of tcpdump's language is right, on one kind of link at least", () => {
  expect(filterProblem("")).toBeUndefined();
  expect(filterProblem("tcp port 80 and host 10.0.0.1")).toBeUndefined();
  expect(filterProblem("ether proto 0x0806")).toBeUndefined();
});

test("what is wrong is told, and where", () => {
  expect(filterProblem("tcp port and")?.at).toBeGreaterThan(3);
});
