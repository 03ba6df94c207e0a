/**
 * The retransmission queue: what was sent and is not acknowledged, in sequence order. RFC 9293 §3.10.7.4
 * (fifth step), RFC 6675 §3 for what the sums mean:
 *
 *   pipe = outstanding − sacked − lost + retransmitted
 *
 * A segment that was lost and sent again counts in both of the last two: once as lost, once as in flight.
 *
 * Each unit of text has one record as long as all of its segments fare alike (sent-range.ts); the units stand
 * in a ring, where a number is found by halving (unit-ring.ts):
 *
 *   units    ┌── 0 ──┐┌──────── 1 ────────┐┌── 2 ──┐
 *   records  └───────┘└─ acked └ lost └───┘└───────┘    cut between segments, each linked to the next
 */

import { assert } from "../../base/assert.ts";
import { numberAt, type Row } from "../../base/fold.ts";
import { type Seq, seq, seqAdd, seqAtOrBefore, seqBefore, seqDiff } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { Acknowledged } from "./acknowledged.ts";
import { QueueSums } from "./queue-sums.ts";
import type { SentRange, SpareRanges } from "./sent-range.ts";
import { TransmissionOrder } from "./transmission-order.ts";
import { UnitRing } from "./unit-ring.ts";

export class RetransmissionQueue {
  readonly #spare: SpareRanges;
  #last: SentRange | undefined = undefined;
  readonly #units = new UnitRing();
  readonly #sums = new QueueSums();
  /** No record that is owed lies before this. */
  #owedFrom: Seq = seq(0);
  #segments = 0;
  #everLost = 0;
  readonly #acknowledged = new Acknowledged();
  /** What is in flight, by the time of its last transmission. */
  readonly order = new TransmissionOrder();

  constructor(spare: SpareRanges) {
    this.#spare = spare;
  }

  /** Segments sent and not acknowledged. */
  get segments(): number {
    return this.#segments;
  }

  /** Units of segments that went out together (send/tso-unit.ts). */
  get units(): number {
    return this.#units.length;
  }

  get sackedBytes(): number {
    return this.#sums.sackedBytes;
  }

  /** Held for lost, whether sent again since or not. */
  get lostBytes(): number {
    return this.#sums.lostBytes;
  }

  /** Sent again, and that copy held to be in flight. */
  get retransmittedBytes(): number {
    return this.#sums.retransmittedBytes;
  }

  /** Lost and not yet sent again. */
  get owedBytes(): number {
    return this.#sums.owedBytes;
  }

  /** Sequence numbers in flight, as far as is known. */
  get pipe(): number {
    const { first, last } = this;
    if (first === undefined || last === undefined) return 0;
    const { sackedBytes, lostBytes, retransmittedBytes } = this.#sums;
    return seqDiff(last.end, first.start) - sackedBytes - lostBytes + retransmittedBytes;
  }

  /** Segments that were ever held for lost. */
  get everLost(): number {
    return this.#everLost;
  }

  /** Reported by SACK, held for lost: numbers of segments. */
  get sackedSegments(): number {
    return this.#sums.sackedSegments;
  }

  get lostSegments(): number {
    return this.#sums.lostSegments;
  }

  get retransmittedSegments(): number {
    return this.#sums.retransmittedSegments;
  }

  /** `pipe` as a number of segments: each counts whole, however little text it has. */
  get segmentsInFlight(): number {
    const { sackedSegments, lostSegments, retransmittedSegments } = this.#sums;
    return this.#segments - sackedSegments - lostSegments + retransmittedSegments;
  }

  /** The oldest record; the others follow by `next`. */
  get first(): SentRange | undefined {
    return this.#units.first;
  }

  get last(): SentRange | undefined {
    return this.#last;
  }

  /** The record that holds `number`, or the first one after it. */
  find(number: Seq): SentRange | undefined {
    let record = this.#units.reaching(number);
    while (record !== undefined && seqAtOrBefore(record.end, number)) record = record.next;
    return record;
  }

