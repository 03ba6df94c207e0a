/**
 * The differential check: the same random life of a connection, from a seed, at the Linux kernel and at
 * Postel. After each step both must have sent the same, answered the call alike, and be in the same state.
 * What may differ, and why, is in docs/decisions/kernel-differences.md; `differential/filters.ts` names it.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Difference, differenceText, firstDifference } from "./differential/compare.ts";
import { KNOWN, knownAs } from "./differential/filters.ts";
import { KernelSide } from "./differential/kernel-side.ts";
import { type Played, playAgain, playRandom } from "./differential/plan.ts";
import type { Plan } from "./differential/steps.ts";
import { withNamespace } from "./namespace.ts";
import { rootTest } from "./root-test.ts";

/** So many connections of the kernel at once; they wait for each other's steps. */
const BATCH = 100;
/** More lives than this that end in a known difference would be too many that are not compared. */
const MOST_KNOWN = 0.15;
const only = process.env["POSTEL_SEED"];
const first = Number(only ?? process.env["POSTEL_FIRST_SEED"] ?? 1);
const count = only === undefined ? Number(process.env["POSTEL_SEEDS"] ?? 1_000) : 1;

rootTest(
  `${count} random lives of a connection, from seed ${first}: Postel and the kernel do the same`,
  () =>
    withNamespace(async namespace => {
      const kernel = await KernelSide.start(namespace);
      const differences: Difference[] = [];
      for (let seed = first; seed < first + count; seed += BATCH) {
        const played = await playBatch(seed, Math.min(BATCH, first + count - seed));
        const seen = await kernel.play(played.map(({ plan }) => plan));
        played.forEach(({ plan, observations }, index) => {
          const difference = firstDifference(plan, observations, seen[index] ?? []);
          if (difference !== undefined) differences.push(difference);
        });
      }
      kernel.stop();
      const unknown = differences.filter(difference => knownAs(difference) === undefined);
      const shown = unknown.slice(0, 5).map(differenceText).join("\n\n");
      expect(unknown.length, `${unknown.length} of ${count} lives differ\n${shown}`).toBe(0);
      if (count > 1) expect(differences.length).toBeLessThan(MOST_KNOWN * count);
    }),
  240_000,
);

async function playBatch(seed: number, size: number): Promise<Played[]> {
  const played: Played[] = [];
  for (let at = 0; at < size; at++) played.push(await playRandom(seed + at));
  return played;
}

test("every known difference has its reason in docs/decisions", () => {
  const page = readFileSync(new URL("../../docs/decisions/kernel-differences.md", import.meta.url), "utf8");
  for (const name of KNOWN) expect(page).toContain(`**${name}**`);
});

test("a life is played again from its plan, step by step the same", async () => {
  for (const seed of [1, 2, 3]) {
    const { plan, observations } = await playRandom(seed);
    expect(firstDifference(plan, observations, await playAgain(plan))).toBeUndefined();
  }
});

test("the comparison sees another number, another result, another state", async () => {
  const { plan, observations } = await playRandom(1);
  const changed = (plan_: Plan, change: object, step: number) =>
    firstDifference(
      plan_,
      observations,
      observations.map((seen, at) => (at === step ? { ...seen, ...change } : seen)),
    );
  for (const change of [{ sent: "ack 77 at 1" }, { result: -7 }, { look: undefined }]) {
    const difference = changed(plan, change, 9);
    expect(difference?.step).toBe(9);
    expect(difference === undefined ? "" : differenceText(difference)).toMatch(/Postel.*\n.*kernel/);
  }
});
