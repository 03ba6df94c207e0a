/**
 * Text that goes with a packet but lies elsewhere, in one piece or several. Borrowed, as the packet is.
 */
/** A device that gathers takes so many. */
export const MOST_PIECES = 64;

const NOTHING = new Uint8Array(0);

export class TailPiece {
  bytes: Uint8Array = NOTHING;
  from = 0;
  to = 0;
}

export class PacketTail {
  /** Reused: `#count` of them mean something. */
  readonly #pieces: TailPiece[] = [];
  #count = 0;
  #length = 0;

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** How many pieces there are. */
  get pieces(): number {
    return this.#count;
  }

  /** Piece `index`, the first being 0. */
  piece(index: number): TailPiece {
    return this.#pieces[index] as TailPiece;
  }

  /** Memory of a connection that is gone must not stay. */
  clear(): void {
    for (let i = 0; i < this.#count; i++) (this.#pieces[i] as TailPiece).bytes = NOTHING;
    this.#count = 0;
    this.#length = 0;
  }

  /** Adds `bytes[from, to)`. */
  add(bytes: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    if (this.#count === this.#pieces.length) this.#pieces.push(new TailPiece());
    const piece = this.#pieces[this.#count++] as TailPiece;
    piece.bytes = bytes;
    piece.from = from;
    piece.to = to;
    this.#length += to - from;
  }

  /** Copies `count` bytes from `offset` on into `target` at `at`. */
  copyTo(target: Uint8Array, at: number, offset = 0, count = this.#length - offset): void {
    let skip = offset;
    let copied = 0;
    for (let i = 0; i < this.#count && copied < count; i++) {
      const { bytes, from, to } = this.#pieces[i] as TailPiece;
      const here = Math.min(to - from - skip, count - copied);
      if (here > 0) {
        target.set(bytes.subarray(from + skip, from + skip + here), at + copied);
        copied += here;
      }
      skip = Math.max(0, skip - (to - from));
    }
  }
}
