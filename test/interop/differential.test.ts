/**
 * The same calls and segments, from a seed, at the Linux kernel and at Postel: what comes of them is the
 * same, or listed in docs/decisions/kernel-differences.md.
 */
import { expect } from "vitest";
import { differenceOf } from "./differential/differences.ts";
import { carryOut } from "./differential/exchange.ts";
import { KernelSubject } from "./differential/kernel-subject.ts";
import { planOf } from "./differential/plan.ts";
import { PostelSubject } from "./differential/postel-subject.ts";
import { withNamespace } from "./namespace.ts";
import { rootTest } from "./root-test.ts";

/** One seed alone: POSTEL_SEED=77 npx vitest run test/interop/differential.test.ts */
const ONLY = process.env["POSTEL_SEED"];
/** So many connections at a time; more seeds by hand: POSTEL_SEEDS=5000. */
const BATCH = 500;
const COUNT = Number(process.env["POSTEL_SEEDS"] ?? 1_000);

async function differences(seeds: readonly number[]): Promise<string[]> {
  const plans = seeds.map(planOf);
  const linux = await withNamespace(async namespace => {
    const subject = await KernelSubject.create(namespace);
    try {
      return await carryOut(subject, plans);
    } finally {
      await subject.close();
    }
  });
  const postel = await carryOut(new PostelSubject(), plans);
  return plans.flatMap((plan, i) => differenceOf(plan, linux[i] ?? [], postel[i] ?? []) ?? []);
}

rootTest(
  `${ONLY === undefined ? COUNT : 1} random connections show the same at Linux and at Postel`,
  async () => {
    const seeds = ONLY === undefined ? Array.from({ length: COUNT }, (_, i) => i + 1) : [Number(ONLY)];
    const found: string[] = [];
    for (let at = 0; at < seeds.length; at += BATCH)
      found.push(...(await differences(seeds.slice(at, at + BATCH))));
    expect(found.filter(difference => difference !== "known").join("\n\n")).toBe("");
    // What is known is rare, or it hides what is not.
    expect(found.length).toBeLessThan(1 + seeds.length / 10);
  },
  30_000 + COUNT * 100,
);
