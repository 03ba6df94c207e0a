/**
 * Fewer ACKs while a hole is open. RFC 5681 §4.2 asks for one at once for each segment out of order, because
 * without SACK the sender counts them; with it any one of them says what all say. As on Linux the first three
 * for a hole go out at once, so that no sender waits for them; those after them wait a part of the round trip
 * for each other. docs/decisions/sack-compression.md.
 */
import type { Seq } from "../../base/seq.ts";
import type { Duration } from "../../base/time.ts";

export interface SackCompressionLimits {
  readonly sackDelay: Duration;
  readonly sackDelayShare: number;
  readonly sacksTogether: number;
}

/** RFC 5681 §3.2: so many duplicate ACKs start a fast retransmit. */
const DUPLICATES_AT_ONCE = 3;

export class SackCompression {
  /** RCV.NXT: where the hole begins. */
  #hole: Seq | undefined = undefined;
  #sentAtOnce = 0;
  #waiting = 0;

  /** ACKs that wait to be one. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * A segment came out of order. Answers how long its ACK may wait, 0 for not at all.
   *
   * @param nxt RCV.NXT
   * @param rtt the round trip, 0 if it is not known
   */
  arrived(nxt: Seq, rtt: Duration, limits: SackCompressionLimits): Duration {
    const delay = Math.min(limits.sackDelay, Math.floor((rtt * limits.sackDelayShare) / 100));
    if (this.#waiting >= limits.sacksTogether || delay === 0) return 0 as Duration;
    if (this.#hole !== nxt) {
      this.#hole = nxt;
      this.#sentAtOnce = 0;
    }
    if (this.#sentAtOnce < DUPLICATES_AT_ONCE) {
      this.#sentAtOnce++;
      return 0 as Duration;
    }
    this.#waiting++;
    return delay as Duration;
  }

  /** An ACK went out, for all that waited: answers how many it stood for. */
  sent(): number {
    const count = this.#waiting;
    this.#waiting = 0;
    return count;
  }
}
