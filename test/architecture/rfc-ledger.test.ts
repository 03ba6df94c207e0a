/**
 * Every labelled requirement of RFC 9293 has code and a test, or a reason; the ledger in docs/ says which.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { carriers, complaints, LEDGER, ledger } from "../../scripts/rfc-ledger.mjs";

test("every requirement has code and a test, or a reason why not", () => {
  expect(complaints()).toEqual([]);
});

test("docs/rfc-ledger.md is what scripts/rfc-ledger.mjs writes", () => {
  expect(readFileSync(LEDGER, "utf8") === ledger(), "run: node scripts/rfc-ledger.mjs").toBe(true);
});

describe("the ledger complains", () => {
  const requirement = ["MUST-1", "3.1", "unsigned"] as const;
  const found = (code: string[], tests: string[]) => new Map([["MUST-1", { code, tests }]]);

  test.each([
    ["of code without a test", found(["a.ts"], []), requirement, /no test/],
    ["of a test without code", found([], ["a.test.ts"]), requirement, /no code/],
    ["of nothing at all", new Map(), requirement, /neither code nor test/],
    ["of a stale reason", found(["a.ts"], ["b.ts"]), [...requirement, "why"] as const, /out of date/],
  ])("%s", (_name, carried, row, message) => {
    expect(complaints(carried, [row])).toEqual([expect.stringMatching(message)]);
  });

  test("of a label that the RFC does not have", () => {
    const carried = new Map([["MUST-99", { code: ["a.ts"], tests: ["a.test.ts"] }]]);
    expect(complaints(carried, [])).toEqual([expect.stringMatching(/no such label.*a\.ts/)]);
  });

  test("and finds labels at all", () => {
    expect(carriers().get("MUST-10")?.tests.length).toBeGreaterThan(1);
  });
});
