/**
 * Proportional rate reduction: RFC 9937, which obsoletes RFC 6937. While the congestion window is being
 * reduced, each acknowledgment says how much may be sent for what it says was delivered, so that the
 * reduction is spread over a round trip. In whole segments, and with the window rather than the flight as
 * RecoverFS, as Linux does it: docs/decisions/prr.md.
 */

/** One reduction, from its beginning to its end. */
export class ProportionalRateReduction {
  /** RecoverFS: the window before the reduction. */
  readonly #before: number;
  /** prr_delivered and prr_out. */
  #delivered = 0;
  #out = 0;
  #window: number;

  /** @param before the window before the reduction; it holds until the first `acknowledged`. */
  constructor(before: number) {
    this.#before = before;
    this.#window = before;
  }

  /** How much may be in flight now: pipe + SndCnt. */
  get window(): number {
    return this.#window;
  }

  sent(bytes: number): void {
    this.#out += bytes;
  }

  /**
   * §6: what an acknowledgment of `delivered` bytes lets go.
   * @param inFlight after what it said was delivered and lost
   * @param isSafe SafeACK: SND.UNA moved, and nothing more turned out to be lost
   */
  acknowledged(delivered: number, inFlight: number, ssthresh: number, mss: number, isSafe: boolean): void {
    if (delivered <= 0) return;
    this.#delivered += delivered;
    let count: number;
    if (inFlight > ssthresh) {
      count = wholeSegments((ssthresh * this.#delivered) / this.#before, mss) - this.#out;
    } else {
      // PRR-CRB, and one segment more where that is safe (PRR-SSRB).
      count = Math.max(this.#delivered - this.#out, delivered) + (isSafe ? mss : 0);
      count = Math.min(ssthresh - inFlight, count);
    }
    // The first retransmission of a recovery goes out whatever the pipe says.
    this.#window = inFlight + Math.max(count, this.#out > 0 ? 0 : mss);
  }
}

function wholeSegments(bytes: number, mss: number): number {
  return Math.ceil(bytes / mss) * mss;
}
