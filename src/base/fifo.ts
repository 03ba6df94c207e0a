/**
 * First in, first out, in a ring that keeps its memory: an array that is filled and emptied gives it back
 * each time, and takes it anew.
 */
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
    return item;
  }

  #grow(): void {
    const slots: Array<T | undefined> = new Array(Math.max(16, this.#slots.length * 2));
    slots.fill(undefined);
    for (let i = 0; i < this.#count; i++) slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    this.#slots = slots;
    this.#head = 0;
  }
}
