/**
 * A buffer that a waiting reader lends, so that text in order is copied once: from the packet to where the
 * reader wants it (RFC 9293 §3.10.3: a RECEIVE that is queued until text comes). What lies in it is the
 * oldest of the connection's text; what it has no room for waits in the receive buffer's ring.
 */
const NONE = new Uint8Array(0);

export class LentBuffer {
  #buffer: Uint8Array = NONE;
  /** The buffer lent next; text of the one before is still to be read. */
  #next: Uint8Array = NONE;
  /** `#buffer[#from, #to)` is text. */
  #from = 0;
  #to = 0;

  /** Bytes of text in it. */
  get length(): number {
    return this.#to - this.#from;
  }

  /** A reader's buffer is here, or will be next. */
  get isLent(): boolean {
    return this.#buffer.length > 0 || this.#next.length > 0;
  }

  lend(buffer: Uint8Array | undefined): void {
    this.#next = buffer ?? NONE;
    if (this.length === 0) this.clear();
  }

  hasRoomFor(count: number): boolean {
    return this.#buffer === this.#next && this.#to + count <= this.#buffer.length;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    const isWhole = from === 0 && to === bytes.length;
    this.#buffer.set(isWhole ? bytes : bytes.subarray(from, to), this.#to);
    this.#to += to - from;
  }

  /**
   * Moves text to `target`; answers how much. If that is the lent buffer, the text is there already, and the
   * reader has his buffer back.
   */
  read(target: Uint8Array): number {
    const count = this.peek(target, 0);
    if (target === this.#next) this.#next = NONE;
    this.#from += count;
    if (this.length === 0) this.clear();
    return count;
  }

  /** Copies text from `offset` on to `target`; answers how much. */
  peek(target: Uint8Array, offset: number): number {
    const from = this.#from + offset;
    const count = Math.max(0, Math.min(target.length, this.#to - from));
    if (count > 0 && !(target === this.#buffer && from === 0)) {
      target.set(this.#buffer.subarray(from, from + count));
    }
    return count;
  }

  /** Forgets its text. */
  clear(): void {
    this.#from = 0;
    this.#to = 0;
    this.#buffer = this.#next;
  }
}
