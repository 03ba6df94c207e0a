/** A window that never changes: for experiments and tests that must not see congestion control. */
import type { CongestionControl, CongestionParameters } from "./congestion-control.ts";

export class FixedWindow implements CongestionControl {
  readonly name = "fixed";
  readonly ownsWindow = true;
  readonly cwnd: number;
  readonly ssthresh = Number.POSITIVE_INFINITY;
  readonly pacingRate = 0;
  readonly ownsRecovery = true;

  constructor(parameters: CongestionParameters) {
    this.cwnd = parameters.cwnd;
  }

  onAck(): void {}
  onCongestion(): void {}
  limitTo(): void {}
  onRecovered(): void {}
  onTimeout(): void {}
  onSpurious(): void {}
  onTransmissionStart(): void {}
  onIdleRestart(): void {}
  onUnderused(): void {}
  onSegmentSize(): void {}
}
