/** What tests of BBR begin with: its record with a path that is known, and acknowledgments from it. */
import { type Duration, type Instant, milliseconds } from "../../src/base/time.ts";
import { type BbrPhase, BbrState } from "../../src/tcp/congestion/bbr/state.ts";
import { AckSample, LostSegment } from "../../src/tcp/congestion/congestion-control.ts";
import { MSS, parameters } from "./congestion.ts";

export const RTT: Duration = milliseconds(50);
/** A million bytes a second: 50 segments in a round trip. */
export const RATE = 1_000_000;
export const BDP = 50 * MSS;

export const at = (ms: number): Instant => (ms * 1_000) as Instant;

/** A BBR that has seen the path, in this phase. */
export function known(phase: BbrPhase): BbrState {
  const bbr = new BbrState(parameters());
  bbr.maxBandwidth.update(sample(), false);
  bbr.minRtt.update(RTT, at(0));
  bbr.fullPipe.isReached = phase !== "startup";
  bbr.cwnd = 2 * BDP;
  bbr.pacingRate = RATE;
  bbr.phase = phase;
  return bbr;
}

/** An acknowledgment of two segments of a full pipe, with nothing lost. */
export function sample(changes: Partial<AckSample> = {}): AckSample {
  const delivered = changes.delivered ?? 1_000 * MSS;
  return Object.assign(new AckSample(), {
    now: at(1_000),
    rtt: RTT,
    ackedBytes: 2 * MSS,
    delivered,
    priorDelivered: delivered - BDP,
    intervalDelivered: BDP,
    deliveryRate: RATE,
    inFlight: BDP,
    sentInFlight: BDP,
    cwndLimited: true,
    isPaced: true,
    hasSack: true,
    ...changes,
  });
}

export function lost(changes: Partial<LostSegment> = {}): LostSegment {
  return Object.assign(new LostSegment(), {
    now: at(1_000),
    sentInFlight: BDP,
    lostSinceSent: MSS,
    delivered: 1_000 * MSS,
    hasSack: true,
    ...changes,
  });
}
