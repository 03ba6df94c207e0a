/**
 * Duplicate acknowledgments, for peers without SACK: RFC 5681 §2 and §3.2, RFC 6582. Each one stands for a
 * segment that has left the network (RFC 5681 §3.2 step 3 inflates cwnd by it; here it is taken off the pipe,
 * which is the same).
 */
export const DUPLICATE_ACK_THRESHOLD = 3;

export class DuplicateAcks {
  #count = 0;

  /** Since SND.UNA last moved, or since the recovery's last partial acknowledgment. */
  get count(): number {
    return this.#count;
  }

  get isThreshold(): boolean {
    return this.#count >= DUPLICATE_ACK_THRESHOLD;
  }

  arrived(): void {
    this.#count++;
  }

  /**
   * A partial acknowledgment of `segments`: so many of the duplicates are accounted for (RFC 6582 §3.2 step
   * 3).
   */
  deflate(segments: number): void {
    this.#count = Math.max(0, this.#count - Math.max(0, segments - 1));
  }

  reset(): void {
    this.#count = 0;
  }
}
