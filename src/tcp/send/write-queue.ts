/**
 * Text that waits to be sent, in the pieces in which the user's writes gathered it: Linux's write queue. A
 * piece has a size it grows to, and is then followed by another; that alone shows nowhere. What shows: the
 * end of a write is pushed (RFC 9293 §3.9.1.2, MUST-60, MUST-61), where writes that wait together become
 * one; and a segment never reaches beyond the end of a closed piece (MSG_EOR).
 */
import { numberAt, type Row } from "../../base/fold.ts";
import { type Seq, seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqDiff } from "../../base/seq.ts";

class Piece {
  end: Seq = 0 as Seq;
  /** A write ends here. */
  pushed = false;
  /** What follows goes into segments of its own. */
  closed = false;
  /** Parts of the user's memory that it refers to. */
  fragments = 0;
}

/** How a unit ends that goes out. */
export interface UnitEnd {
  readonly pushed: boolean;
  readonly closed: boolean;
}

/** Linux's MAX_SKB_FRAGS: of memory that is not copied (MSG_ZEROCOPY) a piece refers to so many parts. */
const MOST_FRAGMENTS = 17;

/** A longer ring is not kept beyond a connection's end. */
const SLOTS_KEPT = 16;

export class WriteQueue {
  /** A ring: `#head` is the oldest, `#count` are in use. Slots keep their objects. */
  #slots: Array<Piece | undefined> = [];
  #head = 0;
  #count = 0;
  /** Where the last piece begins. */
  #tailStart = 0 as Seq;
  #closed = 0;
  /** The end of what was last asked to be pushed: Linux's pushed_seq. */
  pushedTo: Seq;

  constructor(start: Seq) {
    this.pushedTo = start;
  }

  /** Pieces that are not wholly sent when everything before `sent` is. */
  countAfter(sent: Seq): number {
    let count = this.#count;
    while (count > 0 && seqAtOrBefore(this.#at(this.#count - count).end, sent)) count--;
    return count;
  }

  /**
   * Bytes of the last piece, if more may be added to it, that wait when everything before `sent` has gone.
   */
  openTail(sent: Seq): number {
    const tail = this.tail;
    if (tail === undefined || tail.closed) return 0;
    return Math.max(0, seqDiff(tail.end, this.tailStart(sent)));
  }

  /** Where the last piece begins, or what of it waits when everything before `sent` has gone. */
  tailStart(sent: Seq): Seq {
    return this.#count > 0 && seqAfter(this.#tailStart, sent) ? this.#tailStart : sent;
  }

  /** Text from `start` to `end` begins a piece. */
  begin(start: Seq, end: Seq): void {
    if (this.#count === this.#slots.length) this.#grow();
    const slot = (this.#head + this.#count) & (this.#slots.length - 1);
    const piece = this.#slots[slot] ?? new Piece();
    this.#slots[slot] = piece;
    this.#count++;
    this.#tailStart = start;
    piece.end = end;
    piece.pushed = false;
    piece.closed = false;
    piece.fragments = 0;
  }

  /** The last piece reaches to `end` now. */
  extend(end: Seq): void {
    const tail = this.tail;
    if (tail !== undefined) tail.end = end;
  }

  /** The last piece refers to another part of the user's memory; with the most that it can, it is full. */
  refer(): void {
    const tail = this.tail;
    if (tail === undefined || ++tail.fragments < MOST_FRAGMENTS) return;
    this.push();
    this.close();
  }

  /** A write ends with the last piece. */
  push(): void {
    const tail = this.tail;
    if (tail === undefined) return;
    tail.pushed = true;
    this.pushedTo = tail.end;
  }

  /** A record ends with the last piece: nothing is added to it, nor sent together with it. */
  close(): void {
    const tail = this.tail;
    if (tail === undefined || tail.closed) return;
    tail.closed = true;
    this.#closed++;
  }

  /** The end of the piece that is sent next; undefined: nothing waits. */
  get nextEnd(): Seq | undefined {
    return this.#count === 0 ? undefined : this.#at(0).end;
  }

  /** The piece that is sent next is the last, and writes may still add to it. */
  get nextMayGrow(): boolean {
    return this.#count === 1 && !this.#at(0).closed;
  }

  /** Where the next segments have to end: with the first closed piece; undefined: anywhere. */
  get edge(): Seq | undefined {
    if (this.#closed === 0) return undefined;
    for (let i = 0; i < this.#count; i++) {
      const piece = this.#at(i);
      if (piece.closed) return piece.end;
    }
    return undefined;
  }

  /**
   * A unit from `from` on may reach to `most`: pieces up to there become one, if nothing closes them
   * before. A write that ended inside is not pushed there any more.
   */
  join(from: Seq, most: Seq): void {
    while (this.#count > 1) {
      const first = this.#at(0);
      const next = this.#at(1);
      if (first.closed || !seqBefore(first.end, most)) return;
      const isTail = this.#count === 2;
      if (seqAfter(next.end, most)) {
        first.end = most;
        if (isTail) this.#tailStart = most;
        return;
      }
      if (first.pushed) next.pushed = true;
      this.#drop();
      if (isTail) this.#tailStart = from;
    }
  }

  /** How a unit ends that goes out up to `end`: whether a write does within it, and a record with it. */
  endAt(end: Seq): UnitEnd {
    END.pushed = false;
    END.closed = false;
    for (let i = 0; i < this.#count; i++) {
      const piece = this.#at(i);
      if (seqAfter(piece.end, end)) break;
      if (piece.pushed) END.pushed = true;
      END.closed = piece.closed && piece.end === end;
    }
    return END;
  }

  /** Text up to `end` has gone out. */
  sent(end: Seq): void {
    while (this.#count > 0) {
      const piece = this.#at(0);
      if (seqAfter(piece.end, end)) return;
      if (piece.closed) this.#closed--;
      this.#drop();
    }
  }

  clear(): void {
    if (this.#slots.length > SLOTS_KEPT) this.#slots = [];
    this.#head = 0;
    this.#count = 0;
    this.#closed = 0;
  }

  private get tail(): Piece | undefined {
    return this.#count === 0 ? undefined : this.#at(this.#count - 1);
  }

  #drop(): void {
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#count--;
  }

  #at(index: number): Piece {
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)] as Piece;
  }

  #grow(): void {
    const slots: Array<Piece | undefined> = new Array(Math.max(4, this.#slots.length * 2)).fill(undefined);
    for (let i = 0; i < this.#count; i++) slots[i] = this.#at(i);
    this.#slots = slots;
    this.#head = 0;
  }

  /** While nothing waits. @param end of all that was written */
  fold(row: Row, at: number, end: Seq): number {
    row[at] = seqDiff(this.pushedTo, end);
    return at + 1;
  }

  unfold(row: Row, at: number, end: Seq): number {
    this.pushedTo = seqAdd(end, numberAt(row, at));
    return at + 1;
  }
}

/** One for all: read at once. */
const END = { pushed: false, closed: false };
