/**
 * The receive buffer: text in order that the user has not read, and behind it, in its final place, text that
 * came out of order. RFC 9293 §3.10.7.4 (seventh step, SHLD-31), §3.4: duplicates and overlaps take no room
 * twice.
 *
 *   ring:  | readable ........ RCV.NXT | hole | out of order | hole | out of order |
 *
 * Where a reader has lent a buffer (receive/lent-buffer), text in order that finds the ring empty goes there.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { SeqRanges } from "../../base/ranges.ts";
import { ByteRing } from "../../base/ring.ts";
import { type Seq, seqAdd, seqAtOrAfter, seqDiff } from "../../base/seq.ts";
import { LentBuffer } from "./lent-buffer.ts";

/**
 * Ranges out of order, at most. Each costs time whenever another comes, and a peer that sends every second
 * byte would make hundreds of thousands of them in one window (CVE-2018-6922). What does not get in comes
 * again.
 */
const MOST_RANGES = 1_024;

/** An empty buffer keeps at most so much memory, in bytes. */
const LARGEST_KEPT = 256 << 10;
/** A larger one is kept while a flow fills this part of it each time. */
const KEPT_FOR = 8;

export class ReceiveBuffer {
  /** The most that waited at once since the buffer was empty, in bytes. */
  #most = 0;
  readonly #ring = new ByteRing();
  /** Since the first buffer was lent. */
  #lent: LentBuffer | undefined = undefined;
  /** What has arrived beyond RCV.NXT. */
  readonly outOfOrder = new SeqRanges();
  /** The most it shall hold, in bytes; the advertised window is made from it (SO_RCVBUF). */
  limit: number;
  /** The user chose the limit: no tuning. */
  isFixed = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes that can be read. */
  get readable(): number {
    return (this.#lent?.length ?? 0) + this.#ring.length;
  }

  /** Bytes of memory held. */
  get memory(): number {
    return this.#ring.capacity;
  }

  get room(): number {
    return Math.max(0, this.limit - this.readable);
  }

  /** Gives the memory back. It is empty. */
  release(): void {
    this.#ring.release();
  }

  /** A reader waits with a buffer of its own. */
  get isLent(): boolean {
    return this.#lent?.isLent === true;
  }

  /** Lends a buffer for text to come, or none any more. */
  lend(target: Uint8Array | undefined): void {
    if (target === undefined && this.#lent === undefined) return;
    this.#lent ??= new LentBuffer();
    this.#lent.lend(target);
  }

  /** Whether text from `start` on may be placed: always when it leaves no hole. */
  takes(start: Seq, nxt: Seq): boolean {
    return start === nxt || this.outOfOrder.count < MOST_RANGES;
  }

  /**
   * Places the text `bytes[from, to)` that begins at `start` (at or after RCV.NXT, within the window).
   * Answers by how much RCV.NXT moves: 0 for text that leaves a hole before it.
   */
  place(start: Seq, bytes: Uint8Array, from: number, to: number, nxt: Seq): number {
    const gap = seqDiff(start, nxt);
    if (gap > 0) {
      this.#ring.place(this.#ring.length + gap, bytes, from, to);
      this.outOfOrder.add(start, seqAdd(start, to - from));
      return 0;
    }
    if (this.#goesToReader(to - from)) this.#lent?.append(bytes, from, to);
    else this.#ring.append(bytes, from, to);
    return to - from + this.#joinOutOfOrder(seqAdd(start, to - from));
  }

  /** Only what has neither text before it nor, out of order, text behind it: that is in the ring already. */
  #goesToReader(count: number): boolean {
    const isAlone = this.#ring.length === 0 && this.outOfOrder.count === 0;
    return isAlone && this.#lent?.hasRoomFor(count) === true;
  }

  /** What lies out of order behind `nxt` without a hole becomes readable; answers how much. */
  #joinOutOfOrder(nxt: Seq): number {
    const ranges = this.outOfOrder;
    if (ranges.count === 0) return 0;
    ranges.removeBefore(nxt);
    if (ranges.count === 0 || !seqAtOrAfter(nxt, ranges.start(0))) return 0;
    const joined = seqDiff(ranges.end(0), nxt);
    this.#ring.extend(joined);
    ranges.removeBefore(seqAdd(nxt, joined));
    return joined;
  }

  /** Moves up to `target.length` bytes to the user; answers how many. */
  read(target: Uint8Array): number {
    const lent = this.#lent?.read(target) ?? 0;
    const count = Math.min(target.length - lent, this.#ring.length);
    if (count === 0) return lent;
    this.#most = Math.max(this.#most, this.#ring.length);
    this.#ring.copyTo(0, target, lent, count);
    this.#ring.drop(count);
    this.#giveBack();
    return lent + count;
  }

  /**
   * What a lost segment or a slow user once made large is not kept for good; what a fast flow fills again and
   * again is.
   */
  #giveBack(): void {
    if (this.#ring.length > 0) return;
    const isRoomy = this.#ring.capacity > LARGEST_KEPT && KEPT_FOR * this.#most < this.#ring.capacity;
    this.#most = 0;
    if (isRoomy && this.outOfOrder.count === 0) this.#ring.release();
  }

  /** As `read`, from `offset` on, but leaves the bytes where they are. */
  peek(target: Uint8Array, offset: number): number {
    const lent = this.#lent?.peek(target, offset) ?? 0;
    const from = Math.max(0, offset - (this.#lent?.length ?? 0));
    const count = Math.max(0, Math.min(target.length - lent, this.#ring.length - from));
    if (count > 0) this.#ring.copyTo(from, target, lent, count);
    return lent + count;
  }

  /** Forgets what the user will not read. */
  discard(): void {
    this.#lent?.clear();
    this.#ring.drop(this.#ring.length);
  }

  /** While it is empty. */
  fold(row: Row, at: number): number {
    row[at] = this.limit;
    row[at + 1] = this.isFixed ? 1 : 0;
    row[at + 2] = this.#most;
    return at + 3;
  }

  unfold(row: Row, at: number): number {
    this.limit = numberAt(row, at);
    this.isFixed = flagAt(row, at + 1);
    this.#most = numberAt(row, at + 2);
    return at + 3;
  }
}
