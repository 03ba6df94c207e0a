/**
 * Taking back a reduction of the congestion window that was no loss: the Eifel algorithm by timestamps (RFC
 * 3522, RFC 4015), and D-SACK reports of everything that was sent again (RFC 3708). One episode: from the
 * first loss of a window on.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { type Seq, seq, seqAfter } from "../../base/seq.ts";
import { type Instant, NEVER } from "../../base/time.ts";

export class Undo {
  /** There is something to take back, since this was SND.UNA. */
  #isOpen = false;
  #from: Seq = seq(0);
  /** Segments sent again, less those that the peer reported as duplicates; −1: none was sent yet. */
  #unreported = -1;
  /** ECN said that there is congestion: what was held for lost may be taken back, the window not. */
  #windowIsForbidden = false;
  /** When the first retransmission since everything was last in order went out, and its timestamp. */
  #retransmittedAt: Instant = NEVER;
  #timestamp = 0;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get mayRestoreWindow(): boolean {
    return !this.#windowIsForbidden;
  }

  /** When repairs began; `NEVER` if nothing was sent again. Giving up counts from here (RFC 9293 §3.8.3). */
  get retransmittedAt(): Instant {
    return this.#retransmittedAt;
  }

  /** @param inFlight segments sent again earlier, which may still cause reports of duplicates */
  began(una: Seq, inFlight: number): void {
    this.#isOpen = true;
    this.#from = una;
    this.#unreported = inFlight > 0 ? inFlight : -1;
    this.#windowIsForbidden = false;
  }

  /** The reduction stands; or it was taken back. */
  ended(): void {
    this.#isOpen = false;
  }

  forbidWindow(): void {
    this.#windowIsForbidden = true;
  }

  /** A segment went out again; `timestamp` is what it carries, if it carries one. */
  retransmitted(now: Instant, timestamp: number): void {
    if (this.#retransmittedAt === NEVER) {
      this.#retransmittedAt = now;
      this.#timestamp = timestamp;
    }
    this.#unreported = Math.max(0, this.#unreported) + 1;
  }

  /** Nothing that was sent again is in flight: the next retransmission is a first one. */
  settled(): void {
    this.#retransmittedAt = NEVER;
  }

  /** Whether a report of a duplicate may be about what this episode sent again. */
  covers(end: Seq): boolean {
    return this.#isOpen && seqAfter(end, this.#from);
  }

  /** RFC 3708: the peer got `segments` twice. */
  duplicatesReported(segments: number): void {
    if (this.#unreported > 0) this.#unreported = Math.max(0, this.#unreported - segments);
  }

  /** RFC 3708: each segment that was sent again arrived twice. */
  get everyRetransmissionWasNeedless(): boolean {
    return this.#isOpen && this.#unreported === 0;
  }

  /**
   * RFC 3522 §3.2 step 5: the acknowledgment was caused by an original, or nothing was sent again so far.
   * @param echo the timestamp that the acknowledgment echoes
   */
  originalWasAcknowledged(echo: number | undefined): boolean {
    if (this.#retransmittedAt === NEVER) return true;
    return echo !== undefined && echo !== 0 && ((echo - this.#timestamp) | 0) < 0;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#isOpen ? 1 : 0;
    row[at + 1] = this.#from;
    row[at + 2] = this.#unreported;
    row[at + 3] = this.#windowIsForbidden ? 1 : 0;
    row[at + 4] = this.#retransmittedAt;
    row[at + 5] = this.#timestamp;
    return at + 6;
  }

  unfold(row: Row, at: number): number {
    this.#isOpen = flagAt(row, at);
    this.#from = numberAt(row, at + 1);
    this.#unreported = numberAt(row, at + 2);
    this.#windowIsForbidden = flagAt(row, at + 3);
    this.#retransmittedAt = numberAt(row, at + 4);
    this.#timestamp = numberAt(row, at + 5);
    return at + 6;
  }
}
