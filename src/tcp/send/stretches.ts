/**
 * Where the text of a send buffer lies once some of it is the user's own memory: in stretches, each of them
 * in that memory or in the buffer's ring. Positions count the bytes of the text from the connection's
 * beginning.
 */
import { assert } from "../../base/assert.ts";

const NOTHING = new Uint8Array(0);
const FEWEST = 4;

export class Stretch {
  /** The user's; undefined: the ring. */
  memory: Uint8Array | undefined = NOTHING;
  /** Where in the memory it begins; of the ring, how many bytes went into it before. */
  from = 0;
  start = 0;
  end = 0;

  /** Where the byte at `position` lies, counted as `from` is. */
  placeOf(position: number): number {
    return this.from + position - this.start;
  }
}

/** A queue of stretches without gaps, in a ring of reused objects. */
export class Stretches {
  #slots: Stretch[] = [];
  #head = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** `index` 0 is the oldest. */
  at(index: number): Stretch {
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)] as Stretch;
  }

  /** Text from position `start` to `end` lies at `from`. What goes on where the last one ends joins it. */
  add(memory: Uint8Array | undefined, from: number, start: number, end: number): void {
    if (start === end) return;
    const last = this.#count === 0 ? undefined : this.at(this.#count - 1);
    if (last !== undefined && last.memory === memory && last.placeOf(last.end) === from) {
      last.end = end;
      return;
    }
    if (this.#count === this.#slots.length) this.#grow();
    const stretch = this.at(this.#count++);
    stretch.memory = memory;
    stretch.from = from;
    stretch.start = start;
    stretch.end = end;
  }

  /** The index of the stretch that has the byte at `position`. */
  find(position: number): number {
    let low = 0;
    let high = this.#count - 1;
    const isHeld = high >= 0 && this.at(0).start <= position && position < this.at(high).end;
    assert(isHeld, "a send buffer is read outside of its content");
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).end <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets what lies before `position`. True: memory of the user's was let go. */
  dropBefore(position: number): boolean {
    let isReturned = false;
    while (this.#count > 0) {
      const oldest = this.at(0);
      if (oldest.start >= position) break;
      if (oldest.memory !== undefined) isReturned = true;
      if (oldest.end > position) {
        oldest.from = oldest.placeOf(position);
        oldest.start = position;
        break;
      }
      oldest.memory = NOTHING;
      this.#head = (this.#head + 1) & (this.#slots.length - 1);
      this.#count--;
    }
    return isReturned;
  }

  /** The oldest stretch that lies in the ring. */
  get oldestInRing(): Stretch | undefined {
    for (let i = 0; i < this.#count; i++) {
      const stretch = this.at(i);
      if (stretch.memory === undefined) return stretch;
    }
    return undefined;
  }

  /** False: the user gave memory away that we still need (`ArrayBuffer.transfer`, `postMessage`). */
  get areThere(): boolean {
    for (let i = 0; i < this.#count; i++) {
      const { memory, from, start, end } = this.at(i);
      if (memory !== undefined && from + end - start > memory.length) return false;
    }
    return true;
  }

  #grow(): void {
    const slots: Stretch[] = [];
    for (let i = 0; i < this.#count; i++) slots.push(this.at(i));
    const size = Math.max(FEWEST, 2 * this.#slots.length);
    while (slots.length < size) slots.push(new Stretch());
    this.#slots = slots;
    this.#head = 0;
  }
}
