/**
 * A part of some bytes as an array of its own, kept for who asks for the same part again: making one costs as
 * much as copying a segment, and memory besides.
 */
const NO_BYTES = new Uint8Array(0);

export class View {
  bytes: Uint8Array = NO_BYTES;
  #of: Uint8Array = NO_BYTES;
  #from = 0;
  #to = 0;

  shows(bytes: Uint8Array, from: number, to: number): boolean {
    return this.#of === bytes && this.#from === from && this.#to === to;
  }

  /** From now on, until it is told otherwise. */
  show(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = bytes.subarray(from, to);
    this.#of = bytes;
    this.#from = from;
    this.#to = to;
  }
}
