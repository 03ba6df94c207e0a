/**
 * The units of a retransmission queue, the oldest first: a ring in which a sequence number is found by
 * halving. A unit stands there as the first of its records; the others follow by `next`.
 */
import { type Seq, seqAfter } from "../../base/seq.ts";
import type { SentRange } from "./sent-range.ts";

const FEWEST_SLOTS = 4;
/** A longer ring is not kept beyond a connection's end. */
const SLOTS_KEPT = 16;

export class UnitRing {
  #slots: Array<SentRange | undefined> = [];
  #head = 0;
  #count = 0;

  get length(): number {
    return this.#count;
  }

  get first(): SentRange | undefined {
    return this.#count === 0 ? undefined : this.#at(0);
  }

  push(unit: SentRange): void {
    if (this.#count === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#count) & (this.#slots.length - 1)] = unit;
    this.#count++;
  }

  /** The last unit that begins at `number` or before it; the first one, if none does. */
  reaching(number: Seq): SentRange | undefined {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqAfter(this.#at(middle).start, number)) high = middle;
      else low = middle + 1;
    }
    return low === 0 ? this.first : this.#at(low - 1);
  }

  /** The first record of all goes: its unit begins with the next one, or is gone with it. */
  dropFirst(record: SentRange): void {
    if (record.continues) {
      this.#slots[this.#head] = record.next;
      return;
    }
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#count--;
  }

  /** Once it is empty. */
  clear(): void {
    if (this.#slots.length > SLOTS_KEPT) this.#slots = [];
    this.#head = 0;
  }

  #at(index: number): SentRange {
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)] as SentRange;
  }

  #grow(): void {
    const slots: Array<SentRange | undefined> = new Array(Math.max(FEWEST_SLOTS, this.#slots.length * 2));
    slots.fill(undefined);
    for (let i = 0; i < this.#count; i++) slots[i] = this.#at(i);
    this.#slots = slots;
    this.#head = 0;
  }
}
