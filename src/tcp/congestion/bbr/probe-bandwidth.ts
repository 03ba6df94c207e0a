/**
 * ProbeBW, in which a connection spends most of its time: a little slower, as fast as the path delivers, then
 * faster to see whether there is more. draft-ietf-ccwg-bbr §5.3.3.
 */
import type { Instant } from "../../../base/time.ts";
import type { AckSample } from "../congestion-control.ts";
import { isInFlightTooHigh } from "./loss-rate.ts";
import type { BbrState } from "./state.ts";

/** §5.3.3.5.3: so many round trips between two probes at most, for the sake of Reno and CUBIC. */
const MOST_ROUNDS = 63;
const MOST_DOUBLINGS = 30;

/** §5.3.3.6, UpdateProbeBWCyclePhase. */
export function updateCycle(bbr: BbrState, sample: AckSample, isLimited: boolean): void {
  if (!bbr.fullPipe.isReached || adaptLongterm(bbr, sample, isLimited)) return;
  switch (bbr.phase) {
    case "down":
      if (!timeToProbe(bbr, sample) && isTimeToCruise(bbr, sample)) startCruise(bbr);
      return;
    case "cruise":
      timeToProbe(bbr, sample);
      return;
    case "refill":
      if (bbr.rounds.isStart) startUp(bbr, sample);
      return;
    case "up":
      if (!isTimeToGoDown(bbr, sample)) return;
      bbr.prevProbeTooHigh = false;
      startDown(bbr, sample.delivered, sample.now);
      return;
    default:
      return;
  }
}

export function startDown(bbr: BbrState, delivered: number, now: Instant): void {
  bbr.signals.reset();
  bbr.ackedPerIncrease = Number.POSITIVE_INFINITY;
  bbr.pickProbeWait();
  bbr.cycleStart = now;
  bbr.ackPhase = "stopping";
  bbr.rounds.start(delivered);
  bbr.phase = "down";
}

export function startCruise(bbr: BbrState): void {
  bbr.phase = "cruise";
}

export function startRefill(bbr: BbrState, delivered: number): void {
  bbr.signals.resetModel();
  bbr.probeUpRounds = 0;
  bbr.probeUpAcked = 0;
  bbr.prevProbePrecautionary = false;
  bbr.ackPhase = "refilling";
  bbr.rounds.start(delivered);
  bbr.phase = "refill";
}

function startUp(bbr: BbrState, sample: AckSample): void {
  bbr.isProbeSample = true;
  bbr.ackPhase = "starting";
  bbr.rounds.start(sample.delivered);
  bbr.fullPipe.reset(sample.deliveryRate);
  bbr.phase = "up";
  raiseSlope(bbr);
}

/** True: it is, and REFILL has begun. */
function timeToProbe(bbr: BbrState, { now, delivered }: AckSample): boolean {
  const rounds = Math.min(bbr.target / bbr.mss, MOST_ROUNDS);
  const isTime = now > bbr.cycleStart + bbr.probeWait || bbr.rounds.sinceProbe >= rounds;
  if (isTime) startRefill(bbr, delivered);
  return isTime;
}

function isTimeToCruise(bbr: BbrState, { inFlight }: AckSample): boolean {
  return inFlight <= bbr.inFlightWithHeadroom && inFlight <= bbr.inFlightFor(1);
}

function isTimeToGoDown(bbr: BbrState, sample: AckSample): boolean {
  if (bbr.prevProbeTooHigh && sample.inFlight >= bbr.inFlightLongterm) {
    bbr.prevProbePrecautionary = true;
    return true;
  }
  if (sample.cwndLimited && bbr.cwnd >= bbr.inFlightLongterm) {
    // The bound keeps it from seeing how fast the path is.
    bbr.fullPipe.reset(sample.deliveryRate);
    return false;
  }
  return bbr.fullPipe.isNow;
}

/** AdaptLongTermModel: true if it has begun another phase. */
function adaptLongterm(bbr: BbrState, sample: AckSample, isLimited: boolean): boolean {
  const { isStart } = bbr.rounds;
  if (bbr.ackPhase === "starting" && isStart) bbr.ackPhase = "feedback";
  if (bbr.ackPhase === "stopping" && isStart && probeIsOver(bbr, sample, isLimited)) return true;
  if (bbr.inFlightLongterm === Number.POSITIVE_INFINITY || isInFlightTooHigh(sample)) return false;
  bbr.inFlightLongterm = Math.max(bbr.inFlightLongterm, sample.sentInFlight);
  if (bbr.phase === "up") probeUpward(bbr, sample);
  return false;
}

/** All that was sent to probe is answered. */
function probeIsOver(bbr: BbrState, sample: AckSample, isLimited: boolean): boolean {
  bbr.isProbeSample = false;
  bbr.ackPhase = "init";
  if (!bbr.isInProbeBandwidth) return false;
  if (!isLimited) bbr.maxBandwidth.advance();
  if (!bbr.prevProbePrecautionary || bbr.prevProbeTooHigh) return false;
  startRefill(bbr, sample.delivered);
  return true;
}

/** ProbeInflightLongtermUpward: the bound grows by 1, 2, 4 … segments a round trip. */
function probeUpward(bbr: BbrState, sample: AckSample): void {
  if (!sample.cwndLimited || bbr.cwnd < bbr.inFlightLongterm) return;
  bbr.probeUpAcked += sample.ackedBytes;
  const steps = Math.floor(bbr.probeUpAcked / bbr.ackedPerIncrease);
  if (steps > 0) {
    bbr.probeUpAcked -= steps * bbr.ackedPerIncrease;
    bbr.inFlightLongterm += steps * bbr.mss;
  }
  if (bbr.rounds.isStart) raiseSlope(bbr);
}

function raiseSlope(bbr: BbrState): void {
  const growth = 2 ** bbr.probeUpRounds;
  bbr.probeUpRounds = Math.min(bbr.probeUpRounds + 1, MOST_DOUBLINGS);
  bbr.ackedPerIncrease = Math.max(bbr.cwnd / growth, bbr.mss);
}
