/** Reno: RFC 5681 §3.1 and §3.2. A segment a round trip, and half of the window for a loss. */
import type { AckSample } from "./congestion-control.ts";
import { LossBased } from "./loss-based.ts";

export class Reno extends LossBased {
  readonly name = "reno";

  /** §3.1 (3): one segment for each window's worth of acknowledged bytes. */
  protected avoidCongestion(_sample: AckSample, acked: number): void {
    this.growBy(acked, this.cwnd);
  }

  protected reduced(cwnd: number): number {
    return cwnd / 2;
  }
}
