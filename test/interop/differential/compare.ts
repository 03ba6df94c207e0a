/** The first step after which the two sides differ, told so that it can be understood and played again. */
import { type Observation, type Plan, stepText } from "./steps.ts";

export interface Difference {
  readonly plan: Plan;
  /** 0 is the opening. */
  readonly step: number;
  readonly postel: readonly Observation[];
  readonly kernel: readonly Observation[];
}

export function firstDifference(
  plan: Plan,
  postel: readonly Observation[],
  kernel: readonly Observation[],
): Difference | undefined {
  for (let step = 0; step < postel.length; step++) {
    if (observationText(postel[step]) !== observationText(kernel[step]))
      return { plan, step, postel, kernel };
  }
  return undefined;
}

export function observationText(observation: Observation | undefined): string {
  if (observation === undefined) return "?";
  const { result, sent, look } = observation;
  const parts = [`sent ${sent}`];
  if (result !== undefined) parts.unshift(`= ${result}`);
  if (look !== undefined) {
    // What a connection that is over had in its queue means nothing.
    const out = look.state === "CLOSED" ? "-" : look.unacknowledged;
    parts.push(`${look.state} in ${look.readable} out ${out} [${look.poll}]`);
  }
  return parts.join("; ");
}

/** Both traces up to the difference, side by side. */
export function differenceText({ plan, step, postel, kernel }: Difference): string {
  const { seed, opener, offer } = plan;
  const lines = [
    `seed ${seed}: the ${opener} opens; the peer offers ${JSON.stringify(offer)}, its ISS is ${plan.peerIss}`,
  ];
  for (let at = 0; at <= step; at++) {
    const what = plan.steps[at - 1];
    lines.push(`${at}. ${what === undefined ? "opening" : stepText(what)}`);
    const ours = observationText(postel[at]);
    const theirs = observationText(kernel[at]);
    if (ours === theirs) lines.push(`      both    ${ours}`);
    else lines.push(`      Postel  ${ours}`, `      kernel  ${theirs}`);
  }
  lines.push(`again: POSTEL_SEED=${seed} npx vitest run test/interop/differential.test.ts`);
  return lines.join("\n");
}
