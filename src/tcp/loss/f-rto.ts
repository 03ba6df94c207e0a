/**
 * F-RTO: was the timeout spurious? RFC 5682 §3.1, the SACK-enhanced algorithm; §2.1 where the peer has no
 * SACK. After the timeout only the first segment goes out again. When that is acknowledged, new text goes out
 * instead of more retransmissions; what the peer says next tells whether the originals were still under way.
 */
import { flagAt, type Row } from "../../base/fold.ts";

/** What goes out next. */
export type AfterTimeout = "spurious" | "new-text" | "lost-text";

/** What an acknowledgment said, as far as this is concerned. */
export interface TimeoutEvidence {
  /** SND.UNA moved. */
  readonly advanced: boolean;
  /** Something sent before the timeout, and never again, has arrived. */
  readonly originalArrived: boolean;
  /** A report of something new, or a duplicate acknowledgment. */
  readonly isDuplicate: boolean;
  /** Everything up to the recovery point is acknowledged. */
  readonly recovered: boolean;
  /** New text has gone out since the recovery point was set. */
  readonly newTextSent: boolean;
  /** There is new text, and the peer's window lets it out. */
  readonly newTextWaits: boolean;
}

export class ForwardRto {
  #isActive = false;
  #asksForNew = false;

  /** Step 2b: new text is to go out before what is held for lost. */
  get asksForNew(): boolean {
    return this.#asksForNew;
  }

  /** §3.1 step 1: the timer has expired, and no other recovery was under way. */
  began(): void {
    this.#isActive = true;
    this.#asksForNew = false;
  }

  /** Step 2b: whether new text could go out. If not, the timeout counts as real. */
  newTextTried(sent: boolean): void {
    this.#asksForNew = false;
    if (!sent) this.#isActive = false;
  }

  /** The timeout was real, or is of no interest any more. */
  ended(): void {
    this.#isActive = false;
    this.#asksForNew = false;
  }

  /** §3.1 steps 2 and 3. */
  acknowledged(evidence: TimeoutEvidence): AfterTimeout {
    if (!this.#isActive) return "lost-text";
    // Step 3b.
    if (evidence.originalArrived) return "spurious";
    if (evidence.newTextSent) {
      // Step 3a: the new text arrived out of order, so the old is missing.
      if (evidence.isDuplicate) this.ended();
    } else if (evidence.advanced && !evidence.recovered) {
      // Step 2b, if it can be done.
      if (evidence.newTextWaits) {
        this.#asksForNew = true;
        return "new-text";
      }
      this.ended();
    }
    return "lost-text";
  }

  fold(row: Row, at: number): number {
    row[at] = this.#isActive ? 1 : 0;
    row[at + 1] = this.#asksForNew ? 1 : 0;
    return at + 2;
  }

  unfold(row: Row, at: number): number {
    this.#isActive = flagAt(row, at);
    this.#asksForNew = flagAt(row, at + 1);
    return at + 2;
  }
}
