/**
 * Duplicate acknowledgments, for peers without SACK: RFC 5681 §2 and §3.2, RFC 6582. Each one stands for a
 * segment that has left the network (RFC 5681 §3.2 step 3 inflates cwnd by it; here it is taken off the pipe,
 * which is the same).
 */
import { numberAt, type Row } from "../../base/fold.ts";
export class DuplicateAcks {
  #count = 0;

  /** Since SND.UNA last moved, or since the recovery's last partial acknowledgment. */
  get count(): number {
    return this.#count;
  }

  /**
   * One more. False: there are more than segments can have arrived, so that they were reordered.
   * @param most segments in flight, less those that are missing
   */
  arrived(most: number): boolean {
    this.#count++;
    return this.#limit(most);
  }

  /**
   * A partial acknowledgment of `segments`: one was the hole, the others had sent duplicates (RFC 6582 §3.2
   * step 3). Answers as `arrived`.
   */
  deflate(segments: number, most: number): boolean {
    this.#count = Math.max(0, this.#count - Math.max(0, segments - 1));
    return this.#limit(most);
  }

  reset(): void {
    this.#count = 0;
  }

  #limit(most: number): boolean {
    if (this.#count <= most) return true;
    this.#count = Math.max(0, most);
    return false;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#count;
    return at + 1;
  }

  unfold(row: Row, at: number): number {
    this.#count = numberAt(row, at);
    return at + 1;
  }
}
