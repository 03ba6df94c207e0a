/**
 * The receive buffer: text in order that the user has not read, and behind it, in its final place, text that
 * came out of order. RFC 9293 §3.10.7.4 (seventh step, SHLD-31), §3.4: duplicates and overlaps take no room
 * twice.
 *
 *   ring:  | readable ........ RCV.NXT | hole | out of order | hole | out of order |
 */
import { SeqRanges } from "../../base/ranges.ts";
import { ByteRing } from "../../base/ring.ts";
import { type Seq, seqAdd, seqAtOrAfter, seqDiff } from "../../base/seq.ts";

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
    return this.#ring.length;
  }

  /** Bytes of memory held. */
  get memory(): number {
    return this.#ring.capacity;
  }

  get room(): number {
    return Math.max(0, this.limit - this.#ring.length);
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
    this.#ring.append(bytes, from, to);
    return to - from + this.#joinOutOfOrder(seqAdd(start, to - from));
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
    const count = Math.min(target.length, this.#ring.length);
    this.#most = Math.max(this.#most, this.#ring.length);
    this.#ring.copyTo(0, target, 0, count);
    this.#ring.drop(count);
    if (count > 0) this.#giveBack();
    return count;
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
    const count = Math.max(0, Math.min(target.length, this.#ring.length - offset));
    if (count > 0) this.#ring.copyTo(offset, target, 0, count);
    return count;
  }

  /** Forgets what the user will not read. */
  discard(): void {
    this.#ring.drop(this.#ring.length);
  }
}
