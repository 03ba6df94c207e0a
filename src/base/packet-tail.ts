/**
 * Text that goes with a packet but lies elsewhere: in one piece, or in two where a ring ends. Borrowed, as
 * the packet is.
 */
import { assert } from "./assert.ts";

const NOTHING = new Uint8Array(0);

export class TailPiece {
  bytes: Uint8Array = NOTHING;
  from = 0;
  to = 0;
}

export class PacketTail {
  readonly first = new TailPiece();
  readonly second = new TailPiece();
  #length = 0;

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** 0, 1 or 2. */
  get pieces(): number {
    if (this.#length === 0) return 0;
    return this.second.to === 0 ? 1 : 2;
  }

  clear(): void {
    if (this.#length === 0) return;
    this.#length = 0;
    empty(this.first);
    empty(this.second);
  }

  /** Adds `bytes[from, to)`. */
  add(bytes: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    const piece = this.#length === 0 ? this.first : this.second;
    assert(piece.to === 0, "a packet's tail has two pieces at most");
    piece.bytes = bytes;
    piece.from = from;
    piece.to = to;
    this.#length += to - from;
  }

  /** Copies `count` bytes from `offset` on into `target` at `at`. */
  copyTo(target: Uint8Array, at: number, offset = 0, count = this.#length - offset): void {
    const { first, second } = this;
    const inFirst = first.to - first.from;
    const split = Math.max(0, Math.min(count, inFirst - offset));
    copy(first, offset, split, target, at);
    copy(second, offset + split - inFirst, count - split, target, at + split);
  }
}

function copy(
  { bytes, from }: TailPiece,
  offset: number,
  count: number,
  target: Uint8Array,
  at: number,
): void {
  if (count > 0) target.set(bytes.subarray(from + offset, from + offset + count), at);
}

/** Memory of a connection that is gone must not stay. */
function empty(piece: TailPiece): void {
  piece.bytes = NOTHING;
  piece.from = 0;
  piece.to = 0;
}
