/**
 * Congestion window validation: RFC 7661 in Linux's form. Only a window that is used may grow, and one that
 * is not used for a while shrinks towards what is. Counts are of segments.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { type Seq, seqAdd, seqAtOrAfter, seqDiff } from "../../base/seq.ts";
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

  /** The window was looked at, and may have grown; or it is new. */
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

  fold(row: Row, at: number, nxt: Seq): number {
    row[at] = this.#isLimited ? 1 : 0;
    row[at + 1] = this.#mostOut;
    row[at + 2] = seqDiff(this.#flightEnd, nxt);
    row[at + 3] = this.#used;
    row[at + 4] = this.#lookedAt;
    return at + 5;
  }

  unfold(row: Row, at: number, nxt: Seq): number {
    this.#isLimited = flagAt(row, at);
    this.#mostOut = numberAt(row, at + 1);
    this.#flightEnd = seqAdd(nxt, numberAt(row, at + 2));
    this.#used = numberAt(row, at + 3);
    this.#lookedAt = numberAt(row, at + 4);
    return at + 5;
  }
}
