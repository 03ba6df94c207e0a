/**
 * What one acknowledgment told loss recovery: values in one object, which each
 * acknowledgment fills anew.
 */
import { type Seq, seq, seqAtOrBefore, seqBefore } from "../../base/seq.ts";
import { type Instant, NEVER, START_OF_TIME } from "../../base/time.ts";
import type { Acknowledged } from "../send/acknowledged.ts";
import type { SentRange } from "../send/sent-range.ts";

export class AckNews {
  /** The timestamp that it echoes. */
  echo: number | undefined = undefined;
  /** SND.UNA before, and the numbers by which it moved. */
  una: Seq = seq(0);
  advanced = 0;
  /** Bytes newly reported by SACK. */
  sacked = 0;
  /** Neither text nor a window, nor progress (RFC 5681 §2); `isDuplicate`: and no report of a duplicate. */
  isPlain = false;
  isDuplicate = false;
  /** ECE: the peer has seen a mark of congestion (RFC 3168 §6.1.2). */
  congestion = false;
  /** Segments that the peer got twice (RFC 2883); `isOfProbe`: what it reports is a tail loss probe. */
  duplicateSegments = 0;
  isOfProbe = false;
  /** Something sent before the recovery point, and once only, has arrived. */
  originalArrived = false;
  /** A retransmission turned out to be lost. */
  lostRetransmission = false;
  /** What SACK newly reported, of that sent only once: when the first and the last was sent; NEVER: none. */
  firstSackedSentAt: Instant = NEVER;
  lastSackedSentAt: Instant = START_OF_TIME;
  /** The lowest that was sent once and has arrived after what lies behind it. */
  lowestReordered: Seq | undefined = undefined;
  #highest: Seq = seq(0);
  #point: Seq = seq(0);

  /**
   * @param highest the highest number known to have arrived: RACK.fack of RFC 8985 §6.2 step 3
   * @param point the recovery point
   */
  begin(una: Seq, highest: Seq, point: Seq, echo: number | undefined): void {
    this.echo = echo;
    this.una = una;
    this.advanced = 0;
    this.sacked = 0;
    this.isPlain = false;
    this.isDuplicate = false;
    this.congestion = false;
    this.duplicateSegments = 0;
    this.isOfProbe = false;
    this.originalArrived = false;
    this.lostRetransmission = false;
    this.firstSackedSentAt = NEVER;
    this.lowestReordered = undefined;
    this.#highest = highest;
    this.#point = point;
  }

  /** SACK reports a record for the first time. */
  reported(record: SentRange): void {
    this.sacked += record.length;
    if (record.transmissions > 1) return;
    if (this.firstSackedSentAt === NEVER) this.firstSackedSentAt = record.sentAt;
    this.lastSackedSentAt = record.sentAt;
    this.#originalArrived(record.start, record.end);
  }

  /** SND.UNA moved over these. */
  acknowledged(acked: Acknowledged): void {
    this.advanced = acked.total;
    if (acked.oldestOnceSentAt !== NEVER) this.#originalArrived(acked.onceSentStart, acked.onceSentEnd);
  }

  /** What was sent once has arrived: RFC 8985 §6.2 step 3, RFC 5682 §3.1 step 3b. */
  #originalArrived(start: Seq, end: Seq): void {
    if (seqAtOrBefore(end, this.#point)) this.originalArrived = true;
    this.reordered(start);
  }

  reordered(start: Seq): void {
    if (!seqBefore(start, this.#highest)) return;
    if (this.lowestReordered === undefined || seqBefore(start, this.lowestReordered)) {
      this.lowestReordered = start;
    }
  }

  /** A record is held for lost from now on. */
  losing(record: SentRange): void {
    if (record.retransmitted) this.lostRetransmission = true;
  }
}
