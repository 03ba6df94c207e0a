/**
 * A set of sequence numbers as disjoint ranges `[start, end)`, in order and never touching. One structure for
 * the receiver's out-of-order data and for SACK blocks. All members lie within 2³¹ of each other.
 */
import { type Seq, seqAfter, seqAtOrBefore, seqBefore, seqDiff, seqMax } from "./seq.ts";

export class SeqRanges {
  readonly #starts: Seq[] = [];
  readonly #ends: Seq[] = [];

  /** The number of ranges. */
  get count(): number {
    return this.#starts.length;
  }

  start(index: number): Seq {
    return this.#starts[index] as Seq;
  }

  end(index: number): Seq {
    return this.#ends[index] as Seq;
  }

  /** The number of sequence numbers in the set. */
  get size(): number {
    let size = 0;
    for (let i = 0; i < this.count; i++) size += seqDiff(this.end(i), this.start(i));
    return size;
  }

  /**
   * Adds `[start, end)`, merging what it overlaps or touches. Answers the index of the range it is now part
   * of; −1 for an empty range, which adds nothing.
   */
  add(start: Seq, end: Seq): number {
    if (seqAtOrBefore(end, start)) return -1;
    const starts = this.#starts;
    const ends = this.#ends;
    let first = starts.length;
    while (first > 0 && seqAtOrBefore(start, ends[first - 1] as Seq)) first--;
    let last = first;
    let low = start;
    let high = end;
    while (last < starts.length && seqAtOrBefore(starts[last] as Seq, end)) {
      if (seqBefore(starts[last] as Seq, low)) low = starts[last] as Seq;
      high = seqMax(high, ends[last] as Seq);
      last++;
    }
    if (last === first + 1) {
      starts[first] = low;
      ends[first] = high;
    } else {
      starts.splice(first, last - first, low);
      ends.splice(first, last - first, high);
    }
    return first;
  }

  /** The index of the first range that shares a number with `[start, end)`; −1: none does. */
  firstWithin(start: Seq, end: Seq): number {
    for (let i = 0; i < this.count; i++) {
      if (seqBefore(start, this.end(i))) return seqBefore(this.start(i), end) ? i : -1;
    }
    return -1;
  }

  /** Removes everything before `seq`. */
  removeBefore(seq: Seq): void {
    let gone = 0;
    while (gone < this.count && seqAtOrBefore(this.end(gone), seq)) gone++;
    if (gone > 0) {
      this.#starts.splice(0, gone);
      this.#ends.splice(0, gone);
    }
    if (this.count > 0 && seqBefore(this.start(0), seq)) this.#starts[0] = seq;
  }

  /** Whether all of `[start, end)` is in the set. */
  covers(start: Seq, end: Seq): boolean {
    const index = this.indexOf(start);
    return index >= 0 && seqAtOrBefore(end, this.end(index));
  }

  /** The index of the range that holds `seq`, or −1. */
  indexOf(seq: Seq): number {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (seqAfter(this.start(middle), seq)) high = middle - 1;
      else if (seqBefore(seq, this.end(middle))) return middle;
      else low = middle + 1;
    }
    return -1;
  }

  /** Whether the range at `index` holds `seq`. */
  holds(index: number, seq: Seq): boolean {
    return seqAtOrBefore(this.start(index), seq) && seqBefore(seq, this.end(index));
  }

  clear(): void {
    this.#starts.length = 0;
    this.#ends.length = 0;
  }
}
