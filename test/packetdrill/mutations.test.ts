/** The runner can fail: a copy of a passing script that is wrong in one thing does not pass. */
import { expect, test } from "vitest";
import { mutationsOf } from "./mutations.ts";
import { ownScripts, play } from "./own-scripts.ts";

const LEAST = 200;

const counts = new Map<string, number>();

test.each(ownScripts().map(({ name, source }) => [name, source]))(
  "mutated copies of %s fail",
  async (name, source) => {
    for (const mutation of mutationsOf(source)) {
      const { status, failure } = await play(name, mutation.source);
      expect(status, `${mutation.what} of line ${mutation.line}`).toBe("failed");
      // Not for being no script at all.
      expect(failure?.kind, `${mutation.what} of line ${mutation.line}: ${failure?.message}`).not.toMatch(
        /syntax|unsupported|bug/,
      );
      counts.set(mutation.what, (counts.get(mutation.what) ?? 0) + 1);
    }
  },
);

test(`there were at least ${LEAST}, of every kind`, () => {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  expect(total).toBeGreaterThanOrEqual(LEAST);
  expect([...counts.keys()].sort()).toEqual([
    "ACK flag",
    "PSH flag",
    "SACK block",
    "acknowledgment",
    "an option less",
    "error",
    "half a second later",
    "length",
    "mss",
    "no options",
    "result",
    "sequence number",
    "window",
    "wscale",
  ]);
});
