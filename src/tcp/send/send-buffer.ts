/**
 * The send buffer: text that the user gave and the peer has not acknowledged, sent or not. RFC 9293 §3.10.2.
 * A byte leaves the ring only when the peer's cumulative acknowledgment covers it.
 */
import type { PacketTail } from "../../base/packet-tail.ts";
import { ByteRing } from "../../base/ring.ts";
import { type Seq, seqAdd, seqDiff } from "../../base/seq.ts";

export class SendBuffer {
  readonly #ring = new ByteRing();
  /** The sequence number of the oldest byte held. */
  #base: Seq;

  constructor(base: Seq) {
    this.#base = base;
  }

  /** It is empty, and for another connection now. */
  begin(base: Seq): void {
    this.#base = base;
  }

  /** Bytes of memory held. */
  get memory(): number {
    return this.#ring.capacity;
  }

  /** The sequence number after the last byte. */
  get end(): Seq {
    return seqAdd(this.#base, this.#ring.length);
  }

  get length(): number {
    return this.#ring.length;
  }

  /** Takes `bytes[from, to)`. How much it may take is not its question: send/send-space.ts. */
  append(bytes: Uint8Array, from: number, to: number): void {
    this.#ring.append(bytes, from, to);
  }

  /** Copies `count` bytes from sequence number `from` on into `target`. */
  copyTo(from: Seq, count: number, target: Uint8Array, at: number): void {
    this.#ring.copyTo(seqDiff(from, this.#base), target, at, count);
  }

  /** As `copyTo`, but leaves the text where it is, for the packet to refer to. */
  show(from: Seq, count: number, tail: PacketTail): void {
    this.#ring.show(seqDiff(from, this.#base), count, tail);
  }

  /** The peer has everything before `una`. A SYN or FIN in between is no byte of the ring. */
  acknowledged(una: Seq): void {
    const count = Math.min(seqDiff(una, this.#base), this.#ring.length);
    if (count <= 0) return;
    this.#ring.drop(count);
    this.#base = seqAdd(this.#base, count);
  }

  release(): void {
    this.#ring.release();
  }
}
