/**
 * Tail loss probes: RFC 8985 §7. One probe of a silent tail makes the peer report what is missing, before the
 * timeout.
 */
import { type Seq, seq, seqAtOrAfter } from "../../base/seq.ts";
import { type Duration, milliseconds } from "../../base/time.ts";

/** §7.2: TLP.max_ack_delay, for a flight of one segment whose ACK may be delayed. */
const MAX_ACK_DELAY = milliseconds(200);
const ONE_MILLISECOND = milliseconds(1);

export class TailLossProbe {
  /** TLP.end_seq while a probe is unanswered. */
  #endSeq: Seq = seq(0);
  #isOutstanding = false;
  #wasRetransmission = false;

  get isOutstanding(): boolean {
    return this.#isOutstanding;
  }

  /** §7.2: the probe timeout, before it is capped by the retransmission timer. */
  timeout(srtt: Duration, singleSegment: boolean, rto: Duration): Duration {
    if (srtt === 0) return rto;
    return Math.round(2 * srtt + (singleSegment ? MAX_ACK_DELAY : 2 * ONE_MILLISECOND)) as Duration;
  }

  /** §7.3: a probe went out; it was the last segment again, or new data. */
  sent(nxt: Seq, wasRetransmission: boolean): void {
    this.#isOutstanding = true;
    this.#wasRetransmission = wasRetransmission;
    this.#endSeq = nxt;
  }

  /**
   * §7.4.2: true when the acknowledgment shows that the probe repaired a loss, which congestion control must
   * hear of.
   * @param duplicate the acknowledgment carried a D-SACK for the probe: the original had arrived.
   */
  acknowledged(ack: Seq, duplicate: boolean): boolean {
    if (!this.#isOutstanding) return false;
    if (!this.#wasRetransmission || duplicate) {
      if (seqAtOrAfter(ack, this.#endSeq) || duplicate) this.#isOutstanding = false;
      return false;
    }
    if (!seqAtOrAfter(ack, this.#endSeq)) return false;
    this.#isOutstanding = false;
    return true;
  }

  cancel(): void {
    this.#isOutstanding = false;
  }
}
