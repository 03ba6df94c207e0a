/**
 * The round trip as a receiver sees it, for tuning its window: a peer that only sends gives our own estimator
 * (RFC 6298) nothing to measure. By the echo of our timestamps (RFC 7323 §4.1), and by the time in which a
 * whole window arrives, which is never less than a round trip (dynamic right-sizing, Feng and Fisk).
 */
import { numberAt, optionalAt, type Row, UNKNOWN } from "../../base/fold.ts";
import { type Seq, seqAdd, seqBefore } from "../../base/seq.ts";
import type { Duration, Instant } from "../../base/time.ts";

export class ReceiverRtt {
  #value = 0;
  /** The window that is being measured began then and ends here. */
  #since: Instant | undefined = undefined;
  #end: Seq | undefined = undefined;
  #lastEcho = 0;

  /** 0 before the first measure. */
  get value(): Duration {
    return this.#value as Duration;
  }

  /** Text came up to `nxt`; `window` is what we told last. */
  textArrived(now: Instant, nxt: Seq, window: number): void {
    if (this.#since !== undefined && this.#end !== undefined) {
      if (seqBefore(nxt, this.#end)) return;
      this.#lower(Math.max(1, now - this.#since));
    }
    this.#since = now;
    this.#end = seqAdd(nxt, window);
  }

  /** Whether this echo of a timestamp of ours is news. */
  isNews(echo: number): boolean {
    const isNews = echo !== this.#lastEcho;
    this.#lastEcho = echo;
    return isNews;
  }

  /**
   * A full segment echoed what we sent `elapsed` ago. A sample that is not the smallest counts only while the
   * user keeps up: else it measures him too.
   */
  echoed(elapsed: Duration, isAllRead: boolean): void {
    if (this.#value === 0 || elapsed < this.#value) this.#value = elapsed;
    else if (isAllRead) this.#value += (elapsed - this.#value) / 8;
  }

  #lower(sample: number): void {
    if (this.#value === 0 || sample < this.#value) this.#value = sample;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#value;
    row[at + 1] = this.#since ?? UNKNOWN;
    row[at + 2] = this.#end ?? UNKNOWN;
    row[at + 3] = this.#lastEcho;
    return at + 4;
  }

  unfold(row: Row, at: number): number {
    this.#value = numberAt(row, at);
    this.#since = optionalAt(row, at + 1);
    this.#end = optionalAt(row, at + 2);
    this.#lastEcho = numberAt(row, at + 3);
    return at + 4;
  }
}
