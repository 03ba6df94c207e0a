/**
 * What of two traces has to be the same. Not compared, because time or taste decides it: retransmissions, how
 * many bare acknowledgments a step has and which of them a segment with text carries instead, and windows.
 */
import type { StepTrace, Trace } from "./exchange.ts";
import type { Plan, Step } from "./plan.ts";
import type { Seen } from "./raw-peer.ts";

/** Rounds of the opening that a trace begins with. */
const OPENING_STEPS = 3;

/** Undefined: none. "known": one that we keep. Else both traces up to the first difference, side by side. */
export function differenceOf(plan: Plan, linux: Trace, postel: Trace): string | undefined {
  for (let i = 0; i < linux.length; i++) {
    const [left, right] = [linux[i] as StepTrace, postel[i] as StepTrace];
    if (comparable(left) === comparable(right)) continue;
    if (isKnown(plan, linux, postel, i)) return "known";
    const heading = `seed ${plan.seed}: ${plan.opening} open, offer ${JSON.stringify(plan.offer)}`;
    const steps = Array.from({ length: i + 1 }, (_, k) => {
      const [a, b] = [linux[k] as StepTrace, postel[k] as StepTrace];
      const marks = k === i ? "  <-- here" : "";
      return `${k}. ${a.what}${marks}\n     Linux:  ${shown(a)}\n     Postel: ${shown(b)}`;
    });
    return `${heading}\n  ${steps.join("\n  ")}`;
  }
  return undefined;
}

/** Differences that we keep: docs/decisions/kernel-differences.md. */
function isKnown(plan: Plan, linux: Trace, postel: Trace, at: number): boolean {
  return (
    isOrphanInFinWait2(linux, postel, at) ||
    isWindowTakenBack(plan, at) ||
    isBeyondOwnFin(plan, at) ||
    isHalfOpen(linux, at) ||
    isWithoutAck(plan, at)
  );
}

/** A connection without a user in FIN-WAIT-2: for Linux a TIME-WAIT record already. */
function isOrphanInFinWait2(linux: Trace, postel: Trace, at: number): boolean {
  const wasClosed = linux
    .slice(0, at + 1)
    .some(({ what, result }) => what.includes('"close"') && result === 0);
  const isBare = ({ packets }: StepTrace): boolean => packets.every(({ length }) => length === 0);
  return wasClosed && isBare(linux[at] as StepTrace) && isBare(postel[at] as StepTrace);
}

/** A smaller window in a segment that brings nothing new. */
function isWindowTakenBack(plan: Plan, at: number): boolean {
  return plannedBefore(plan, at + 1).some(step => step.who === "peer" && step.window < 30_000);
}

/** The peer sends behind its own FIN. */
function isBeyondOwnFin(plan: Plan, at: number): boolean {
  const step = plan.steps[at - OPENING_STEPS];
  const sends = step?.who === "peer" && (step.length > 0 || step.flags.includes("F"));
  return (
    sends && plannedBefore(plan, at).some(before => before.who === "peer" && before.flags.startsWith("F"))
  );
}

/**
 * A SYN of the peer's has made a half-open entry of a connection that was over: Linux looks at the ACK first.
 */
function isHalfOpen(linux: Trace, at: number): boolean {
  return linux.slice(OPENING_STEPS, at).some(({ packets }) => packets.some(({ flags }) => flags === "S."));
}

/** A segment without ACK: Linux drops it before it looks at the sequence number. */
function isWithoutAck(plan: Plan, at: number): boolean {
  const step = plan.steps[at - OPENING_STEPS];
  return step?.who === "peer" && /^[PF]+$/.test(step.flags);
}

function plannedBefore(plan: Plan, at: number): readonly Step[] {
  return plan.steps.slice(0, Math.max(0, at - OPENING_STEPS));
}

function comparable(step: StepTrace): string {
  const lines: string[] = [];
  let lastAck: Seen | undefined;
  for (const packet of step.packets) {
    if (packet.isRepeated) continue;
    if (packet.flags.includes("R")) lines.push(text(packet));
    else {
      if (packet.length > 0 || /[SF]/.test(packet.flags)) lines.push(withoutAck(packet));
      lastAck = packet;
    }
  }
  const acks = step.packets.some(
    ({ ack, flags, isRepeated }) => ack !== undefined && !isRepeated && !flags.includes("R"),
  );
  lines.push(acks ? "says something" : "is silent", `ack ${lastAck?.ack} ${lastAck?.options}`);
  return JSON.stringify([step.result, step.state, lines]);
}

function withoutAck({ flags, seq, length, options }: Seen): string {
  return `${flags} ${seq}:${seq + length} ${/S/.test(flags) ? options : ""}`;
}

function text({ flags, seq, length, ack, options }: Seen): string {
  return `${flags} ${seq}:${seq + length}${ack === undefined ? "" : ` ack ${ack}`} <${options}>`;
}

function shown(step: StepTrace): string {
  const result = step.result === undefined ? "" : `call gives ${step.result}; `;
  const packets = step.packets.map(packet => (packet.isRepeated ? `(again) ${text(packet)}` : text(packet)));
  return `${result}state ${step.state}; ${packets.length === 0 ? "nothing sent" : packets.join(" | ")}`;
}
