/**
 * The congestion window is reduced, and what goes with it: into recovery after a loss, into CWR after a mark,
 * into the loss state after a timeout. It changes state only; the pump sends.
 */
import { seqAdd, seqMax } from "../../base/seq.ts";
import { bytesInFlight, rangeLost } from "../flight.ts";
import { ProportionalRateReduction } from "../loss/prr.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { anyRetransmission, enterState, keepOpen, lossFound } from "./congestion-state.ts";
import { isProbeForSize } from "./packet-too-big.ts";

/** Fast recovery: RFC 6582 §3.2 step 2, RFC 6675 §5 (4). */
export function enterRecovery(c: TcpConnection): void {
  const { recovery, undo, owner } = c;
  if (recovery.isOpen && isProbeForSize(c)) {
    resendWithoutReduction(c);
    return;
  }
  if (!anyRetransmission(c)) undo.settled();
  owner.context.counters.fastRecoveries++;
  undo.began(c.tcb.snd.una, retransmissionsInFlight(c));
  if (recovery.isReducing) {
    // The window is being reduced for another reason, which stands.
    undo.forbidWindow();
    lossFound(c);
    return;
  }
  if (owner.news.congestion) undo.forbidWindow();
  beginReduction(c, "loss");
  enterState(c, "recovery");
}

/** A sign of congestion without a loss: ECN's mark (RFC 3168 §6.1.2), or our own device takes no more. */
export function enterCwr(c: TcpConnection): void {
  const { recovery, undo } = c;
  undo.forbidWindow();
  if (!recovery.isOpen) return;
  undo.ended();
  beginReduction(c, "ecn");
  enterState(c, "cwr");
}

/** The retransmission timer has run out: RFC 5681 §3.1, RFC 6675 §5.1. */
export function enterLoss(c: TcpConnection): void {
  const { recovery, undo, queue, tcb } = c;
  const { timeouts } = c.userTimeout;
  const { una } = tcb.snd;
  const wasRepairing = recovery.isRepairing;
  const isFirst = recovery.isOpen || recovery.isOver(una) || (recovery.state === "loss" && timeouts === 0);
  const reported = c.usesSack ? queue.sackedSegments : c.duplicateAcks.count;
  markAfterTimeout(c);
  if (isFirst) undo.began(una, retransmissionsInFlight(c));
  c.congestion.onTimeout(isFirst, bytesInFlight(c), c.now);
  c.ecn?.windowReduced();
  if (recovery.isOpen && reported >= c.config.reordering) c.reordering.wasOverestimated();
  c.reduction = undefined;
  c.repairsWait = false;
  enterState(c, "loss");
  c.tailLossProbe.cancel();
  if (c.config.forwardRto && (!wasRepairing || timeouts > 0)) c.forwardRto.began();
  else c.forwardRto.ended();
}

/**
 * What is held for lost was not lost by congestion: it was too long for the path, or not taken with the SYN.
 * It goes out again at once, and the window stays.
 */
export function resendWithoutReduction(c: TcpConnection): void {
  c.retransmitAtOnce = true;
  c.repairsWait = false;
  if (c.recovery.state === "loss") return;
  c.reduction = undefined;
  c.undo.ended();
  c.forwardRto.ended();
  enterState(c, "loss");
  c.recovery.isOfSize = true;
}

/** RFC 8985 §6.3: what was sent less than a round trip ago is not lost yet, but for the first. */
function markAfterTimeout(c: TcpConnection): void {
  const { queue } = c;
  const first = queue.first;
  if (first === undefined) return;
  // A peer that reports its first missing segment as arrived has thrown it away: RFC 2018 §8.
  const reneged = first.sacked;
  if (reneged) {
    queue.forgetSacked();
    c.scoreboard.forget(c.tcb.snd.una);
    c.owner.context.counters.sackReneges++;
  }
  c.duplicateAcks.reset();
  if (!reneged && first.segments > 1 && c.rack.isRecent(first, c.now)) queue.cut(first, 1);
  for (let record = queue.first; record !== undefined; record = record.next) {
    if (!reneged && record !== first && c.rack.isRecent(record, c.now)) continue;
    if (!record.sacked && !record.isOwed) rangeLost(c, record, "timeout");
    queue.markLost(record);
  }
}

function beginReduction(c: TcpConnection, signal: "loss" | "ecn"): void {
  const { congestion } = c;
  const before = congestion.cwnd;
  c.tailLossProbe.cancel();
  congestion.onCongestion(signal, c.sample);
  c.ecn?.windowReduced();
  if (congestion.ownsRecovery) return;
  c.reduction = new ProportionalRateReduction(before);
  // Until the first acknowledgment of the reduction.
  congestion.limitTo(before);
}

export function endReduction(c: TcpConnection): void {
  c.reduction = undefined;
  c.congestion.onRecovered(c.sample);
}

/** RFC 8985 §7.4.2: a tail loss probe has repaired a loss, which is over and still counts. */
export function countProbedLoss(c: TcpConnection): void {
  const { end } = c.tailLossProbe;
  const start = seqMax(c.owner.news.una, seqAdd(end, -c.tcb.snd.mss));
  c.owner.context.probe?.lost?.(c, start, end, "tlp");
  beginReduction(c, "loss");
  endReduction(c);
  enterState(c, "cwr");
  keepOpen(c);
  c.owner.context.counters.tailLossProbeRecoveries++;
}

function retransmissionsInFlight(c: TcpConnection): number {
  return c.queue.retransmittedSegments + (c.tailLossProbe.hasRetransmission ? 1 : 0);
}
