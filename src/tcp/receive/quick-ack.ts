/**
 * When text is acknowledged at once although it could wait: RFC 5681 §4.2 lets a receiver do so at any time.
 * As on Linux a new flow, and one that has been disturbed, is given a number of ACKs that do not wait,
 * because then the sender's congestion window needs them; but not where the user answers what comes, for
 * there an ACK soon has a segment to ride on. docs/decisions/quick-ack.md.
 */
import { numberAt, type Row } from "../../base/fold.ts";
export interface QuickAckLimits {
  readonly quickAcks: number;
  readonly interactiveAfter: number;
}

/** Replies are counted so far, and no further. */
const MOST_REPLIES = 255;

export class QuickAck {
  readonly #limits: QuickAckLimits;
  /** So many ACKs still go out at once. */
  #left = 0;
  /** How often the user sent something soon after something had come. */
  #replies = 0;

  constructor(limits: QuickAckLimits) {
    this.#limits = limits;
  }

  get isOn(): boolean {
    return this.#left > 0 && !this.isInteractive;
  }

  /** The user answers what comes: Linux's ping-pong mode. */
  get isInteractive(): boolean {
    return this.#replies >= this.#limits.interactiveAfter;
  }

  /**
   * Enough to acknowledge what the window holds, two segments each.
   *
   * @param window as it was last told
   * @param mss the size of the peer's full segments
   */
  grant(window: number, mss: number, most: number = this.#limits.quickAcks): void {
    const wanted = Math.floor(window / (2 * mss)) || 2;
    this.#left = Math.max(this.#left, Math.min(wanted, most));
  }

  /** The window has grown: the next ACK tells it at once. */
  grantOne(): void {
    this.#left = Math.max(this.#left, Math.min(1, this.#limits.quickAcks));
  }

  /** There is little room left: nothing that should make the sender faster. */
  withdraw(): void {
    this.#left = 0;
  }

  replied(): void {
    if (this.#replies < MOST_REPLIES) this.#replies++;
  }

  beginInteractive(): void {
    this.#replies = this.#limits.interactiveAfter;
  }

  endInteractive(): void {
    this.#replies = 0;
  }

  /** An ACK of new text went out. True: it was the last that had been granted. */
  spend(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return this.#left === 0;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#left;
    row[at + 1] = this.#replies;
    return at + 2;
  }

  unfold(row: Row, at: number): number {
    this.#left = numberAt(row, at);
    this.#replies = numberAt(row, at + 1);
    return at + 2;
  }
}
