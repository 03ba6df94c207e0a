/**
 * First in, first out, in a ring that keeps its memory: an array that is filled and emptied gives it back
 * each time, and takes it anew. What a rare peak has made of it goes once it is empty.
 */

/** Slots that an empty one keeps at most. */
const KEPT = 1_024;

export class Fifo<T> {
  #slots: Array<T | undefined> = [];
  #head = 0;
  #count = 0;

  get length(): number {
    return this.#count;
  }

  push(item: T): void {
    if (this.#count === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#count) & (this.#slots.length - 1)] = item;
    this.#count++;
  }

  /** The oldest, which stays. */
  peek(): T | undefined {
    return this.#slots[this.#head];
  }

  /** Takes the oldest out. */
  shift(): T | undefined {
    if (this.#count === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#count--;
    if (this.#count === 0 && this.#slots.length > KEPT) this.#forget();
    return item;
  }

  #forget(): void {
    this.#slots = [];
    this.#head = 0;
  }

  /** Slots in memory, used or not. */
  get capacity(): number {
    return this.#slots.length;
  }

  #grow(): void {
    const slots: Array<T | undefined> = new Array(Math.max(16, this.#slots.length * 2));
    slots.fill(undefined);
    for (let i = 0; i < this.#count; i++) slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    this.#slots = slots;
    this.#head = 0;
  }
}
