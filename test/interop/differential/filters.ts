/**
 * Differences that are meant: each is a heading of docs/decisions/kernel-differences.md. What follows one in
 * the same life is not compared, so a filter is as narrow as it can be.
 */
import { type Difference, observationText } from "./compare.ts";
import type { Observation, SegmentStep, Step } from "./steps.ts";

interface Differing {
  readonly step: Step | undefined;
  /** The step, if it is a segment. */
  readonly segment: SegmentStep | undefined;
  readonly earlier: readonly Step[];
  /** The state before the step. */
  readonly state: string | undefined;
  readonly plan: Difference["plan"];
  readonly postel: Observation;
  readonly kernel: Observation;
}

const SENDS_TEXT = /^(?:\d+:\d+|FIN)/m;

type Filter = readonly [name: string, applies: (differing: Differing) => boolean];

const FILTERS: readonly Filter[] = [
  [
    "A second SYN to a half-open connection",
    ({ segment, earlier, postel, kernel }) =>
      segment?.flags.includes("S") === true &&
      kernel.sent.startsWith("RST") &&
      /^ack \d+ at 1\b/.test(postel.sent) &&
      earlier.some(step => step.kind === "segment" && step.flags.includes("S")),
  ],
  [
    "Text or FIN beside a SYN-ACK",
    ({ segment, state }) =>
      state === "SYN-SENT" && segment?.flags.includes("S.") === true && segment.length > 0,
  ],
  [
    "The SYN-ACK of a simultaneous open",
    ({ segment, state, kernel }) =>
      state === "SYN-RECEIVED" && segment?.flags === "S." && kernel.sent.startsWith("ack"),
  ],
  [
    "An ACK of nothing in a simultaneous open",
    ({ segment, state }) => state === "SYN-RECEIVED" && segment?.ack === 0,
  ],
  [
    "Without ACK",
    ({ segment, postel, kernel }) =>
      segment?.ack === undefined &&
      segment?.flags.includes("S") === false &&
      kernel.sent === "nothing" &&
      postel.sent.startsWith("ack") &&
      sameBut(postel, kernel),
  ],
  [
    "Without a user in FIN-WAIT-2",
    ({ segment, earlier, postel }) =>
      postel.look === undefined &&
      earlier.some(step => step.kind === "call" && step.call === "close") &&
      /[RS]/.test(segment?.flags ?? ""),
  ],
  [
    "Shutdown before a simultaneous open is complete",
    ({ step, state }) => state === "SYN-RECEIVED" && step?.kind === "call" && step.call === "shutdown",
  ],
  [
    "RST after a simultaneous open",
    ({ step, postel, kernel }) =>
      step?.kind === "call" && postel.result === "ECONNREFUSED" && kernel.result === "ECONNRESET",
  ],
  [
    "SACK blocks beside the ACK of a FIN that waited",
    ({ earlier, postel, kernel }) =>
      earlier.some(step => step.kind === "segment" && step.meaning === "FIN beyond a gap") &&
      postel.look?.poll.includes("rdhup") === true &&
      withoutSack(postel) === withoutSack(kernel),
  ],
  [
    "Urgent bytes out of order, or refused",
    ({ step, earlier, postel, kernel }) =>
      [step, ...earlier].some(past => past?.kind === "segment" && past.urgent !== undefined) &&
      differsIn(postel, kernel, /pri | in \d+/g),
  ],
  [
    "A window that opens with an old number",
    ({ earlier, postel, kernel }) =>
      earlier.some(step => step.kind === "segment" && step.window === 0) &&
      kernel.sent === "nothing" &&
      /^\d+:\d+/.test(postel.sent) &&
      sameBut(postel, kernel),
  ],
  [
    "Silly windows",
    ({ step, plan, postel, kernel }) =>
      step !== undefined &&
      sameBut(postel, kernel) &&
      /^\d+:\d+/.test(kernel.sent) &&
      plan.steps.some(past => past.kind === "segment" && past.window > 0 && past.window <= 2_000),
  ],
  [
    "How much is sent in recovery",
    ({ earlier, step, plan, postel, kernel }) =>
      plan.offer.sack &&
      [step, ...earlier].some(past => past?.kind === "segment" && past.sack !== undefined) &&
      sameBut(postel, kernel) &&
      SENDS_TEXT.test(`${postel.sent}\n${kernel.sent}`),
  ],
  [
    "Duplicate ACKs without SACK",
    ({ plan, postel, kernel }) =>
      !plan.offer.sack && sameBut(postel, kernel) && SENDS_TEXT.test(`${postel.sent}\n${kernel.sent}`),
  ],
];

/** Nothing differs but what was sent. */
function sameBut(postel: Observation, kernel: Observation): boolean {
  return observationText({ ...postel, sent: "" }) === observationText({ ...kernel, sent: "" });
}

/** Nothing differs but this. */
function differsIn(postel: Observation, kernel: Observation, what: RegExp): boolean {
  const without = (observation: Observation): string => observationText(observation).replace(what, "");
  return without(postel) === without(kernel);
}

function withoutSack(observation: Observation): string {
  return observationText({ ...observation, sent: observation.sent.replace(/ sack [-\d: ]+/, "") });
}

/** The name of the difference, if it is a known one. */
export function knownAs(difference: Difference): string | undefined {
  const { plan, step: at } = difference;
  const postel = difference.postel[at];
  const kernel = difference.kernel[at];
  if (postel === undefined || kernel === undefined) return undefined;
  const step = plan.steps[at - 1];
  const segment = step?.kind === "segment" ? step : undefined;
  const earlier = plan.steps.slice(0, Math.max(0, at - 1));
  const state = difference.postel[at - 1]?.look?.state;
  return FILTERS.find(([, applies]) => applies({ step, segment, earlier, state, plan, postel, kernel }))?.[0];
}

export const KNOWN: readonly string[] = FILTERS.map(([name]) => name);
