/**
 * The send buffer: text that the user gave and the peer has not acknowledged, sent or not. RFC 9293 §3.10.2.
 * It is copied into a ring, or stays in the user's memory (send/stretches.ts). A byte is let go only when the
 * peer's cumulative acknowledgment covers it.
 */
import { PacketTail } from "../../base/packet-tail.ts";
import { ByteRing } from "../../base/ring.ts";
import { type Seq, seqAdd, seqDiff } from "../../base/seq.ts";
import { Stretches } from "./stretches.ts";

/** More memory than this is not kept beyond a connection's end, in bytes. */
const LARGEST_KEPT = 4_096;

export class SendBuffer {
  readonly #ring = new ByteRing();
  /** While there are none, all text lies in the ring. */
  #stretches: Stretches | undefined = undefined;
  /** The sequence number of the oldest byte held. */
  #base: Seq;
  #length = 0;
  /** Bytes that were let go: of the text, and of what lay in the ring. */
  #passed = 0;
  #passedInRing = 0;

  constructor(base: Seq) {
    this.#base = base;
  }

  /** It is empty, and for another connection now. */
  begin(base: Seq): void {
    this.#base = base;
    this.#passed = 0;
    this.#passedInRing = 0;
  }

  /** Bytes of memory held; the user's own are not counted. */
  get memory(): number {
    return this.#ring.capacity;
  }

  /** The sequence number after the last byte. */
  get end(): Seq {
    return seqAdd(this.#base, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Takes a copy of `bytes[from, to)`. How much it may take is not its question: send/send-space.ts. */
  append(bytes: Uint8Array, from: number, to: number): void {
    this.mixed?.add(undefined, this.endOfRing, this.endOfText, this.endOfText + to - from);
    this.#ring.append(bytes, from, to);
    this.#length += to - from;
  }

  /** Takes `bytes[from, to)` where they lie. */
  refer(bytes: Uint8Array, from: number, to: number): void {
    this.#stretches ??= new Stretches();
    if (this.#stretches.count === 0 && this.#length > 0)
      this.#stretches.add(undefined, this.#passedInRing, this.#passed, this.endOfText);
    this.#stretches.add(bytes, from, this.endOfText, this.endOfText + to - from);
    this.#length += to - from;
  }

  /** False: the user took memory away that has not been acknowledged. */
  get isThere(): boolean {
    return this.mixed?.areThere !== false;
  }

  /** Copies `count` bytes from sequence number `from` on into `target`. */
  copyTo(from: Seq, count: number, target: Uint8Array, at: number): void {
    if (this.mixed === undefined) {
      this.#ring.copyTo(seqDiff(from, this.#base), target, at, count);
      return;
    }
    this.show(from, count, SHOWN);
    SHOWN.copyTo(target, at);
    SHOWN.clear();
  }

  /** As `copyTo`, but leaves the text where it is, for the packet to refer to. */
  show(from: Seq, count: number, tail: PacketTail): void {
    const offset = seqDiff(from, this.#base);
    const mixed = this.mixed;
    if (mixed === undefined) {
      this.#ring.show(offset, count, tail);
      return;
    }
    let position = this.#passed + offset;
    const end = position + count;
    for (let i = mixed.find(position); position < end; i++) {
      const stretch = mixed.at(i);
      const part = Math.min(stretch.end, end) - position;
      const place = stretch.placeOf(position);
      if (stretch.memory === undefined) this.#ring.show(place - this.#passedInRing, part, tail);
      else tail.add(stretch.memory, place, place + part);
      position += part;
    }
  }

  /**
   * The peer has everything before `una`. A SYN or FIN in between is no byte of the text. True: memory of the
   * user's was let go.
   */
  acknowledged(una: Seq): boolean {
    const count = Math.min(seqDiff(una, this.#base), this.#length);
    if (count <= 0) return false;
    const mixed = this.mixed;
    this.#base = seqAdd(this.#base, count);
    this.#length -= count;
    this.#passed += count;
    if (mixed === undefined) {
      this.#dropFromRing(count);
      return false;
    }
    const isReturned = mixed.dropBefore(this.#passed);
    this.#dropFromRing((mixed.oldestInRing?.from ?? this.endOfRing) - this.#passedInRing);
    return isReturned;
  }

  #dropFromRing(count: number): void {
    this.#ring.drop(count);
    this.#passedInRing += count;
  }

  /** Nothing of it is needed any more: the user's memory is the user's again. */
  clear(): void {
    this.#ring.drop(this.#ring.length);
    if (this.memory > LARGEST_KEPT) this.#ring.release();
    this.#stretches = undefined;
    this.#length = 0;
  }

  /** Gives the memory back. It is empty. */
  release(): void {
    this.#ring.release();
  }

  private get mixed(): Stretches | undefined {
    return this.#stretches === undefined || this.#stretches.count === 0 ? undefined : this.#stretches;
  }

  private get endOfText(): number {
    return this.#passed + this.#length;
  }

  private get endOfRing(): number {
    return this.#passedInRing + this.#ring.length;
  }
}

/** One for all: filled and read at once. */
const SHOWN = new PacketTail();
