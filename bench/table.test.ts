import { expect, test } from "vitest";
import type { RowResult } from "./results.ts";
import { renderTable, targetSentence } from "./table.ts";

const target = { quantity: "speed", of: "ours", against: "theirs", bound: { atLeast: 0.8 } };

test("a target says whether it is met, by what ratio, and what it should be", () => {
  expect(targetSentence({ ...target, value: 0.924, isMet: true })).toBe(
    "met: speed of ours is 0.92 × theirs; at least 0.8",
  );
  expect(targetSentence({ ...target, value: 0.5, isMet: false })).toBe(
    "NOT MET: speed of ours is 0.50 × theirs; at least 0.8",
  );
  expect(targetSentence(target)).toBe("unknown: speed of ours, at least 0.8 × theirs");
});

test("a fixed target names no peer", () => {
  const fixed = { quantity: "bytes", of: "ours", bound: { atMost: 2048 } };
  expect(targetSentence({ ...fixed, value: 1900, isMet: true })).toBe(
    "met: bytes of ours is 1 900; at most 2048",
  );
});

test("the table has medians with their spread, and why somebody is missing", () => {
  const ours = { contestant: "ours", failures: [], rounds: [{ speed: 2 }] };
  const theirs = { contestant: "theirs", failures: [], rounds: [], skipped: "there is no compiler" };
  const row: RowResult = {
    name: "bulk",
    section: "Bulk",
    title: "one stream",
    measuredAt: "2026-01-01T00:00:00Z",
    loadBefore: 0,
    seconds: 2,
    quantities: [{ name: "speed", unit: "Gbit/s", better: "more" }],
    contestants: [
      { ...ours, summaries: { speed: { median: 2, least: 1, most: 3 } } },
      { ...theirs, summaries: {} },
    ],
    targets: [],
  };
  const table = renderTable([row]);
  expect(table).toContain("Bulk: one stream");
  expect(table).toContain("2.00 (1.00–3.00)");
  expect(table).toContain("there is no compiler");
});
