/**
 * When which text arrived: for SO_TIMESTAMP and its like, which Linux has for TCP too. Only a connection
 * whose user asked for it has one.
 */
import { type Seq, seqAfter, seqAtOrAfter, seqAtOrBefore } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";

/** A peer that sends single bytes shall not cost more than this; what is older is told as what came next. */
const MOST = 4_096;

export class ArrivalTimes {
  /** The ends of pieces, in order, and when each came. */
  readonly #ends: Seq[] = [];
  readonly #times: Instant[] = [];

  get count(): number {
    return this.#ends.length;
  }

  /** The piece that ends at `end` came. */
  arrived(end: Seq, now: Instant): void {
    const ends = this.#ends;
    let index = ends.length;
    while (index > 0 && seqAfter(ends[index - 1] as Seq, end)) index--;
    if (index > 0 && (ends[index - 1] === end || this.#times[index - 1] === now)) {
      // The same once more, or one burst.
      if (ends[index - 1] !== end) ends[index - 1] = end;
      return;
    }
    if (ends.length === MOST) {
      ends.shift();
      this.#times.shift();
      index = Math.max(0, index - 1);
    }
    ends.splice(index, 0, end);
    this.#times.splice(index, 0, now);
  }

  /** When the last byte before `seq` came. */
  before(seq: Seq): Instant | undefined {
    for (let i = 0; i < this.#ends.length; i++) {
      if (seqAtOrAfter(this.#ends[i] as Seq, seq)) return this.#times[i];
    }
    return undefined;
  }

  /** The user has taken what lies before `seq`. */
  forget(seq: Seq): void {
    let gone = 0;
    while (gone < this.#ends.length && seqAtOrBefore(this.#ends[gone] as Seq, seq)) gone++;
    if (gone === 0) return;
    this.#ends.splice(0, gone);
    this.#times.splice(0, gone);
  }
}
