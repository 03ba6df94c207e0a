/**
 * What one end has sent, seen from the capture: where its text ends, which pieces were seen and when, and
 * which are missing. SYN and FIN count as a byte each. Old text is told apart here: a retransmission, a
 * latecomer, or a copy of a packet.
 */
import {
  type Seq,
  seqAfter,
  seqAtOrAfter,
  seqAtOrBefore,
  seqBefore,
  seqDiff,
  seqMax,
  seqMin,
} from "../base/seq.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import type { Verdict } from "./marks.ts";

export interface SentRecord {
  readonly start: Seq;
  readonly end: Seq;
  readonly firstTime: number;
  readonly firstTimestamp: number;
  lastTime: number;
  lastIdentification: number;
  lastTimestamp: number;
  /** How often the capture has seen it. */
  copies: number;
  /** Of the last retransmission. */
  verdict: Verdict | undefined;
}

/** Text that was overtaken, or is not in the capture. */
export interface Hole {
  readonly start: Seq;
  readonly end: Seq;
  /** Of the segment behind it. */
  readonly openedAt: number;
  readonly identification: number;
  readonly timestamp: number;
}

export type Placement =
  | { readonly kind: "new" }
  | { readonly kind: "gap" }
  | { readonly kind: "late"; readonly hole: Hole }
  | { readonly kind: "copy" }
  /** When its first byte was seen last, and how often; undefined when it was acknowledged long ago. */
  | { readonly kind: "again"; readonly seenAt: number | undefined; readonly copies: number };

/** A sender that nobody acknowledges, and one that loses much: what is older is forgotten. */
const MOST_RECORDS = 8192;
const MOST_HOLES = 256;
const NEW: Placement = { kind: "new" };
const GAP: Placement = { kind: "gap" };
const COPY: Placement = { kind: "copy" };

export class SentText {
  isKnown = false;
  /** Behind the last byte that was seen, or acknowledged. */
  next: Seq = 0 as Seq;
  /** The oldest byte that is not acknowledged. */
  unacknowledged: Seq = 0 as Seq;
  isAcknowledged = false;
  /** In order, and not touching what is acknowledged. */
  #records: SentRecord[] = [];
  #head = 0;
  #holes: Hole[] = [];
  /** Bytes that the other end had, and the capture has not. */
  missing = 0;

  /** Puts the bytes `[start, end)` of a segment in their place. */
  place(segment: CapturedSegment, start: Seq, end: Seq): Placement {
    if (!this.isKnown) {
      this.isKnown = true;
      this.next = end;
      if (!this.isAcknowledged) this.unacknowledged = start;
      this.#add(segment, start, end);
      return NEW;
    }
    const { next } = this;
    if (seqAtOrAfter(start, next)) {
      const isGap = seqAfter(start, next);
      if (isGap) this.#open(segment, next, start);
      this.next = end;
      this.#add(segment, start, end);
      return isGap ? GAP : NEW;
    }
    this.next = seqMax(next, end);
    const placement = this.#placeOld(segment, start, seqMin(end, next));
    if (seqAfter(end, next)) this.#add(segment, next, end);
    return placement;
  }

  /** An empty segment shows where its sender is. Answers whether it is further than was seen. */
  advance(segment: CapturedSegment): boolean {
    const { sequence } = segment;
    if (!this.isKnown) {
      this.isKnown = true;
      this.next = sequence;
      return false;
    }
    if (!seqAfter(sequence, this.next)) return false;
    this.#open(segment, this.next, sequence);
    this.next = sequence;
    return true;
  }

  /** The first byte in flight was seen; undefined: nothing is in flight, or it is not known. */
  get head(): SentRecord | undefined {
    return this.#records[this.#head];
  }

  get inFlight(): number {
    return this.isKnown && this.isAcknowledged ? Math.max(0, seqDiff(this.next, this.unacknowledged)) : 0;
  }

  /** The last record in flight. */
  get tail(): SentRecord | undefined {
    return this.#records.length > this.#head ? this.#records.at(-1) : undefined;
  }

  /**
   * Everything before `ack` has arrived. Calls `arrived` for each record of it, the oldest first; the last
   * may be a part only. Answers how many bytes are news.
   */
  acknowledge(ack: Seq, arrived: (record: SentRecord) => void): number {
    if (!this.isAcknowledged) {
      this.isAcknowledged = true;
      this.unacknowledged = this.head === undefined ? ack : seqMin(this.head.start, ack);
    }
    const news = seqDiff(ack, this.unacknowledged);
    if (news <= 0) return 0;
    this.unacknowledged = ack;
    if (this.isKnown && seqAfter(ack, this.next)) {
      this.missing += seqDiff(ack, this.next);
      this.next = ack;
    }
    this.#fill(ack);
    for (let record = this.head; record !== undefined && seqBefore(record.start, ack); record = this.head) {
      arrived(record);
      if (seqAfter(record.end, ack)) {
        this.#records[this.#head] = { ...record, start: ack };
        break;
      }
      this.#head++;
    }
    this.#compact();
    return news;
  }

