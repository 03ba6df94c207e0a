/**
 * The buffer grows with the flow: dynamic right-sizing (Fisk and Feng, "Dynamic Right-Sizing in TCP", 2001),
 * as Linux does it (tcp_moderate_rcvbuf). What the user reads in one round trip is what the sender's window
 * allowed; a buffer of twice that lets it double, and more when it is seen to grow. RFC 9293 knows no size.
 */
import { numberAt, type Row } from "../../base/fold.ts";
import { type Seq, seq, seqDiff } from "../../base/seq.ts";
import type { Duration, Instant } from "../../base/time.ts";

export class WindowTuning {
  /** The most that was read in a round trip, in bytes. */
  space = 0;
  #from: Seq = seq(0);
  #since = 0 as Instant;

  begin(now: Instant, copied: Seq, space: number): void {
    this.#since = now;
    this.#from = copied;
    this.space = space;
  }

  /** The window has become smaller than what was measured. */
  limit(clamp: number): void {
    if (clamp < this.space) this.space = clamp;
  }

  /**
   * The user has read up to `copied`; `waiting` bytes more have come. Answers the size that the buffer should
   * have, or 0 when there is nothing new.
   *
   * @param rtt as the receiver sees it, 0 if it does not know yet
   * @param scattered how far beyond RCV.NXT text has come out of order
   */
  read(now: Instant, copied: Seq, waiting: number, rtt: Duration, scattered: number): number {
    if (rtt === 0 || now - this.#since < rtt) return 0;
    const measured = seqDiff(copied, this.#from) - waiting;
    this.#from = copied;
    this.#since = now;
    if (measured <= this.space) return 0;
    const before = this.space;
    this.space = measured;
    if (before === 0) return 0;
    // A measure is one round trip late; in slow start twice as much is already on its way.
    const window = 2 * measured;
    return window + 2 * Math.floor((window * (measured - before)) / before) + scattered;
  }

  fold(row: Row, at: number): number {
    row[at] = this.space;
    row[at + 1] = this.#from;
    row[at + 2] = this.#since;
    return at + 3;
  }

  unfold(row: Row, at: number): number {
    this.space = numberAt(row, at);
    this.#from = numberAt(row, at + 1);
    this.#since = numberAt(row, at + 2);
    return at + 3;
  }
}
