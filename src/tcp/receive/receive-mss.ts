/**
 * How large the peer's full segments are: RFC 9293 §3.8.6.3 and RFC 5681 §4.2 count in them, and nobody
 * tells. As Linux estimates it: too small a guess costs a few ACKs, too large a one makes the sender wait; so
 * the guess begins low, follows the largest segment, and goes down when two in a row have the same smaller
 * size.
 */
import { numberAt, type Row } from "../../base/fold.ts";

/** RFC 9293 §3.7.1: what every host takes. */
const DEFAULT = 536;
/** Linux's TCP_MIN_MSS. */
const LEAST = 88;

export class ReceiveMss {
  #value = DEFAULT;
  /** The size of the last segment, if it may have been a full one of a smaller kind. */
  #candidate = 0;

  get value(): number {
    return this.#value;
  }

  /**
   * @param most what we announced
   * @param window what we offered at the beginning
   */
  begin(most: number, window: number): void {
    this.#value = Math.max(Math.min(most, window >> 1, DEFAULT), LEAST);
  }

  /**
   * Text arrived; answers whether it looks like the end of a write.
   *
   * @param length of the text; of one segment, when several were merged
   * @param options the size of the segment's options, and of those that every segment has: SACK blocks take
   * from the text
   * @param isMarked FIN, URG, SYN or PSH is set: reasons to be small
   * @param most what we announced
   */
  arrived(
    length: number,
    options: number,
    usualOptions: number,
    isMarked: boolean,
    isPushed: boolean,
    most: number,
  ): boolean {
    const candidate = this.#candidate;
    this.#candidate = 0;
    if (length >= this.#value) {
      this.#value = Math.min(length, most);
      return isPushed;
    }
    const size = length + options;
    if (size < DEFAULT && (size < LEAST || isMarked)) return true;
    this.#candidate = size - usualOptions;
    if (this.#candidate !== candidate) return true;
    this.#value = candidate;
    return false;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#value;
    row[at + 1] = this.#candidate;
    return at + 2;
  }

  unfold(row: Row, at: number): number {
    this.#value = numberAt(row, at);
    this.#candidate = numberAt(row, at + 1);
    return at + 2;
  }
}
