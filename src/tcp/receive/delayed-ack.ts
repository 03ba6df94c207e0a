/**
 * When to acknowledge: RFC 9293 §3.8.6.3 (SHLD-18, SHLD-19, MUST-40), RFC 5681 §4.2: at once for the second
 * full segment, for text out of order or twice received, and for what fills a hole; else within a short time,
 * in the hope of a segment to ride on.
 *
 * How long depends on the flow, as on Linux: the ACK timeout (ATO) follows the time between segments, from 40
 * ms to 200 ms, and never exceeds the round trip. Beginnings are quick: receive/quick-ack.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import type { Duration, Instant } from "../../base/time.ts";
import { QuickAck, type QuickAckLimits } from "./quick-ack.ts";

export type AckUrgency = "none" | "delayed" | "now";

/** Why it is to be sent at once. */
export type AckReason =
  | "ack"
  | "delayed-ack"
  | "duplicate-ack"
  | "window-update"
  | "challenge-ack"
  | "handshake";

export interface DelayedAckLimits extends QuickAckLimits {
  readonly delayedAck: Duration;
  readonly delayedAckMax: Duration;
  readonly minRto: Duration;
}

/** No ACK is ever held back longer: RFC 9293 §3.8.6.3 (MUST-40). */
const LONGEST = 500_000 as Duration;
/** A sender whose own timer is so short would take a delay for a loss. */
const BEFORE_RTO = 1_000; // µs

export class DelayedAck {
  readonly quick: QuickAck;
  readonly #limits: DelayedAckLimits;
  /** TCP_DELACK_MAX_US. */
  longest: Duration;
  #urgency: AckUrgency = "none";
  #reason: AckReason = "ack";
  /** Text came that no ACK has acknowledged yet. */
  #isOwed = false;
  /** And since it was last asked whether it can wait. */
  #isFresh = false;
  /** Segments that end a write: none, one, several. */
  #pushes = 0;
  #duplicates = 0;
  /** The ACK timeout; 0 before the first text. */
  #ato = 0 as Duration;
  #lastTextAt: Instant;

  constructor(limits: DelayedAckLimits, now: Instant) {
    this.quick = new QuickAck(limits);
    this.#limits = limits;
    this.longest = limits.delayedAckMax;
    this.#lastTextAt = now;
  }

  get urgency(): AckUrgency {
    return this.#urgency;
  }

  /** Of an ACK that is sent alone now. */
  get reason(): AckReason {
    return this.#reason;
  }

  get isOwed(): boolean {
    return this.#isOwed;
  }

  get timeout(): Duration {
    return this.#ato;
  }

  get lastTextAt(): Instant {
    return this.#lastTextAt;
  }

  /** The last write of the peer's has come whole, and there is no answer to be expected. */
  get isPushed(): boolean {
    return this.#pushes > 1 || (this.#pushes === 1 && !this.quick.isInteractive);
  }

  /**
   * Text came in order.
   *
   * @param rto our own retransmission timeout: a pause that is longer was an idle one
   * @param window as it was last told
   * @param mss the size of the peer's full segments
   */
  textArrived(now: Instant, rto: Duration, window: number, mss: number): void {
    this.#duplicates = 0;
    this.owe();
    const least = this.#limits.delayedAck;
    const pause = now - this.#lastTextAt;
    if (this.#ato === 0) {
      this.quick.grant(window, mss);
      this.#ato = least;
    } else if (pause <= least / 2) {
      this.#ato = (this.#ato / 2 + least / 2) as Duration;
    } else if (pause < this.#ato) {
      this.#ato = Math.min(this.#ato / 2 + pause, rto) as Duration;
    } else if (pause > rto) {
      this.quick.grant(window, mss);
    }
    this.#lastTextAt = now;
  }

  /** The peer's SYN-ACK is the first that it sends: what goes out soon is an answer. */
  begins(now: Instant): void {
    this.#lastTextAt = now;
  }

  /** The segment ends a write of the peer's, as far as one can see. */
  pushed(): void {
    this.#pushes++;
  }

