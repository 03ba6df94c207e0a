/**
 * What a loss says about how much the path holds, and how that is taken back: draft-ietf-ccwg-bbr §5.5.10,
 * §5.5.11.
 */
import type { LostSegment } from "../congestion-control.ts";
import { inFlightAtLoss, isInFlightTooHigh } from "./loss-rate.ts";
import { startDown, startRefill } from "./probe-bandwidth.ts";
import type { BbrState } from "./state.ts";

/** §2.8: BBR.Beta. */
const BETA = 0.7;

/** §5.5.10.2, HandleLostPacket. */
export function segmentLost(bbr: BbrState, lost: LostSegment): void {
  noteLoss(bbr, lost.delivered, lost.inRecovery);
  if (!bbr.isProbeSample || !isInFlightTooHigh(lost)) return;
  bbr.prevProbeTooHigh = true;
  bbr.isProbeSample = false;
  if (!lost.appLimited) bbr.inFlightLongterm = Math.max(inFlightAtLoss(lost, bbr.mss), bbr.target * BETA);
  if (bbr.phase !== "up") return;
  bbr.undo.phase = "up";
  startDown(bbr, lost.delivered, lost.now);
}

export function noteLoss(bbr: BbrState, delivered: number, inRecovery: boolean): void {
  if (bbr.signals.noteLoss(delivered)) saveState(bbr, inRecovery);
}

/** §5.5.11.1, SaveStateUponLoss. */
export function saveState(bbr: BbrState, inRecovery: boolean): void {
  saveCwnd(bbr, inRecovery);
  bbr.undo.phase = undefined;
  bbr.undo.bandwidth = bbr.signals.bandwidth;
  bbr.undo.inFlight = bbr.signals.inFlight;
  bbr.undo.inFlightLongterm = bbr.inFlightLongterm;
}

/** §5.6.4.4: the window that neither a recovery nor ProbeRTT has cut. */
export function saveCwnd(bbr: BbrState, inRecovery: boolean): void {
  const isCut = inRecovery || bbr.phase === "probe-rtt";
  bbr.priorCwnd = isCut ? Math.max(bbr.priorCwnd, bbr.cwnd) : bbr.cwnd;
}

export function restoreCwnd(bbr: BbrState): void {
  bbr.cwnd = Math.max(bbr.cwnd, bbr.priorCwnd);
}

/** §5.5.11.2, HandleSpuriousLossDetection. */
export function lossWasSpurious(bbr: BbrState, delivered: number): void {
  const { undo, signals } = bbr;
  restoreCwnd(bbr);
  signals.isLossInRound = false;
  bbr.fullPipe.reset();
  signals.bandwidth = Math.max(signals.bandwidth, undo.bandwidth);
  signals.inFlight = Math.max(signals.inFlight, undo.inFlight);
  bbr.inFlightLongterm = Math.max(bbr.inFlightLongterm, undo.inFlightLongterm);
  if (undo.phase === "startup" && bbr.phase !== "startup") {
    bbr.fullPipe.isReached = false;
    if (bbr.phase !== "probe-rtt") bbr.phase = "startup";
  } else if (undo.phase === "up" && bbr.phase !== "up" && bbr.phase !== "probe-rtt") {
    startRefill(bbr, delivered);
  }
  undo.phase = undefined;
}

/** §5.5.10.3: once a round trip, an answer to its losses. */
export function adaptToLosses(bbr: BbrState): void {
  const { signals } = bbr;
  if (!signals.isRoundStart) return;
  if (!bbr.isProbing && signals.isLossInRound) signals.adapt(bbr.maxBandwidth.value, bbr.cwnd);
  signals.isLossInRound = false;
}
