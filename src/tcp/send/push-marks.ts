/**
 * Where the user's writes end in text that is not sent yet: the last segment of a write is pushed. RFC 9293
 * §3.9.1.2 (MUST-60, MUST-61). Writes that wait together become one, as in Linux: only the last end counts.
 */
import { type Seq, seqAfter, seqAtOrBefore } from "../../base/seq.ts";

export class PushMarks {
  /** In sequence order; of writes that the user made while nothing of the one before was waiting. */
  readonly #ends: Seq[] = [];

  /** A write added text from `start` to `end`; everything before `sent` has gone out. */
  written(start: Seq, end: Seq, sent: Seq): void {
    const last = this.#ends.length - 1;
    if (last >= 0 && this.#ends[last] === start && seqAfter(start, sent)) this.#ends[last] = end;
    else this.#ends.push(end);
  }

  /** Whether a segment that ends at `end` is pushed. */
  isAt(end: Seq): boolean {
    return this.#ends.some(marked => marked === end);
  }

  /** Text up to `end` has gone out, as the end of a segment: whether it is pushed. */
  taken(end: Seq): boolean {
    let isMarked = false;
    for (let first = this.#ends[0]; first !== undefined && seqAtOrBefore(first, end); first = this.#ends[0]) {
      isMarked = first === end;
      this.#ends.shift();
    }
    return isMarked;
  }

  clear(): void {
    this.#ends.length = 0;
  }
}
