/**
 * Nagle's algorithm: RFC 9293 §3.7.4, in Minshall's form, as Linux has it: a small segment waits only while
 * an earlier
 * *small* one is unacknowledged, so that a message's last piece is not held up by its full ones.
 */
import { type Seq, seq, seqAfter } from "../../base/seq.ts";

export class Nagle {
  /** The end of the last small segment sent. */
  #smallEnd: Seq = seq(0);
  #anySmall = false;
  /** TCP_NODELAY. */
  disabled: boolean;

  constructor(disabled: boolean) {
    this.disabled = disabled;
  }

  /** A segment smaller than the largest allowed went out. */
  smallSent(end: Seq): void {
    this.#smallEnd = end;
    this.#anySmall = true;
  }

  /** Whether a small segment has to wait for an acknowledgment. */
  holds(una: Seq): boolean {
    if (this.disabled || !this.#anySmall) return false;
    this.#anySmall = seqAfter(this.#smallEnd, una);
    return this.#anySmall;
  }
}
