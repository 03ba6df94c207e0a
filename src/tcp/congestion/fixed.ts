/** A window that never changes: for experiments and tests that must not see congestion control. */
import type { CongestionControl, CongestionParameters } from "./congestion-control.ts";

export class FixedWindow implements CongestionControl {
  readonly name = "fixed";
  readonly cwnd: number;
  readonly ssthresh = Number.POSITIVE_INFINITY;
  readonly pacingRate = 0;

  constructor(parameters: CongestionParameters) {
    this.cwnd = parameters.initialWindow;
  }

  onAck(): void {}
  onCongestion(): void {}
  onRecovered(): void {}
  onTimeout(): void {}
  onSpurious(): void {}
  onIdleRestart(): void {}
  onSegmentSize(): void {}
}
