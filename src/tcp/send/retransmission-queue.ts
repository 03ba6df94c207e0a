/**
 * The retransmission queue: a record for each segment sent and not acknowledged, in sequence order. RFC 9293
 * §3.10.7.4 (fifth step), RFC 6675 §3 for what the sums mean:
 *
 *   pipe = outstanding − sacked − lost + retransmitted
 *
 * A record that was lost and sent again counts in both of the last two: once as lost, once as in flight.
 */
import { assert } from "../../base/assert.ts";
import { type Seq, seq, seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqDiff } from "../../base/seq.ts";
import { type Instant, NEVER } from "../../base/time.ts";
import { SentSegment } from "./sent-segment.ts";
import { TransmissionOrder } from "./transmission-order.ts";

/** What an acknowledgment took off the queue. One object a queue, refilled by each `acknowledge`. */
export class Acknowledged {
  /** Sequence numbers newly acknowledged that SACK had not reported before. */
  bytes = 0;
  /** All sequence numbers newly acknowledged. */
  total = 0;
  /** Of the records sent only once and not reported before: when the first and the last was sent. */
  oldestOnceSentAt: Instant | undefined;
  newestOnceSentAt: Instant | undefined;
  /** The first of these records. */
  onceSentStart: Seq = seq(0);
  onceSentEnd: Seq = seq(0);
  /** Records taken off whole. */
  records = 0;
  /** Records of retransmitted segments were among them. */
  anyRetransmitted = false;
}

export class RetransmissionQueue {
  /** A ring of records: `#head` is the oldest, `#count` are in use. Slots keep their objects for reuse. */
  #slots: Array<SentSegment | undefined> = [];
  #head = 0;
  #count = 0;
  #sackedBytes = 0;
  #lostBytes = 0;
  #retransmittedBytes = 0;
  /** Lost and not sent again since; none of them lies before `#owedFrom`. */
  #owedBytes = 0;
  #owedFrom: Seq = seq(0);
  /** The same as numbers of segments: each counts whole, however little text it has. */
  #sackedSegments = 0;
  #lostSegments = 0;
  #retransmittedSegments = 0;
  #everLost = 0;
  #units = 0;
  readonly #acknowledged = new Acknowledged();
  /** What is in flight, by the time of its last transmission. */
  readonly order = new TransmissionOrder();

  /** Records. */
  get count(): number {
    return this.#count;
  }

  /** Units: records that went out together are one (send/tso-unit.ts). */
  get units(): number {
    return this.#units;
  }

  get sackedBytes(): number {
    return this.#sackedBytes;
  }

  /** Held for lost, whether sent again since or not. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /** Sent again, and that copy held to be in flight. */
  get retransmittedBytes(): number {
    return this.#retransmittedBytes;
  }

  /** Lost and not yet sent again. */
  get owedBytes(): number {
    return this.#owedBytes;
  }