  owe(): void {
    this.#isOwed = true;
    this.#isFresh = true;
    if (this.#urgency === "none") this.#urgency = "delayed";
  }

  /** An ACK is owed that waits for company, whatever else may come. */
  hold(): void {
    this.#isOwed = true;
    this.#isFresh = false;
    this.#urgency = "delayed";
  }

  /** Whether text has come since the last time this was asked: whether it can wait is to be judged. */
  takeNews(): boolean {
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    return isFresh;
  }

  atOnce(reason: AckReason = "ack"): void {
    if (this.#urgency !== "now" || reason !== "ack") this.#reason = reason;
    this.#urgency = "now";
  }

  /** The flow is disturbed: the next ACKs do not wait. */
  disturbed(window: number, mss: number, most?: number): void {
    this.quick.grant(window, mss, most);
    this.quick.endInteractive();
    this.#ato = this.#limits.delayedAck;
    this.owe();
  }

  /** Text came that fills a hole, in part or in whole. */
  holeFilled(): void {
    this.#duplicates = 0;
    this.atOnce();
  }

  /**
   * A segment came out of order. Each is owed an ACK of its own, even when many come in one burst: the sender
   * counts them (RFC 5681 §4.2), and one of them may be lost.
   */
  outOfOrder(): void {
    this.#duplicates++;
    this.owe();
    this.atOnce("duplicate-ack");
  }

  /** How many duplicate ACKs are owed. Text in order since then makes the next ACK no duplicate. */
  takeDuplicates(): number {
    const count = this.#duplicates;
    this.#duplicates = 0;
    return count;
  }

  /**
   * Until when the ACK may wait; `now` when that is not worth a timer.
   *
   * @param armed when the timer runs out that is running already
   * @param srtt our estimate of the round trip, 0 if there is none
   */
  deadline(now: Instant, armed: Instant, srtt: Duration): Instant {
    const wait = this.#wait(srtt);
    if (armed <= now + wait / 4) return now;
    return Math.min(armed, now + wait) as Instant;
  }

  #wait(srtt: Duration): number {
    const { delayedAck, delayedAckMax, minRto } = this.#limits;
    let most: number = this.quick.isInteractive || this.#pushes > 0 ? delayedAckMax : LONGEST;
    if (srtt > 0) most = Math.min(most, Math.max(srtt, delayedAck));
    return Math.min(this.#ato, most, this.longest, Math.max(minRto - BEFORE_RTO, BEFORE_RTO));
  }

  /** The timer ran out: nothing came to ride on. */
  expired(rto: Duration): void {
    this.atOnce("delayed-ack");
    if (this.quick.isInteractive) {
      this.quick.endInteractive();
      this.#ato = this.#limits.delayedAck;
    } else {
      this.#ato = Math.min(2 * this.#ato, rto) as Duration;
    }
  }

  /** Text went out: an answer, if something has just come. */
  textSent(now: Instant): void {
    if (now - this.#lastTextAt < this.#ato) this.quick.replied();
  }

  /** A segment with an acknowledgment went out. */
  sent(): void {
    if (this.#isOwed && this.quick.spend()) this.#ato = this.#limits.delayedAck;
    this.#urgency = "none";
    this.#reason = "ack";
    this.#isOwed = false;
    this.#isFresh = false;
    this.#pushes = 0;
  }

  fold(row: Row, at: number): number {
    row[at] = this.longest;
    row[at + 1] = this.#isFresh ? 1 : 0;
    row[at + 2] = this.#pushes;
    row[at + 3] = this.#duplicates;
    row[at + 4] = this.#ato;
    row[at + 5] = this.#lastTextAt;
    return this.quick.fold(row, at + 6);
  }

  unfold(row: Row, at: number): number {
    this.longest = numberAt(row, at);
    this.#isFresh = flagAt(row, at + 1);
    this.#pushes = numberAt(row, at + 2);
    this.#duplicates = numberAt(row, at + 3);
    this.#ato = numberAt(row, at + 4);
    this.#lastTextAt = numberAt(row, at + 5);
    return this.quick.unfold(row, at + 6);
  }
}
