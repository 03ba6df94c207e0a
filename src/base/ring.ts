/**
 * A ring of bytes: the send buffer's and the receive buffer's store. Capacity grows by doubling up to its
 * limit and is allocated when the first byte comes, so an idle connection costs nothing.
 *
 * Offsets count from the oldest byte held. Bytes may be placed beyond the end (`place`), where they wait
 * until `extend` makes them part of the content: so out-of-order data is written once, into its final place.
 */
import { assert } from "./assert.ts";
import type { PacketTail } from "./packet-tail.ts";
import { View } from "./view.ts";

/** A request and its answer often need no more; memory is cleared when it is made, so less is quicker. */
const SMALLEST = 256;
const NO_BYTES = new Uint8Array(0);

export class ByteRing {
  #bytes: Uint8Array = NO_BYTES;
  #head = 0;
  #length = 0;
  /** Bytes from the head that are in use, placed ones included: what growing must carry over. */
  #reach = 0;
  /** What was copied last: requests and answers of one size find it again. */
  #copied: View | undefined = undefined;

  /** Bytes of content. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory held. */
  get capacity(): number {
    return this.#bytes.length;
  }

  append(source: Uint8Array, from = 0, to = source.length): void {
    const at = this.#length;
    this.place(at, source, from, to);
    this.#length = at + Math.max(0, to - from);
  }

  /** Writes `source[from, to)` at `offset`, which may lie beyond the end; the content does not grow. */
  place(offset: number, source: Uint8Array, from: number, to: number): void {
    const count = to - from;
    if (count <= 0) return;
    this.#reserve(offset + count);
    const mask = this.#bytes.length - 1;
    const at = (this.#head + offset) & mask;
    const first = Math.min(count, this.#bytes.length - at);
    copy(this.#bytes, at, source, from, first);
    if (first < count) copy(this.#bytes, 0, source, from + first, count - first);
  }

  /** Makes the next `count` bytes, which were placed before, part of the content. */
  extend(count: number): void {
    assert(this.#length + count <= this.#reach, "a ring extends over bytes that nobody placed");
    this.#length += count;
  }

  /** Copies `count` bytes from `offset` on into `target` at `at`. */
  copyTo(offset: number, target: Uint8Array, at: number, count: number): void {
    assert(offset >= 0 && offset + count <= this.#length, "a ring is read outside of its content");
    if (count === 0) return;
    const mask = this.#bytes.length - 1;
    const from = (this.#head + offset) & mask;
    const first = Math.min(count, this.#bytes.length - from);
    target.set(this.#part(from, from + first), at);
    if (first < count) copy(target, at + first, this.#bytes, 0, count - first);
  }

  #part(from: number, to: number): Uint8Array {
    this.#copied ??= new View();
    if (!this.#copied.shows(this.#bytes, from, to)) this.#copied.show(this.#bytes, from, to);
    return this.#copied.bytes;
  }

  /** Shows `count` bytes from `offset` on where they lie. Borrowed: the next change may move them. */
  show(offset: number, count: number, tail: PacketTail): void {
    assert(offset >= 0 && offset + count <= this.#length, "a ring is read outside of its content");
    const from = (this.#head + offset) & (this.#bytes.length - 1);
    const first = Math.min(count, this.#bytes.length - from);
    tail.add(this.#bytes, from, from + first);
    tail.add(this.#bytes, 0, count - first);
  }

  /** Forgets the oldest `count` bytes. */
  drop(count: number): void {
    assert(count >= 0 && count <= this.#length, "a ring drops more than it holds");
    this.#length -= count;
    this.#reach -= count;
    // An empty ring begins anew: what keeps up with its writer stays in the processor's cache.
    if (this.#reach === 0) this.#head = 0;
    else this.#head = (this.#head + count) & (this.#bytes.length - 1);
  }

  /** Gives the memory back; the content is lost. */
  release(): void {
    this.#bytes = NO_BYTES;
    this.#copied = undefined;
    this.#head = 0;
    this.#length = 0;
    this.#reach = 0;
  }

  #reserve(reach: number): void {
    if (reach > this.#bytes.length) this.#grow(reach);
    if (reach > this.#reach) this.#reach = reach;
  }

  #grow(needed: number): void {
    let capacity = Math.max(SMALLEST, this.#bytes.length);
    while (capacity < needed) capacity *= 2;
    const bytes = new Uint8Array(capacity);
    const first = Math.min(this.#reach, this.#bytes.length - this.#head);
    copy(bytes, 0, this.#bytes, this.#head, first);
    copy(bytes, first, this.#bytes, 0, this.#reach - first);
    this.#bytes = bytes;
    this.#copied = undefined;
    this.#head = 0;
  }
}

function copy(target: Uint8Array, at: number, source: Uint8Array, from: number, count: number): void {
  if (count <= 0) return;
  target.set(from === 0 && count === source.length ? source : source.subarray(from, from + count), at);
}
