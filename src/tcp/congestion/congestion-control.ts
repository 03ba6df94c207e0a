/**
 * What a congestion control is: values in, three numbers out. It knows no connection. `loss/` decides which
 * bytes are lost and when recovery runs; a congestion control decides how much may be in flight.
 */
import { type Duration, type Instant, START_OF_TIME } from "../../base/time.ts";

/**
 * What one acknowledgment told; one object a connection, refilled. After Linux's rate_sample. Counts are in
 * bytes.
 */
export class AckSample {
  now: Instant = START_OF_TIME;
  /** Newly delivered: acknowledged, and not reported by SACK before. */
  ackedBytes = 0;
  sackedBytes = 0;
  lostBytes = 0;
  /** In flight after this acknowledgment, and before. */
  inFlight = 0;
  priorInFlight = 0;
  /** 0: no sample. */
  rtt = 0 as Duration;
  minRtt = 0 as Duration;
  /** Bytes a second; 0: not measured. */
  deliveryRate = 0;
  appLimited = false;
  roundStart = false;
  /** The window, not the user or the peer, held back the last flight: RFC 7661, RFC 9293 §3.8.2. */
  cwndLimited = false;
  ceBytes = 0;
}

export interface CongestionControl {
  readonly name: string;
  /** In bytes. */
  readonly cwnd: number;
  readonly ssthresh: number;
  /** Bytes a second; 0: not paced. */
  readonly pacingRate: number;
  onAck(sample: AckSample): void;
  onCongestion(signal: "loss" | "ecn", sample: AckSample): void;
  onRecovered(sample: AckSample): void;
  onTimeout(inFlight: number, now: Instant): void;
  onSpurious(): void;
  onIdleRestart(now: Instant): void;
  /** The largest segment changed: path MTU discovery. */
  onSegmentSize(mss: number): void;
}

export interface CongestionParameters {
  /** The largest text of a segment, in bytes. */
  readonly mss: number;
  /** In bytes. */
  readonly initialWindow: number;
}
