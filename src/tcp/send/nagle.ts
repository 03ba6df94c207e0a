/**
 * Whether a small segment has to wait. Nagle's algorithm: RFC 9293 §3.7.4 (SHLD-7; writes add up, MAY-16),
 * in Minshall's form, as Linux has it: a small segment waits only while an earlier *small* one is
 * unacknowledged, so that a message's last piece is not held up by its full ones. And TCP_CORK and MSG_MORE:
 * it waits as long as the user says that more will come, but not longer than the persist timer (200 ms at
 * least), which sends what there is.
 */
import { flagAt, type Row } from "../../base/fold.ts";
import { type Seq, seq, seqAfter } from "../../base/seq.ts";

export class Nagle {
  /** The end of the last small segment sent. */
  #smallEnd: Seq = seq(0);
  #anySmall = false;
  /** TCP_NODELAY. */
  disabled: boolean;
  /** TCP_CORK. */
  isCorked = false;
  /** The last write said MSG_MORE, and nothing has happened since that would make the connection send. */
  moreFollows = false;
  /**
   * TCP_NODELAY was set, or the cork pulled: what waits goes, up to the next piece. Linux's TCP_NAGLE_PUSH.
   */
  isPushing = false;

  constructor(disabled: boolean) {
    this.disabled = disabled;
  }

  /** TCP_NODELAY (MUST-17): what waits goes at once, corked or not. */
  setDisabled(on: boolean): void {
    this.disabled = on;
    if (on) this.#release();
  }

  /** TCP_CORK: pulled out, small segments go by Nagle's rule again. */
  setCork(on: boolean): void {
    this.isCorked = on;
    if (on) return;
    this.moreFollows = false;
    if (this.disabled) this.#release();
  }

  #release(): void {
    this.isPushing = true;
    this.moreFollows = false;
  }

  /** A segment smaller than the largest allowed went out. */
  smallSent(end: Seq): void {
    this.#smallEnd = end;
    this.#anySmall = true;
  }

  /** Whether a small segment has to wait: for an acknowledgment, or for the user. */
  holds(una: Seq): boolean {
    if (this.moreFollows) return true;
    if (this.isPushing) return false;
    if (this.isCorked) return true;
    if (this.disabled || !this.#anySmall) return false;
    this.#anySmall = seqAfter(this.#smallEnd, una);
    return this.#anySmall;
  }

  /** While everything is acknowledged: small segments, too. */
  fold(row: Row, at: number): number {
    this.#anySmall = false;
    row[at] = this.disabled ? 1 : 0;
    row[at + 1] = this.isCorked ? 1 : 0;
    row[at + 2] = this.moreFollows ? 1 : 0;
    row[at + 3] = this.isPushing ? 1 : 0;
    return at + 4;
  }

  unfold(row: Row, at: number): number {
    this.#anySmall = false;
    this.disabled = flagAt(row, at);
    this.isCorked = flagAt(row, at + 1);
    this.moreFollows = flagAt(row, at + 2);
    this.isPushing = flagAt(row, at + 3);
    return at + 4;
  }
}
