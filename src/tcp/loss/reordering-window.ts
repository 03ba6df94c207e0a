/**
 * RACK's reordering window: how much later than what was sent after it a segment may arrive. RFC 8985 §6.2
 * step 4. It grows by a quarter of the round trip with each round that shows a needless retransmission, and
 * is what it was again after sixteen recoveries without one.
 */
import { type Seq, seq, seqBefore } from "../../base/seq.ts";
import type { Duration } from "../../base/time.ts";

/** RACK.reo_wnd_persist. */
const RECOVERIES_TO_PERSIST = 16;
const MOST_STEPS = 255;

export class ReorderingWindow {
  /** RACK.reo_wnd_mult. */
  #steps = 1;
  #persist = 0;
  /** RACK.dsack_round: until this is acknowledged, further reports are of the same round. */
  #roundEnd: Seq = seq(0);
  #isInRound = false;

  get steps(): number {
    return this.#steps;
  }

  /** A report of a duplicate that reordering may have caused. */
  duplicateReported(una: Seq, nxt: Seq): void {
    if (this.#isInRound && seqBefore(una, this.#roundEnd)) return;
    this.#isInRound = true;
    this.#roundEnd = nxt;
    this.#steps = Math.min(this.#steps + 1, MOST_STEPS);
    this.#persist = RECOVERIES_TO_PERSIST;
  }

  /** A recovery ended, and was none that was taken back. */
  recovered(): void {
    if (this.#persist === 0) return;
    this.#persist--;
    if (this.#persist === 0) this.#steps = 1;
  }

  /** A whole recovery was needless: the window stays for longer. */
  recoveryWasNeedless(): void {
    this.#persist = Math.min(this.#persist + 1, RECOVERIES_TO_PERSIST);
  }
}

/** §6.2 step 4, of `steps` quarters of a round trip. */
export function reorderingWindow(steps: number, minRtt: Duration, srtt: Duration): Duration {
  return Math.min((steps * minRtt) / 4, srtt) as Duration;
}