  /** Sequence numbers in flight, as far as is known. */
  get pipe(): number {
    if (this.#count === 0) return 0;
    const outstanding = seqDiff(this.at(this.#count - 1).end, this.at(0).start);
    return outstanding - this.#sackedBytes - this.#lostBytes + this.#retransmittedBytes;
  }

  /** Segments that were ever held for lost. */
  get everLost(): number {
    return this.#everLost;
  }

  /** Reported by SACK, held for lost: numbers of segments. */
  get sackedSegments(): number {
    return this.#sackedSegments;
  }

  get lostSegments(): number {
    return this.#lostSegments;
  }

  get retransmittedSegments(): number {
    return this.#retransmittedSegments;
  }

  /** `pipe` as a number of segments: each counts whole, however little text it has. */
  get segmentsInFlight(): number {
    return this.#count - this.#sackedSegments - this.#lostSegments + this.#retransmittedSegments;
  }

  /** The record at `index`, oldest first. */
  at(index: number): SentSegment {
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)] as SentSegment;
  }

  get first(): SentSegment | undefined {
    return this.#count === 0 ? undefined : this.at(0);
  }

  get last(): SentSegment | undefined {
    return this.#count === 0 ? undefined : this.at(this.#count - 1);
  }

  /** A new range went out for the first time. */
  sent(start: Seq, end: Seq, syn: boolean, fin: boolean, now: Instant, continues = false): SentSegment {
    if (this.#count === this.#slots.length) this.#grow();
    const slot = (this.#head + this.#count) & (this.#slots.length - 1);
    const record = this.#slots[slot] ?? new SentSegment();
    this.#slots[slot] = record;
    this.#count++;
    record.start = start;
    record.end = end;
    record.syn = syn;
    record.fin = fin;
    record.sentAt = now;
    record.firstSentAt = now;
    record.transmissions = 1;
    record.sacked = false;
    record.lost = false;
    record.push = false;
    record.endsRecord = false;
    record.continues = continues;
    if (!continues) this.#units++;
    record.retransmitted = false;
    record.deliveredAt = NEVER;
    this.order.sent(record);
    return record;
  }

  /** A record went out again, to repair its loss. */
  resent(record: SentSegment, now: Instant): void {
    if (!record.retransmitted) {
      if (record.lost) this.#owedBytes -= record.length;
      record.retransmitted = true;
      this.#retransmittedBytes += record.length;
      this.#retransmittedSegments++;
    }
    this.#transmitted(record, now);
  }

  /** A record went out again, though it is not held for lost: it is not counted twice (RFC 8985 §7.3). */
  probed(record: SentSegment, now: Instant): void {
    this.#transmitted(record, now);
  }

  #transmitted(record: SentSegment, now: Instant): void {
    record.transmissions++;
    record.sentAt = now;
    this.order.sent(record);
  }

  /** Holds the last copy of a record for lost. False if it was already, or the peer has it. */
  markLost(record: SentSegment): boolean {
    if (record.sacked || record.isOwed) return false;
    if (!record.lost) {
      record.lost = true;
      this.#lostBytes += record.length;
      this.#lostSegments++;
    }
    if (record.retransmitted) {
      record.retransmitted = false;
      this.#retransmittedBytes -= record.length;
      this.#retransmittedSegments--;
    }
    this.#everLost++;
    if (this.#owedBytes === 0 || seqBefore(record.start, this.#owedFrom)) this.#owedFrom = record.start;
    this.#owedBytes += record.length;
    this.order.remove(record);
    return true;
  }

  /** Everything that the peer has not reported is held for lost. */
  markAllLost(): void {
    for (let i = 0; i < this.#count; i++) this.markLost(this.at(i));
  }

  /** Nothing was lost after all: what was sent again is in flight twice. */
  forgetLost(): void {
    if (this.#lostBytes === 0) return;
    let restored: SentSegment | undefined;
    for (let i = 0; i < this.#count; i++) {
      const record = this.at(i);
      if (!record.lost) continue;
      record.lost = false;
      this.order.restore(record, restored);
      restored = record;
    }
    this.#lostBytes = 0;
    this.#lostSegments = 0;
    this.#owedBytes = 0;
  }

  /** The peer reported a record by SACK. False if it had before. */
  markSacked(record: SentSegment): boolean {
    if (record.sacked) return false;
    if (record.lost) this.#unmark(record);
    record.sacked = true;
    this.#sackedBytes += record.length;
    this.#sackedSegments++;
    this.order.remove(record);
    return true;
  }

  /** The peer reports that it got a record twice: no copy is in flight any more. */
  duplicateArrived(record: SentSegment): void {
    if (!record.sacked || !record.retransmitted) return;
    record.retransmitted = false;
    this.#retransmittedBytes -= record.length;
    this.#retransmittedSegments--;
  }

  /** The peer forgot what it reported: RFC 2018 §8. */
  forgetSacked(): void {
    for (let i = 0; i < this.#count; i++) {
      const record = this.at(i);
      if (!record.sacked) continue;
      record.sacked = false;
      this.order.restore(record, undefined);
    }
    this.#sackedBytes = 0;
    this.#sackedSegments = 0;
  }

  /**
   * Everything before `una` has arrived. `visit` sees each record that is taken off whole and was not sacked.
   */
  acknowledge(una: Seq, visit: (record: SentSegment) => void): Acknowledged {
    const result = this.#acknowledged;
    result.bytes = 0;
    result.total = 0;
    result.oldestOnceSentAt = undefined;
    result.newestOnceSentAt = undefined;
    result.anyRetransmitted = false;
    result.records = 0;
    while (this.#count > 0) {
      const record = this.at(0);
      if (seqAtOrBefore(una, record.start)) break;
      const whole = seqAtOrBefore(record.end, una);
      this.#note(record, whole ? record.length : seqDiff(una, record.start));
      if (!whole) {
        this.#trimFirst(record, una);
        break;
      }
      if (!record.sacked) visit(record);
      this.#forget(record);
      this.order.remove(record);
      if (!record.continues) this.#units--;
      this.#head = (this.#head + 1) & (this.#slots.length - 1);
      this.#count--;
      result.records++;
    }
    return result;
  }

  /** The index of the record that holds `seq`, or of the first one after it. */
  indexOf(number: Seq): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqAfter(this.at(middle).end, number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The index of the first record that is owed, or −1. */
  nextOwed(): number {
    if (this.#owedBytes === 0) return -1;
    for (let i = this.indexOf(this.#owedFrom); i < this.#count; i++) {
      const record = this.at(i);
      if (!record.isOwed) continue;
      this.#owedFrom = record.start;
      return i;
    }
    return -1;
  }

  /** Cuts a record in two at `at`, which lies inside it: the path takes less than it did. */
  split(index: number, at: Seq): void {
    const record = this.at(index);
    assert(seqBefore(record.start, at) && seqBefore(at, record.end), "a record is cut outside of itself");
    if (this.#count === this.#slots.length) this.#grow();
    const mask = this.#slots.length - 1;
    const spare = this.#slots[(this.#head + this.#count) & mask] ?? new SentSegment();
    for (let i = this.#count; i > index + 1; i--) {
      this.#slots[(this.#head + i) & mask] = this.#slots[(this.#head + i - 1) & mask];
    }
    this.#slots[(this.#head + index + 1) & mask] = spare;
    this.#count++;
    spare.start = at;
    spare.end = record.end;
    spare.syn = false;
    spare.fin = record.fin;
    spare.push = record.push;
    spare.endsRecord = record.endsRecord;
    spare.continues = record.continues;
    spare.sentAt = record.sentAt;
    spare.firstSentAt = record.firstSentAt;
    spare.transmissions = record.transmissions;
    spare.sacked = record.sacked;
    spare.lost = record.lost;
    spare.retransmitted = record.retransmitted;
    spare.delivered = record.delivered;
    spare.deliveredAt = record.deliveredAt;
    spare.flightSentAt = record.flightSentAt;
    spare.lostBefore = record.lostBefore;
    spare.sentInFlight = record.sentInFlight;
    spare.isAppLimited = record.isAppLimited;
    if (spare.sacked) this.#sackedSegments++;
    if (spare.lost) this.#lostSegments++;
    if (spare.retransmitted) this.#retransmittedSegments++;
    record.end = at;
    record.fin = false;
    record.push = false;
    record.endsRecord = false;
    record.continues = false;
    this.#units++;
    this.order.insertAfter(spare, record);
  }

  clear(): void {
    this.#slots = [];
    this.#head = 0;
    this.#count = 0;
    this.#sackedBytes = 0;
    this.#lostBytes = 0;
    this.#retransmittedBytes = 0;
    this.#owedBytes = 0;
    this.order.clear();
    this.#sackedSegments = 0;
    this.#lostSegments = 0;
    this.#retransmittedSegments = 0;
    this.#units = 0;
  }

  #note(record: SentSegment, length: number): void {
    const result = this.#acknowledged;
    result.total += length;
    if (!record.sacked) result.bytes += length;
    if (record.transmissions > 1) {
      result.anyRetransmitted = true;
    } else if (!record.sacked) {
      if (result.oldestOnceSentAt === undefined) {
        result.oldestOnceSentAt = record.firstSentAt;
        result.onceSentStart = record.start;
        result.onceSentEnd = record.end;
      }
      result.newestOnceSentAt = record.firstSentAt;
    }
  }

  /** Takes a record's marks out of the sums. */
  #forget(record: SentSegment): void {
    if (record.sacked) {
      this.#sackedBytes -= record.length;
      this.#sackedSegments--;
    }
    this.#unmark(record);
  }

  #unmark(record: SentSegment): void {
    if (record.isOwed) this.#owedBytes -= record.length;
    if (record.lost) {
      this.#lostBytes -= record.length;
      this.#lostSegments--;
    }
    if (record.retransmitted) {
      this.#retransmittedBytes -= record.length;
      this.#retransmittedSegments--;
    }
    record.lost = false;
    record.retransmitted = false;
  }

  #trimFirst(record: SentSegment, una: Seq): void {
    const length = seqDiff(una, record.start);
    if (record.sacked) this.#sackedBytes -= length;
    if (record.isOwed) this.#owedBytes -= length;
    if (record.lost) this.#lostBytes -= length;
    if (record.retransmitted) this.#retransmittedBytes -= length;
    if (record.syn) record.syn = false;
    record.start = seqAdd(record.start, length);
  }

  #grow(): void {
    const slots: Array<SentSegment | undefined> = new Array(Math.max(16, this.#slots.length * 2)).fill(
      undefined,
    );
    for (let i = 0; i < this.#count; i++) slots[i] = this.at(i);
    this.#slots = slots;
    this.#head = 0;
  }
}
