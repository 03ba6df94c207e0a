/** Bytes that arrive in pieces of any size and are taken in pieces of known size. */
export class ByteQueue {
  #bytes = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #taken = 0;

  /** The bytes lie at `bytes[start, start + length)` until the next `push`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get start(): number {
    return this.#start;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** How many bytes have been dropped in all: the offset in the input of the first that is here. */
  get offset(): number {
    return this.#taken;
  }

  push(chunk: Uint8Array): void {
    const held = this.length;
    const needed = held + chunk.length;
    if (this.#bytes.length - this.#end < chunk.length) {
      const target = needed <= this.#bytes.length ? this.#bytes : new Uint8Array(roomFor(needed));
      target.set(this.#bytes.subarray(this.#start, this.#end), 0);
      this.#bytes = target;
      this.#start = 0;
      this.#end = held;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  drop(count: number): void {
    this.#start += count;
    this.#taken += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  /** Gives the memory back. */
  clear(): void {
    this.drop(this.length);
    this.#bytes = new Uint8Array(0);
  }
}

/** A quarter more than is needed, so that many small pieces cost few copies. */
function roomFor(needed: number): number {
  return Math.max(4096, needed + (needed >>> 2));
}
