/**
 * Tail loss probes: RFC 8985 §7. One probe of a silent tail makes the peer report what is missing, before the
 * timeout.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { type Seq, seq, seqAfter, seqBefore } from "../../base/seq.ts";
import { type Duration, milliseconds } from "../../base/time.ts";

/** The least slack of a timer: two ticks of Linux's. */
const TIMER_SLACK = milliseconds(2);

/** What the acknowledgment of a probe showed: §7.4.2. */
export type ProbeResult = "none" | "no-loss" | "repaired";

export class TailLossProbe {
  /** TLP.end_seq while a probe is unanswered. */
  #endSeq: Seq = seq(0);
  #isOutstanding = false;
  #wasRetransmission = false;
  /** The timer has run out. */
  #isDue = false;

  get isOutstanding(): boolean {
    return this.#isOutstanding;
  }

  /** A segment that was sent again as a probe may still be under way. */
  get hasRetransmission(): boolean {
    return this.#isOutstanding && this.#wasRetransmission;
  }

  /**
   * §7.2: the probe timeout, before it is capped by the retransmission timer.
   * @param maxAckDelay TLP.max_ack_delay, for a flight of one segment whose ACK may be delayed
   */
  timeout(srtt: Duration, singleSegment: boolean, rto: Duration, maxAckDelay: Duration): Duration {
    if (srtt === 0) return rto;
    return Math.round(2 * srtt + (singleSegment ? maxAckDelay : TIMER_SLACK)) as Duration;
  }

  expired(): void {
    this.#isDue = true;
  }

  /** Whether a probe is to go out now: asked once. */
  takeDue(): boolean {
    const isDue = this.#isDue;
    this.#isDue = false;
    return isDue;
  }

  /** §7.3: a probe went out; it was the last segment again, or new data. */
  sent(nxt: Seq, wasRetransmission: boolean): void {
    this.#isOutstanding = true;
    this.#wasRetransmission = wasRetransmission;
    this.#endSeq = nxt;
  }

  /** TLP.end_seq: where the latest probe ends. */
  get end(): Seq {
    return this.#endSeq;
  }

  /** Whether a report of a duplicate that ends here can be about the probe. */
  isProbeEnd(end: Seq): boolean {
    return this.hasRetransmission && end === this.#endSeq;
  }

  /**
   * §7.4.2.
   * @param reportsProbe the acknowledgment carries a D-SACK for the probe: the original had arrived
   * @param isPlainDuplicate it is a duplicate, without reports
   */
  acknowledged(ack: Seq, reportsProbe: boolean, isPlainDuplicate: boolean): ProbeResult {
    if (!this.#isOutstanding || seqBefore(ack, this.#endSeq)) return "none";
    if (!this.#wasRetransmission || reportsProbe) {
      this.#isOutstanding = false;
      return "no-loss";
    }
    if (seqAfter(ack, this.#endSeq)) {
      this.#isOutstanding = false;
      return "repaired";
    }
    // Either the original was acknowledged or the probe; a second ACK of the same would show both arrived.
    if (!isPlainDuplicate) return "none";
    this.#isOutstanding = false;
    return "no-loss";
  }

  cancel(): void {
    this.#isOutstanding = false;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#isOutstanding ? 1 : 0;
    row[at + 1] = this.#wasRetransmission ? 1 : 0;
    row[at + 2] = this.#endSeq;
    return at + 3;
  }

  unfold(row: Row, at: number): number {
    this.#isOutstanding = flagAt(row, at);
    this.#wasRetransmission = flagAt(row, at + 1);
    this.#endSeq = numberAt(row, at + 2);
    return at + 3;
  }
}
