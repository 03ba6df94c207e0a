/**
 * ProbeRTT: for 200 ms half of what the path holds, so that the queue is empty and the round trip can be
 * seen. draft-ietf-ccwg-bbr §5.3.4.
 */
import { type Duration, type Instant, milliseconds } from "../../../base/time.ts";
import type { AckSample } from "../congestion-control.ts";
import { restoreCwnd, saveCwnd } from "./loss.ts";
import { startCruise, startDown } from "./probe-bandwidth.ts";
import { type BbrState, GAINS } from "./state.ts";

const DURATION: Duration = milliseconds(200);

/** §5.6.4.5. */
export function probeRttWindow(bbr: BbrState): number {
  return Math.max(bbr.bdp(GAINS["probe-rtt"][1]), bbr.leastWindow);
}

/** §5.3.4.3, CheckProbeRTT. */
export function checkProbeRtt(bbr: BbrState, sample: AckSample): void {
  if (bbr.phase !== "probe-rtt" && bbr.minRtt.isExpired && !bbr.idleRestart) enter(bbr, sample);
  if (bbr.phase === "probe-rtt") go(bbr, sample);
  if (sample.intervalDelivered > 0) bbr.idleRestart = false;
}

function enter(bbr: BbrState, sample: AckSample): void {
  saveCwnd(bbr, sample.inRecovery);
  bbr.phase = "probe-rtt";
  bbr.probeRttDoneAt = undefined;
  bbr.ackPhase = "stopping";
  bbr.rounds.start(sample.delivered);
  bbr.lowFrom = sample.delivered;
}

function go(bbr: BbrState, { now, inFlight, delivered }: AckSample): void {
  // Rates are low on purpose.
  bbr.lowUntil = delivered + inFlight;
  if (bbr.probeRttDoneAt === undefined) {
    if (inFlight > probeRttWindow(bbr)) return;
    bbr.probeRttDoneAt = (now + DURATION) as Instant;
    bbr.probeRttRoundDone = false;
    bbr.rounds.start(delivered);
    return;
  }
  if (bbr.rounds.isStart) bbr.probeRttRoundDone = true;
  if (bbr.probeRttRoundDone) checkProbeRttDone(bbr, delivered, now);
}

/** §5.3.4.3, CheckProbeRTTDone; §5.3.4.4. */
export function checkProbeRttDone(bbr: BbrState, delivered: number, now: Instant): void {
  if (bbr.probeRttDoneAt === undefined || now <= bbr.probeRttDoneAt) return;
  bbr.minRtt.probed(now);
  restoreCwnd(bbr);
  bbr.signals.resetModel();
  if (bbr.fullPipe.isReached) {
    startDown(bbr, delivered, now);
    startCruise(bbr);
  } else {
    bbr.phase = "startup";
  }
}
