import { expect, test } from "vitest";
import type { Outcome } from "./outcome.ts";
import { differenceMarks, failureText, folderTable, plainOutcome, tallyOf, tallyText } from "./report.ts";

function outcome(name: string, status: Outcome["status"]): Outcome {
  const failure: Outcome["failure"] = {
    kind: "packet",
    message: "flags: . instead of P.",
    place: { line: 7, column: 5 },
    line: " +0 > P. 1:2(1) ack 1",
    sides: { expected: "> P. 1:2(1) ack 1", actual: "> . 1:2(1) ack 1" },
    packets: ["0.100000 > . 1:2(1) ack 1"],
    stack: undefined,
  };
  return {
    name,
    mode: "ipv4",
    status,
    reason: undefined,
    failure: status === "failed" ? failure : undefined,
    warnings: [],
    withoutKnob: [],
    duration: 100_000,
    transcript: [],
  };
}

test("a failure shows file, line, column, the line itself, both packets and the last ones", () => {
  expect(failureText(outcome("a/b.pkt", "failed")).split("\n")).toEqual([
    "a/b.pkt:7:5 (ipv4): wrong packet: flags: . instead of P.",
    "  7 |  +0 > P. 1:2(1) ack 1",
    "    |     ^",
    "  expected  > P. 1:2(1) ack 1",
    "  actual    > . 1:2(1) ack 1",
    "              ^",
    "  the last packets:",
    "    0.100000 > . 1:2(1) ack 1",
  ]);
});

test("carets stand below the words that differ", () => {
  expect(differenceMarks("a bb c", "a bx c")).toBe("  ^^");
  expect(differenceMarks("a b", "a b")).toBe("");
  expect(differenceMarks("a", "a b")).toBe("  ^");
});

test("the table has a row for each folder, and the tally counts", () => {
  const all = [outcome("x/a.pkt", "passed"), outcome("x/b.pkt", "failed"), outcome("y/c.pkt", "skipped")];
  expect(folderTable(all).split("\n")).toEqual([
    "folder  passed  failed  skipped",
    "x            1       1        0",
    "y            0       0        1",
  ]);
  expect(tallyText(tallyOf(all))).toBe("1 passed, 1 failed, 1 skipped");
});

test("the plain form names the place and both sides", () => {
  expect(plainOutcome(outcome("a.pkt", "failed"))).toMatchObject({
    status: "failed",
    line: 7,
    column: 5,
    expected: "> P. 1:2(1) ack 1",
    seconds: 0.1,
  });
});
