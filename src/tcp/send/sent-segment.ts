/**
 * The one record of a range that was sent: ARCHITECTURE.md, invariant 7. Scoreboard, loss detection, RTT and
 * the congestion window's accounting all read it, and nothing else says the same.
 */
import { type Seq, seq, seqDiff } from "../../base/seq.ts";
import { type Instant, NEVER, START_OF_TIME } from "../../base/time.ts";

export class SentSegment {
  start: Seq = seq(0);
  end: Seq = seq(0);
  /** The range begins with the SYN, ends with the FIN. */
  syn = false;
  fin = false;
  /** A write of the user's ends here. */
  push = false;
  /** A record of the user's ends here: nothing is sent in one segment with it (MSG_EOR). */
  endsRecord = false;
  /** The next record left in the same unit (send/tso-unit.ts). */
  continues = false;
  /** When it was last sent, and when first. */
  sentAt: Instant = START_OF_TIME;
  firstSentAt: Instant = START_OF_TIME;
  /** 1 after the first transmission. */
  transmissions = 0;
  /** The peer reported it by SACK. */
  sacked = false;
  /** The copy before the last is held to be lost; stays when the record goes out again. */
  lost = false;
  /** Sent again to repair a loss, and that copy is held to be in flight. */
  retransmitted = false;
  /** Its neighbors in the order of transmission, among those in flight: see transmission-order.ts. */
  earlier: SentSegment | undefined = undefined;
  later: SentSegment | undefined = undefined;
  isOrdered = false;

  /** What send/delivery-rate.ts knew when it was last sent; `deliveredAt` NEVER: it was not asked. */
  delivered = 0;
  deliveredAt: Instant = NEVER;
  flightSentAt: Instant = START_OF_TIME;
  lostBefore = 0;
  sentInFlight = 0;
  isAppLimited = false;

  /** In sequence numbers. */
  get length(): number {
    return seqDiff(this.end, this.start);
  }

  /** Lost, and not sent again since. */
  get isOwed(): boolean {
    return this.lost && !this.retransmitted;
  }
}
