/** The two numbers that BBR steers by: pacing rate and window. draft-ietf-ccwg-bbr §5.6. */
import type { AckSample } from "../congestion-control.ts";
import { probeRttWindow } from "./probe-rtt.ts";
import { type BbrState, GAINS } from "./state.ts";

/** §5.6.2: 1 % below what the path delivers, so that queues empty. */
const MARGIN = 0.99;
const SECOND = 1_000_000; // µs
const UNKNOWN_RTT = 1_000; // µs

/** §5.6.2, InitPacingRate: before anything was measured. */
export function initPacingRate(bbr: BbrState, rtt: number): void {
  const rate = (bbr.initialWindow * SECOND) / (rtt === 0 ? UNKNOWN_RTT : rtt);
  bbr.pacingRate = GAINS.startup[0] * rate;
}

/** §5.6.2: until the pipe has once been full the rate only rises. */
export function setPacingRate(bbr: BbrState, gain: number): void {
  const rate = gain * bbr.bandwidth * MARGIN;
  if (rate > 0 && (bbr.fullPipe.isReached || rate > bbr.pacingRate)) bbr.pacingRate = rate;
}

/** §5.6.4.6, SetCwnd: down to the model at once, up by what is acknowledged. */
export function setCwnd(bbr: BbrState, { ackedBytes, delivered }: AckSample): void {
  const most = bbr.quantized(bbr.bdp(GAINS[bbr.phase][1]) + bbr.aggregation.extra);
  let { cwnd } = bbr;
  if (bbr.fullPipe.isReached) cwnd = Math.min(cwnd + ackedBytes, most);
  else if (cwnd < most || delivered < bbr.initialWindow) cwnd += ackedBytes;
  cwnd = Math.max(cwnd, bbr.leastWindow);
  if (bbr.phase === "probe-rtt") cwnd = Math.min(cwnd, probeRttWindow(bbr));
  bbr.cwnd = Math.min(cwnd, cap(bbr));
}

/** §5.6.4.7, BoundCwndForModel. */
function cap(bbr: BbrState): number {
  const { phase } = bbr;
  let most = Number.POSITIVE_INFINITY;
  if (phase === "cruise" || phase === "probe-rtt") most = bbr.inFlightWithHeadroom;
  else if (bbr.isInProbeBandwidth) most = bbr.inFlightLongterm;
  return Math.max(Math.min(most, bbr.signals.inFlight), bbr.leastWindow);
}