  /** A unit went out for the first time, in segments whose text has `size` bytes at most. */
  sent(start: Seq, end: Seq, size: number, syn: boolean, fin: boolean, now: Instant): SentRange {
    const record = this.#spare.take();
    record.begin(start, end, size, syn, fin, now);
    record.segments = segmentsIn(record);
    this.#segments += record.segments;
    if (this.#last !== undefined) this.#last.next = record;
    this.#last = record;
    this.#units.push(record);
    this.order.sent(record);
    return record;
  }

  /** One more segment of the last unit went out, at the same instant. */
  followed(record: SentRange, end: Seq, fin: boolean): void {
    assert(record === this.#last && record.length === record.segments * record.size, "a unit has a hole");
    record.end = end;
    record.fin = fin;
    record.segments++;
    this.#segments++;
  }

  /** A record went out again, to repair its loss. */
  resent(record: SentRange, now: Instant): void {
    if (!record.retransmitted) {
      if (record.lost) this.#sums.owedBytes -= record.length;
      record.retransmitted = true;
      this.#sums.retransmittedBytes += record.length;
      this.#sums.retransmittedSegments += record.segments;
    }
    this.#transmitted(record, now);
  }

  /** A record went out again, though it is not held for lost: it is not counted twice (RFC 8985 §7.3). */
  probed(record: SentRange, now: Instant): void {
    this.#transmitted(record, now);
  }

  #transmitted(record: SentRange, now: Instant): void {
    record.transmissions++;
    record.sentAt = now;
    this.order.sent(record);
  }

  /** Holds the last copy of a record for lost. False if it was already, or the peer has it. */
  markLost(record: SentRange): boolean {
    if (record.sacked || record.isOwed) return false;
    this.#sums.uncount(record);
    record.lost = true;
    record.retransmitted = false;
    if (this.#sums.owedBytes === 0 || seqBefore(record.start, this.#owedFrom)) this.#owedFrom = record.start;
    this.#sums.count(record);
    this.#everLost += record.segments;
    this.order.remove(record);
    return true;
  }

  /** Nothing was lost after all: what was sent again is in flight twice. */
  forgetLost(): void {
    if (this.#sums.lostBytes === 0) return;
    let restored: SentRange | undefined;
    for (let record = this.first; record !== undefined; record = record.next) {
      if (!record.lost) continue;
      record.lost = false;
      this.order.restore(record, restored);
      restored = record;
    }
    this.#sums.forgetLost();
  }

  /** The peer reported a record by SACK. False if it had before. */
  markSacked(record: SentRange): boolean {
    if (record.sacked) return false;
    this.#sums.uncount(record);
    if (record.lost) record.retransmitted = false;
    record.lost = false;
    record.sacked = true;
    this.#sums.count(record);
    this.order.remove(record);
    return true;
  }

  /** The peer reports that it got a record twice: no copy is in flight any more. */
  duplicateArrived(record: SentRange): void {
    if (!record.sacked || !record.retransmitted) return;
    this.#sums.uncount(record);
    record.retransmitted = false;
    this.#sums.count(record);
  }

  /** The peer forgot what it reported: RFC 2018 §8. */
  forgetSacked(): void {
    for (let record = this.first; record !== undefined; record = record.next) {
      if (!record.sacked) continue;
      record.sacked = false;
      this.order.restore(record, undefined);
    }
    this.#sums.forgetSacked();
  }

  /**
   * Everything before `una` has arrived. `visit` sees each range that is taken off and was not sacked.
   */
  acknowledge(una: Seq, visit: (record: SentRange) => void): Acknowledged {
    const result = this.#acknowledged;
    result.begin();
    for (let record = this.first; record !== undefined; record = this.first) {
      if (seqAtOrBefore(una, record.start)) break;
      const arrived = record.segmentsBefore(una);
      if (arrived === 0) {
        result.note(record, seqDiff(una, record.start));
        this.#trimFirst(record, una);
        break;
      }
      if (arrived < record.segments) this.cut(record, arrived);
      result.note(record, record.length);
      result.segments += arrived;
      if (!record.sacked) visit(record);
      this.#dropFirst(record);
    }
    return result;
  }

  /** The first record that is owed. */
  nextOwed(): SentRange | undefined {
    if (this.#sums.owedBytes === 0) return undefined;
    for (let record = this.find(this.#owedFrom); record !== undefined; record = record.next) {
      if (!record.isOwed) continue;
      this.#owedFrom = record.start;
      return record;
    }
    return undefined;
  }

  // --- where fates part

  /** A record keeps its first `segments`; answers the new record of the others. */
  cut(record: SentRange, segments: number): SentRange {
    return this.split(record, seqAdd(record.start, segments * record.size));
  }

  /** The segments of a record that lie whole within [start, end), as a record; undefined: there are none. */
  within(record: SentRange, start: Seq, end: Seq): SentRange | undefined {
    const before = record.segmentsBegunBefore(start);
    const until = record.segmentsBefore(end);
    if (until <= before) return undefined;
    if (until < record.segments) this.cut(record, until);
    return before === 0 ? record : this.cut(record, before);
  }

  /** A record ends at `at`, which lies inside it; answers the new record of what follows. */
  split(record: SentRange, at: Seq): SentRange {
    assert(seqBefore(record.start, at) && seqBefore(at, record.end), "a record is cut outside of itself");
    this.#sums.uncount(record);
    const rest = this.#spare.take();
    rest.takeEnd(record, at);
    const { segments } = record;
    record.segments = segmentsIn(record);
    rest.segments = segmentsIn(rest);
    rest.sentInFlight = record.sentInFlight + record.segments;
    this.#segments += record.segments + rest.segments - segments;
    this.#sums.count(record);
    this.#sums.count(rest);
    if (this.#last === record) this.#last = rest;
    this.order.insertAfter(rest, record);
    return rest;
  }

  /** The path takes less than it did: a record's segments have `size` bytes of text at most now. */
  shorten(record: SentRange, size: number): void {
    this.#sums.uncount(record);
    this.#segments -= record.segments;
    record.size = size;
    record.isShortened = true;
    record.segments = segmentsIn(record);
    this.#segments += record.segments;
    this.#sums.count(record);
  }

  clear(): void {
    for (let record = this.first; record !== undefined; record = this.first) this.#dropFirst(record);
    this.#units.clear();
  }

  #dropFirst(record: SentRange): void {
    this.#sums.uncount(record);
    this.#segments -= record.segments;
    this.order.remove(record);
    this.#units.dropFirst(record);
    if (this.#last === record) this.#last = undefined;
    this.#spare.give(record);
  }

  #trimFirst(record: SentRange, una: Seq): void {
    if (record.segments > 1) this.cut(record, 1);
    this.#sums.uncount(record);
    if (record.syn) record.syn = false;
    record.start = una;
    this.#sums.count(record);
  }

  /** While it is empty. */
  fold(row: Row, at: number): number {
    row[at] = this.#everLost;
    return at + 1;
  }

  unfold(row: Row, at: number): number {
    this.#everLost = numberAt(row, at);
    return at + 1;
  }
}

function segmentsIn(record: SentRange): number {
  const text = record.length - (record.fin ? 1 : 0);
  return record.syn || text <= record.size ? 1 : Math.ceil(text / record.size);
}
