/**
 * Finds the frames of a byte stream, each behind its length (32 bits in network order), however the stream is
 * cut. Its pieces wait as they came, and each byte is copied once, into its frame.
 */
import { Fifo } from "../base/fifo.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";

export const LENGTH_SIZE = 4;
/** The largest that QEMU's own reader takes. */
export const LARGEST_FRAME = 69_632;

export class StreamFrameReader {
  /** The one that was found, or as much of it as has been read. */
  readonly frame = new PacketBuffer(HEADROOM + LARGEST_FRAME);
  /** What is said to be the length, once all its bytes have been read. */
  length = 0;
  /** Bytes that have come and have not been read. */
  waiting = 0;
  readonly #pieces = new Fifo<Uint8Array>();
  /** Of the first piece. */
  #read = 0;
  #lengthBytes = 0;

  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.waiting += piece.length;
  }

  /** `frame`: there is one. `more`: the rest of it has not come. `foreign`: no frame has this length. */
  next(): "frame" | "more" | "foreign" {
    if (!this.#readLength()) return "more";
    if (this.length > LARGEST_FRAME) return "foreign";
    return this.#readContent() ? "frame" : "more";
  }

  #readLength(): boolean {
    while (this.#lengthBytes < LENGTH_SIZE) {
      const piece = this.#pieces.peek();
      if (piece === undefined) return false;
      if (this.#lengthBytes === 0) this.frame.reset();
      this.length = ((this.length << 8) | (piece[this.#read] ?? 0)) >>> 0;
      this.#lengthBytes++;
      this.#advance(piece, 1);
    }
    return true;
  }

  #readContent(): boolean {
    const { frame } = this;
    for (let missing = this.length - frame.length; missing > 0; missing = this.length - frame.length) {
      const piece = this.#pieces.peek();
      if (piece === undefined) return false;
      const from = this.#read;
      const count = Math.min(missing, piece.length - from);
      frame.bytes.set(piece.subarray(from, from + count), frame.append(count));
      this.#advance(piece, count);
    }
    this.#lengthBytes = 0;
    return true;
  }

  #advance(piece: Uint8Array, count: number): void {
    this.#read += count;
    this.waiting -= count;
    if (this.#read < piece.length) return;
    this.#read = 0;
    this.#pieces.shift();
  }
}
