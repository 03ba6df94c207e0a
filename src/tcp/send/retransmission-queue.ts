/**
 * The retransmission queue: a record for each segment sent and not acknowledged, in sequence order. RFC 9293
 * §3.10.7.4 (fifth step), RFC 6675 §3 for what the sums mean:
 *
 *   pipe = outstanding − sacked − lost + retransmitted
 *
 * A record counts once as `lost` until it goes out again; then it counts as in flight once more.
 */
import { assert } from "../../base/assert.ts";
import { type Seq, seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqDiff } from "../../base/seq.ts";
import { type Instant, NEVER } from "../../base/time.ts";
import { SentSegment } from "./sent-segment.ts";

/**
 * Pieces that reports may cut records into: a peer that reports single bytes must not fill the queue with
 * them.
 */
const MOST_PIECES = 256;

/** What an acknowledgment took off the queue. One object a queue, refilled by each `acknowledge`. */
export class Acknowledged {
  /** Sequence numbers newly acknowledged that SACK had not reported before. */
  bytes = 0;
  /** All sequence numbers newly acknowledged. */
  total = 0;
  /** The first transmission of the oldest acknowledged record that was sent only once. */
  oldestOnceSentAt: Instant | undefined;
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
  /** The same sums as numbers of segments; pieces that reports cut off count with what they come from. */
  #sackedSegments = 0;
  #lostSegments = 0;
  #everLost = 0;
  #pieces = 0;
  #units = 0;
  readonly #acknowledged = new Acknowledged();

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

  /** Lost and not yet sent again. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /** Sequence numbers in flight, as far as is known. */
  get pipe(): number {
    if (this.#count === 0) return 0;
    return seqDiff(this.at(this.#count - 1).end, this.at(0).start) - this.#sackedBytes - this.#lostBytes;
  }

  /** Segments sent and not acknowledged. */
  get segments(): number {
    return this.#count - this.#pieces;
  }

  /** Segments that were ever held for lost. */
  get everLost(): number {
    return this.#everLost;
  }

  /** `pipe` as a number of segments: each counts whole, however little text it has. */
  get segmentsInFlight(): number {
    return this.segments - this.#sackedSegments - this.#lostSegments;
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
    record.isPiece = false;
    record.retransmitted = false;
    record.deliveredAt = NEVER;
    return record;
  }

  /** A record went out again. */
  resent(record: SentSegment, now: Instant): void {
    if (record.lost) {
      record.lost = false;
      this.#lostBytes -= record.length;
      this.#lostSegments -= weight(record);
    }
    record.retransmitted = true;
    record.transmissions++;
    record.sentAt = now;
  }

  /** Holds a record for lost. False if it was already, or the peer has it. */
  markLost(record: SentSegment): boolean {
    if (record.lost || record.sacked) return false;
    record.lost = true;
    record.retransmitted = false;
    this.#lostBytes += record.length;
    this.#lostSegments += weight(record);
    this.#everLost += weight(record);
    return true;
  }

  /** RFC 6298 §5.4, RFC 6675 §5.1: after a timeout everything the peer has not reported is held for lost. */
  markAllLost(): void {
    for (let i = 0; i < this.#count; i++) this.markLost(this.at(i));
  }

  /** The peer reported a record by SACK. False if it had before. */
  markSacked(record: SentSegment): boolean {
    if (record.sacked) return false;
    if (record.lost) {
      record.lost = false;
      this.#lostBytes -= record.length;
      this.#lostSegments -= weight(record);
    }
    record.sacked = true;
    this.#sackedBytes += record.length;
    this.#sackedSegments += weight(record);
    return true;
  }

  /** The peer forgot what it reported (RFC 2018 §8): after a timeout its reports are not relied on. */
  forgetSacked(): void {
    for (let i = 0; i < this.#count; i++) this.at(i).sacked = false;
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
    result.anyRetransmitted = false;
    while (this.#count > 0) {
      const record = this.at(0);
      if (seqAtOrBefore(una, record.start)) break;
      const whole = seqAtOrBefore(record.end, una);
      this.#note(record, whole ? record.length : seqDiff(una, record.start));
      if (!whole) {
        this.#trimFirst(record, una);
        break;
      }
      if (record.sacked) {
        this.#sackedBytes -= record.length;
        this.#sackedSegments -= weight(record);
      } else {
        visit(record);
      }
      if (record.lost) {
        this.#lostBytes -= record.length;
        this.#lostSegments -= weight(record);
      }
      if (record.isPiece) this.#pieces--;
      if (!record.continues) this.#units--;
      this.#head = (this.#head + 1) & (this.#slots.length - 1);
      this.#count--;
    }
    return result;
  }

  /** The index of the record that holds `seq`, or of the first one after it. */
  indexOf(seq: Seq): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqAfter(this.at(middle).end, seq)) high = middle;
      else low = middle + 1;
    }
    return low;
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
    spare.isPiece = false;
    spare.retransmitted = record.retransmitted;
    spare.delivered = record.delivered;
    spare.deliveredAt = record.deliveredAt;
    spare.flightSentAt = record.flightSentAt;
    spare.lostBefore = record.lostBefore;
    spare.sentInFlight = record.sentInFlight;
    spare.isAppLimited = record.isAppLimited;
    if (spare.sacked) this.#sackedSegments++;
    if (spare.lost) this.#lostSegments++;
    record.end = at;
    record.fin = false;
    record.push = false;
    record.endsRecord = false;
    record.continues = false;
    this.#units++;
  }

  /** As `split`, where the peer reported half (CVE-2019-11478). False: there are too many pieces already. */
  cut(index: number, at: Seq): boolean {
    if (this.#pieces >= MOST_PIECES) return false;
    this.split(index, at);
    const piece = this.at(index + 1);
    if (piece.sacked) this.#sackedSegments--;
    if (piece.lost) this.#lostSegments--;
    piece.isPiece = true;
    this.#pieces++;
    return true;
  }

  clear(): void {
    this.#slots = [];
    this.#head = 0;
    this.#count = 0;
    this.#sackedBytes = 0;
    this.#lostBytes = 0;
    this.#sackedSegments = 0;
    this.#lostSegments = 0;
    this.#pieces = 0;
    this.#units = 0;
  }

  #note(record: SentSegment, length: number): void {
    const result = this.#acknowledged;
    result.total += length;
    if (!record.sacked) result.bytes += length;
    if (record.transmissions > 1) result.anyRetransmitted = true;
    else result.oldestOnceSentAt ??= record.firstSentAt;
  }

  #trimFirst(record: SentSegment, una: Seq): void {
    const length = seqDiff(una, record.start);
    if (record.sacked) this.#sackedBytes -= length;
    if (record.lost) this.#lostBytes -= length;
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

function weight(record: SentSegment): 0 | 1 {
  return record.isPiece ? 0 : 1;
}
