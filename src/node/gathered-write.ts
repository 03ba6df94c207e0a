/**
 * One frame into a descriptor: by write(2), or by writev(2) where its text lies apart from its headers, which
 * then goes to the kernel without being put together first. The addresses of rings are asked for once: an
 * array of that size does not move.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { MOST_PIECES, type PacketTail } from "../base/packet-tail.ts";
import type { Libc } from "./ffi.ts";
import { LITTLE_ENDIAN } from "./interface-request.ts";

/** struct iovec: an address and a size, each of 64 bits. */
const IOVEC_SIZE = 16;
/** Arrays on V8's heap move; larger ones do not. */
const MOVABLE_SIZE = 64;
const WORD = 2 ** 32;

export class GatheredWrite {
  readonly #libc: Libc;
  readonly #vector = new Uint8Array((1 + MOST_PIECES) * IOVEC_SIZE + MOVABLE_SIZE);
  readonly #words = new Uint32Array(this.#vector.buffer);
  readonly #addresses = new WeakMap<Uint8Array, number>();
  readonly #views = new TailViews();

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** Where it takes a tail: the vector is laid out for addresses of 64 bits. */
  static isPossible(libc: Libc): boolean {
    return libc.pointerSize === 8;
  }

  /** Writes `frame.bytes[from, end)` and the frame's tail; answers as write(2) does. */
  write(descriptor: number, frame: PacketBuffer, from: number): number {
    const { bytes, end, tail } = frame;
    if (tail === undefined || tail.length === 0) {
      return this.#libc.write(descriptor, this.#views.from(bytes, from), end - from);
    }
    this.#set(0, bytes, from, end);
    return this.#libc.writev(descriptor, this.#vector, 1 + this.#setTail(tail));
  }

  /** Pieces of the user's memory are large, and so do not move either: tcp/write. */
  #setTail(tail: PacketTail): number {
    const { pieces } = tail;
    for (let i = 0; i < pieces; i++) {
      const { bytes, from, to } = tail.piece(i);
      this.#set(1 + i, bytes, from, to);
    }
    return pieces;
  }

  #set(index: number, bytes: Uint8Array, from: number, to: number): void {
    const at = index * (IOVEC_SIZE / 4);
    this.#setWord(at, this.#addressOf(bytes) + from);
    this.#setWord(at + 2, to - from);
  }

  /** 64 bits in the machine's byte order. */
  #setWord(at: number, value: number): void {
    this.#words[LITTLE_ENDIAN ? at : at + 1] = value % WORD;
    this.#words[LITTLE_ENDIAN ? at + 1 : at] = Math.floor(value / WORD);
  }

  #addressOf(bytes: Uint8Array): number {
    let address = this.#addresses.get(bytes);
    if (address === undefined) {
      address = this.#libc.addressOf(bytes);
      this.#addresses.set(bytes, address);
    }
    return address;
  }
}

/** Views of a buffer from some offset to its end. Packets begin at a few places only: no view a packet. */
class TailViews {
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #views: Array<Uint8Array | undefined> = [];

  from(bytes: Uint8Array, start: number): Uint8Array {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#views.length = 0;
    }
    let view = this.#views[start];
    if (view === undefined) {
      view = bytes.subarray(start);
      this.#views[start] = view;
    }
    return view;
  }
}
