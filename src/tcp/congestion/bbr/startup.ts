/** Startup and Drain: draft-ietf-ccwg-bbr §5.3.1 and §5.3.2. */
import type { AckSample } from "../congestion-control.ts";
import { isInFlightTooHigh } from "./loss-rate.ts";
import { startDown } from "./probe-bandwidth.ts";
import type { BbrState } from "./state.ts";

/** §5.3.1.3: a burst of losses is none of these. */
const FULL_LOSS_COUNT = 6;
/** §5.3.2. */
const DRAIN_ROUNDS = 3;

/** §5.3.1, CheckStartupDone. */
export function checkStartupDone(bbr: BbrState, sample: AckSample): void {
  if (bbr.phase !== "startup") return;
  if (isLossHigh(bbr, sample)) {
    bbr.undo.phase = "startup";
    bbr.fullPipe.isReached = true;
    bbr.inFlightLongterm = Math.max(bbr.bdp(), bbr.signals.latestInFlight);
  }
  if (!bbr.fullPipe.isReached) return;
  bbr.phase = "drain";
  bbr.drainStartRound = bbr.rounds.count;
}

/** §5.3.1.3: a round trip of recovery with too many losses. */
function isLossHigh(bbr: BbrState, sample: AckSample): boolean {
  if (bbr.fullPipe.isReached || !sample.inRecovery) return false;
  if (!sample.hasSack) return sample.lostBytes > 0;
  const { isRoundStart, lossEvents } = bbr.signals;
  return isRoundStart && lossEvents >= FULL_LOSS_COUNT && isInFlightTooHigh(sample);
}

/** §5.3.2, CheckDrainDone. */
export function checkDrainDone(bbr: BbrState, { inFlight, delivered, now }: AckSample): void {
  if (bbr.phase !== "drain") return;
  const isOver = bbr.rounds.count > bbr.drainStartRound + DRAIN_ROUNDS;
  if (isOver || inFlight <= bbr.inFlightFor(1)) startDown(bbr, delivered, now);
}
