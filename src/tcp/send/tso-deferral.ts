/**
 * Whether a unit of several segments waits for a larger one: Linux's tcp_tso_should_defer. When
 * acknowledgments come in a row, each letting out a segment, the second one's worth waits a moment for the
 * third's, so that they leave together. Only while something is in flight whose acknowledgment is due at
 * once; a flow that begins, or one that would use a good part of its window, does not wait.
 */
import type { Duration } from "../../base/time.ts";

const MILLISECOND = 1_000;
/** With no divisor: more than so many segments do not wait. */
const MOST_DEFERRED = 3;

export interface DeferralCase {
  /** What the windows would take, in bytes: the peer's, and the congestion window. */
  readonly sendWindow: number;
  readonly cwndRoom: number;
  /** The two windows as a whole. */
  readonly windows: number;
  /** Text that waits in one piece, and whether more may come to it. */
  readonly waiting: number;
  readonly mayGrow: boolean;
  /** A unit of full size. */
  readonly unit: number;
  readonly mss: number;
  /** Since the last segment left, and until the oldest one in flight should be acknowledged. */
  readonly sinceSent: number;
  readonly untilAck: number;
  readonly srtt: Duration;
  /** net.ipv4.tcp_tso_win_divisor. */
  readonly divisor: number;
}

/** What it waits for; undefined: it does not. */
export function deferredFor(d: DeferralCase): "cwnd" | "window" | "text" | undefined {
  if (d.sinceSent >= MILLISECOND) return undefined;
  const limit = Math.min(d.sendWindow, d.cwndRoom);
  if (limit >= d.unit || (!d.mayGrow && limit >= d.waiting)) return undefined;
  const enough = d.divisor > 0 ? Math.floor(d.windows / d.divisor) : MOST_DEFERRED * d.mss + 1;
  if (limit >= enough) return undefined;
  if (d.untilAck > Math.min(d.srtt / 2, MILLISECOND)) return undefined;
  if (d.cwndRoom < d.sendWindow && d.cwndRoom <= d.waiting) return "cwnd";
  if (d.cwndRoom >= d.sendWindow && d.sendWindow <= d.waiting) return "window";
  return d.mayGrow ? "text" : undefined;
}
