/**
 * Congestion window validation: RFC 7661 in Linux's form. Only a window that is used may grow, and one that
 * is not used for a while shrinks towards what is. Counts are of segments.
 */
import type { Fold } from "../../base/fold.ts";
import { type Seq, seqAtOrAfter } from "../../base/seq.ts";
import type { Duration, Instant } from "../../base/time.ts";

export class CwndValidation {
  /** Of the flight that ends with `#flightEnd`: the window held it back, and the most that was out. */
  #isLimited = false;
  #mostOut = 0;
  #flightEnd: Seq;
  /** The most that was out since the window was last full. */
  #used = 0;
  #lookedAt: Instant;

  constructor(iss: Seq, now: Instant) {
    this.#flightEnd = iss;
    this.#lookedAt = now;
  }

  /**
   * After something was sent, or held back.
   * @param isLimited The window held something back, or is full.
   * @param out Segments sent and not acknowledged.
   */
  sent(isLimited: boolean, out: number, una: Seq, nxt: Seq): void {
    const isNewFlight = seqAtOrAfter(una, this.#flightEnd);
    const isMore = !this.#isLimited && out > this.#mostOut;
    if (!isNewFlight && !isLimited && !isMore) return;
    this.#isLimited = isLimited;
    this.#mostOut = out;
    this.#flightEnd = nxt;
  }

  /** Whether the window may grow. In slow start, up to twice of what was sent: RFC 7661 §4.1. */
  isLimited(window: number, inSlowStart: boolean): boolean {
    return this.#isLimited || (inSlowStart && window < 2 * this.#mostOut);
  }

  /** The window was looked at, and may have grown. */
  acknowledged(now: Instant): void {
    this.#lookedAt = now;
  }

  /**
   * So many segments are out, and the window would take more. When it was neither full nor looked at for a
   * retransmission timeout it answers how many were out at most; before, undefined.
   */
  underused(out: number, now: Instant, rto: Duration): number | undefined {
    this.#used = Math.max(this.#used, out);
    if (now - this.#lookedAt < rto) return undefined;
    const used = this.#used;
    this.full(now);
    return used;
  }

  /** The window is full, or as large as it should be. */
  full(now: Instant): void {
    this.#used = 0;
    this.#lookedAt = now;
  }

  fold(fold: Fold, nxt: Seq): void {
    this.#isLimited = fold.flag(this.#isLimited);
    this.#mostOut = fold.number(this.#mostOut, 0);
    this.#flightEnd = fold.number(this.#flightEnd, nxt);
    this.#used = fold.number(this.#used, 0);
    this.#lookedAt = fold.number(this.#lookedAt, 0);
  }
}