  /** The holes that an acknowledgment has passed: that text took another way, or the capture missed it. */
  #fill(ack: Seq): void {
    while (this.#holes.length > 0) {
      const hole = this.#holes[0] as Hole;
      if (seqAtOrAfter(hole.start, ack)) return;
      this.missing += seqDiff(seqMin(hole.end, ack), hole.start);
      if (seqAtOrBefore(hole.end, ack)) this.#holes.shift();
      else {
        this.#holes[0] = { ...hole, start: ack };
        return;
      }
    }
  }

  #open(segment: CapturedSegment, start: Seq, end: Seq): void {
    const { time: openedAt, identification, timestampValue: timestamp } = segment;
    this.#holes.push({ start, end, openedAt, identification, timestamp });
    if (this.#holes.length > MOST_HOLES) this.#holes.shift();
  }

  #placeOld(segment: CapturedSegment, start: Seq, end: Seq): Placement {
    const hole = this.#holes.find(each => seqBefore(start, each.end) && seqBefore(each.start, end));
    if (hole !== undefined) {
      this.#carve(hole, start, end);
      this.#insert(segment, seqMax(start, hole.start), seqMin(end, hole.end));
      return { kind: "late", hole };
    }
    let seenAt: number | undefined;
    let copies = 1;
    for (let i = this.#indexBehind(start); i < this.#records.length; i++) {
      const record = this.#records[i] as SentRecord;
      if (seqAtOrAfter(record.start, end)) break;
      if (isCopy(segment, start, end, record)) return COPY;
      if (seenAt === undefined) copies = record.copies;
      seenAt ??= record.lastTime;
      record.copies++;
      record.lastTime = segment.time;
      record.lastIdentification = segment.identification;
      record.lastTimestamp = segment.timestampValue;
    }
    return { kind: "again", seenAt, copies };
  }

  /** Notes whose verdict the last retransmission of these bytes has. */
  retransmitted(start: Seq, end: Seq, verdict: Verdict): void {
    for (let i = this.#indexBehind(start); i < this.#records.length; i++) {
      const record = this.#records[i] as SentRecord;
      if (seqAtOrAfter(record.start, end)) return;
      record.verdict = verdict;
    }
  }

  #carve(hole: Hole, start: Seq, end: Seq): void {
    const at = this.#holes.indexOf(hole);
    const rest: Hole[] = [];
    if (seqBefore(hole.start, start)) rest.push({ ...hole, end: start });
    if (seqAfter(hole.end, end)) rest.push({ ...hole, start: end });
    this.#holes.splice(at, 1, ...rest);
  }

  #insert(segment: CapturedSegment, start: Seq, end: Seq): void {
    this.#records.splice(this.#indexBehind(start), 0, recordOf(segment, start, end));
  }

  #add(segment: CapturedSegment, start: Seq, end: Seq): void {
    this.#records.push(recordOf(segment, start, end));
    if (this.#records.length - this.#head > MOST_RECORDS) this.#head++;
    this.#compact();
  }

  /** The index of the first record that ends behind `start`. */
  #indexBehind(start: Seq): number {
    let low = this.#head;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (seqAtOrBefore((this.#records[middle] as SentRecord).end, start)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(): void {
    if (this.#head < 64 || this.#head < this.#records.length / 2) return;
    this.#records = this.#records.slice(this.#head);
    this.#head = 0;
  }
}

function recordOf(segment: CapturedSegment, start: Seq, end: Seq): SentRecord {
  const { time, timestampValue, identification } = segment;
  return {
    start,
    end,
    firstTime: time,
    firstTimestamp: timestampValue,
    lastTime: time,
    lastIdentification: identification,
    lastTimestamp: timestampValue,
    copies: 1,
    verdict: undefined,
  };
}

/** Whether this is the very packet again: IPv4 says so by its identification (RFC 6864 §4.3). */
function isCopy(segment: CapturedSegment, start: Seq, end: Seq, record: SentRecord): boolean {
  if (segment.identification === 0 || segment.identification !== record.lastIdentification) return false;
  return start === record.start && end === record.end;
}
