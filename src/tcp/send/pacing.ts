/**
 * Pacing: what is sent is spread over the round trip, instead of leaving in one burst. draft-ietf-ccwg-bbr
 * §4.6.2, and Linux's tcp_update_pacing_rate and internal pacing. The first ten segments of a connection are
 * not held back.
 */
import { type Duration, type Instant, START_OF_TIME } from "../../base/time.ts";

const SECOND = 1_000_000; // µs
/** Linux's TCP_INIT_CWND. */
const UNPACED_SEGMENTS = 10;

/** What a rate is made of; windows in bytes. */
export interface RateBasis {
  readonly cwnd: number;
  readonly ssthresh: number;
}

export interface PacingRatios {
  /** In percent of a window a round trip. */
  readonly pacingSlowStartRatio: number;
  readonly pacingAvoidanceRatio: number;
}

/**
 * Bytes a second, for a congestion control that has no pace of its own: twice of a window a round trip while
 * it doubles, and a little more than one after that. `out`: sent and not acknowledged. Infinity: the round
 * trip is not known.
 */
export function windowRate(window: RateBasis, out: number, srtt: Duration, ratios: PacingRatios): number {
  if (srtt === 0) return Number.POSITIVE_INFINITY;
  const isSlowStart = window.cwnd < window.ssthresh / 2;
  const ratio = isSlowStart ? ratios.pacingSlowStartRatio : ratios.pacingAvoidanceRatio;
  return (Math.max(window.cwnd, out) * (ratio / 100) * SECOND) / srtt;
}

/** When the next unit may leave. One for each connection that is paced. */
export class Pacer {
  #next = START_OF_TIME as number;
  #segments = 0;

  /** The earliest time for the next unit. */
  get next(): Instant {
    return Math.ceil(this.#next) as Instant;
  }

  /** A unit of `bytes` has left; what it was late by is made up for, up to half of its time. */
  sent(bytes: number, segments: number, rate: number, now: Instant): void {
    this.#segments += segments;
    const late = Math.max(0, now - this.#next);
    this.#next = Math.max(this.#next, now);
    if (this.#segments <= UNPACED_SEGMENTS || !Number.isFinite(rate) || rate <= 0) return;
    const time = (bytes * SECOND) / rate;
    this.#next += time - Math.min(time / 2, late);
  }
}
