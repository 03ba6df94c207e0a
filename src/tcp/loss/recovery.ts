/**
 * When recovery runs: RFC 6582 §3.2, RFC 6675 §5, RFC 5681 §4.3. At most one reduction of the congestion
 * window for the losses of one window of data: a recovery lasts until everything sent before it began is
 * acknowledged.
 */
import { type Seq, seq, seqAtOrAfter } from "../../base/seq.ts";

/** `loss`: after a retransmission timeout. `fast`: after loss detection by acknowledgments. */
export type RecoveryPhase = "open" | "fast" | "loss";

export class Recovery {
  #phase: RecoveryPhase = "open";
  #point: Seq = seq(0);

  get phase(): RecoveryPhase {
    return this.#phase;
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** RecoveryPoint: the highest sequence number sent when it began. */
  get point(): Seq {
    return this.#point;
  }

  entered(phase: "fast" | "loss", nxt: Seq): void {
    this.#phase = phase;
    this.#point = nxt;
  }

  /** True when this acknowledgment ends the recovery. */
  acknowledged(una: Seq): boolean {
    if (this.#phase === "open" || !seqAtOrAfter(una, this.#point)) return false;
    this.#phase = "open";
    return true;
  }
}
