/**
 * The one record of a range that was sent: ARCHITECTURE.md, invariant 7. Scoreboard, loss detection, RTT and
 * the congestion window's accounting all read it, and nothing else says the same.
 *
 * A range is what left at once, of one segment or of many, and has had one fate since. Where the fates of its
 * segments part, the range is cut between them (send/retransmission-queue.ts).
 */
import { type Seq, seq, seqAdd, seqDiff } from "../../base/seq.ts";
import { type Instant, NEVER, START_OF_TIME } from "../../base/time.ts";

export class SentRange {
  start: Seq = seq(0);
  end: Seq = seq(0);
  /** How many segments it is, and the text that each of them has but for the last, which may have less. */
  segments = 0;
  size = 0;
  /** The range begins with the SYN, ends with the FIN. */
  syn = false;
  fin = false;
  /** A write of the user's ends here. */
  push = false;
  /** A record of the user's ends here: nothing is sent in one segment with it (MSG_EOR). */
  endsRecord = false;
  /** The next range left in the same unit (send/tso-unit.ts). */
  continues = false;
  /** Its segments are smaller than those that left first, and are not a unit. */
  isShortened = false;
  /** When it was last sent, and when first. */
  sentAt: Instant = START_OF_TIME;
  firstSentAt: Instant = START_OF_TIME;
  /** 1 after the first transmission. */
  transmissions = 0;
  /** The peer reported it by SACK. */
  sacked = false;
  /** The copy before the last is held to be lost; stays when the range goes out again. */
  lost = false;
  /** Sent again to repair a loss, and that copy is held to be in flight. */
  retransmitted = false;
  /** What follows it in the sequence space. */
  next: SentRange | undefined = undefined;
  /** Its neighbors in the order of transmission, among those in flight: see transmission-order.ts. */
  earlier: SentRange | undefined = undefined;
  later: SentRange | undefined = undefined;
  isOrdered = false;

  /** What send/delivery-rate.ts knew when it was last sent; `deliveredAt` NEVER: it was not asked. */
  delivered = 0;
  deliveredAt: Instant = NEVER;
  flightSentAt: Instant = START_OF_TIME;
  lostBefore = 0;
  /** With the first of its segments; each of the others makes it one more. */
  sentInFlight = 0;
  isAppLimited = false;

  /** In sequence numbers. */
  get length(): number {
    return seqDiff(this.end, this.start);
  }

  /** The text of its largest segment, which is the first. */
  get largest(): number {
    return Math.min(this.length, this.size);
  }

  /** Where the first segment ends. */
  get firstEnd(): Seq {
    return this.segments === 1 ? this.end : seqAdd(this.start, this.size);
  }

  /** Where the last segment begins. */
  get lastStart(): Seq {
    return seqAdd(this.start, (this.segments - 1) * this.size);
  }

  /** Lost, and not sent again since. */
  get isOwed(): boolean {
    return this.lost && !this.retransmitted;
  }

  /** How many of its segments lie whole before `number`. */
  segmentsBefore(number: Seq): number {
    const distance = seqDiff(number, this.start);
    if (distance >= this.length) return this.segments;
    return Math.min(Math.floor(distance / this.size), this.segments - 1);
  }

  /** How many of its segments begin before `number`. */
  segmentsBegunBefore(number: Seq): number {
    return Math.max(0, Math.min(Math.ceil(seqDiff(number, this.start) / this.size), this.segments));
  }

  /** The range has just left for the first time. */
  begin(start: Seq, end: Seq, size: number, syn: boolean, fin: boolean, now: Instant): void {
    this.start = start;
    this.end = end;
    this.size = size;
    this.syn = syn;
    this.fin = fin;
    this.push = false;
    this.endsRecord = false;
    this.continues = false;
    this.isShortened = false;
    this.sentAt = now;
    this.firstSentAt = now;
    this.transmissions = 1;
    this.sacked = false;
    this.lost = false;
    this.retransmitted = false;
    this.next = undefined;
    this.deliveredAt = NEVER;
  }

  /** Takes over what lies from `at` on, with everything that is known of it. */
  takeEnd(of: SentRange, at: Seq): void {
    this.begin(at, of.end, of.size, false, of.fin, of.sentAt);
    this.push = of.push;
    this.endsRecord = of.endsRecord;
    this.continues = of.continues;
    this.isShortened = of.isShortened;
    this.firstSentAt = of.firstSentAt;
    this.transmissions = of.transmissions;
    this.sacked = of.sacked;
    this.lost = of.lost;
    this.retransmitted = of.retransmitted;
    this.next = of.next;
    this.delivered = of.delivered;
    this.deliveredAt = of.deliveredAt;
    this.flightSentAt = of.flightSentAt;
    this.lostBefore = of.lostBefore;
    this.isAppLimited = of.isAppLimited;
    of.end = at;
    of.fin = false;
    of.push = false;
    of.endsRecord = false;
    of.continues = true;
    of.next = this;
  }
}

/** More are not kept: about a megabyte. */
const MOST_SPARE = 4_096;

/** Records that are not in use, of all connections of a host: so that sending allocates nothing. */
export class SpareRanges {
  #first: SentRange | undefined = undefined;
  #count = 0;

  take(): SentRange {
    const range = this.#first;
    if (range === undefined) return new SentRange();
    this.#first = range.next;
    this.#count--;
    return range;
  }

  /** Nobody refers to it any more. */
  give(range: SentRange): void {
    if (this.#count >= MOST_SPARE) return;
    range.next = this.#first;
    this.#first = range;
    this.#count++;
  }
}
