/**
 * How the congestion states change (loss/recovery.ts), and how a reduction that was no loss is taken back
 * (loss/undo.ts). The order of the steps is that of Linux: reneging, the end of a state, then the state's own
 * business, then what was lost. It changes state only; the pump sends.
 */
import { seqAdd, seqAfter, seqDiff, seqMax } from "../../base/seq.ts";
import { type Instant, milliseconds, NEVER } from "../../base/time.ts";
import { bytesInFlight, rangeLost } from "../flight.ts";
import { ProportionalRateReduction } from "../loss/prr.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { enterState, lossFound, openState, undone } from "./congestion-state.ts";
import { countDuplicate, detectLoss, noteReordering } from "./loss-detection.ts";
import { isProbeForSize } from "./packet-too-big.ts";

/** The least time that a peer gets to report again what it seems to have thrown away. */
const RENEGING_DELAY = milliseconds(10);

/** An acknowledgment that needs more than to be counted: a report, a duplicate, or in an unusual state. */
export function isUnusual(c: TcpConnection): boolean {
  const { news } = c.owner;
  return news.isPlain || news.sacked > 0 || news.congestion || c.recovery.state !== "open";
}

export function recover(c: TcpConnection): void {
  const { recovery } = c;
  if (c.owner.news.congestion) c.undo.forbidWindow();
  c.repairsWait = waitsForReports(c);
  if (c.repairsWait) return;
  if (recovery.state === "open") c.undo.settled();
  else if (recovery.isOver(c.tcb.snd.una) && leave(c)) return;

  if (recovery.state === "recovery") inRecovery(c);
  else if (recovery.state !== "loss" || afterTimeout(c)) otherwise(c);
}

/**
 * The peer acknowledges less than it has reported: it may have thrown the rest away (RFC 2018 §8), or its
 * reports come late. A timeout that comes soon asks for it.
 */
function waitsForReports(c: TcpConnection): boolean {
  if (c.owner.news.advanced === 0 || c.queue.first?.sacked !== true) return false;
  c.timers.retransmit = (c.now + Math.max(c.rtt.srtt / 2, RENEGING_DELAY)) as Instant;
  c.timers.tailLossProbe = NEVER;
  return true;
}

/** What was sent before the state began is acknowledged. True: it is kept for the moment all the same. */
function leave(c: TcpConnection): boolean {
  const { recovery } = c;
  if (recovery.state === "cwr") {
    // Until something later is acknowledged: by then the peer has seen our CWR (RFC 3168 §6.1.2).
    if (recovery.isLongOver(c.tcb.snd.una)) {
      endReduction(c);
      openState(c);
    }
  } else if (recovery.state === "recovery") {
    if (!c.usesSack) c.duplicateAcks.reset();
    const wasUndone = undoIfNeedless(c);
    if (isHeld(c)) return true;
    openState(c);
    if (!wasUndone) endReduction(c);
  }
  return false;
}

function inRecovery(c: TcpConnection): void {
  const { recovery } = c;
  if (c.owner.news.advanced === 0) countDuplicate(c);
  else c.repairsWait = undoPartly(c);
  if (c.repairsWait) return;
  if (undoByDuplicates(c)) tryToOpen(c);
  detectLoss(c);
  // What was taken back may be followed by a loss.
  if (recovery.state !== "recovery" && c.queue.lostBytes > 0) enterRecovery(c);
}

/** In the loss state. True: it is over, or what was sent again is lost again. */
function afterTimeout(c: TcpConnection): boolean {
  judgeTimeout(c);
  detectLoss(c);
  return c.recovery.state === "open" || c.owner.news.lostRetransmission;
}

function judgeTimeout(c: TcpConnection): void {
  const { recovery } = c;
  const { news } = c.owner;
  const { una, nxt, wnd } = c.tcb.snd;
  const recovered = recovery.isOver(una);
  if (news.advanced > 0 && isNeedless(c)) {
    undoTimeout(c, false);
    return;
  }
  const next = c.forwardRto.acknowledged({
    advanced: news.advanced > 0,
    originalArrived: news.originalArrived,
    isDuplicate: news.sacked > 0 || news.isDuplicate,
    recovered,
    newTextSent: seqAfter(nxt, recovery.point),
    newTextWaits: c.unsent > 0 && seqDiff(nxt, una) < wnd,
  });
  if (next === "spurious") {
    undoTimeout(c, true);
  } else if (next === "lost-text" && recovered) {
    undoIfNeedless(c);
    if (!isHeld(c)) openState(c);
  } else if (next === "lost-text" && !c.usesSack) {
    // A duplicate now means that the new text of F-RTO has arrived.
    if (seqAfter(nxt, recovery.point)) countDuplicate(c);
    if (news.advanced > 0) c.duplicateAcks.reset();
  }
}

/** Open, disorder, CWR, and what the other two have turned into. */
function otherwise(c: TcpConnection): void {
  if (!c.usesSack) {
    if (c.owner.news.advanced > 0) c.duplicateAcks.reset();
    countDuplicate(c);
  }
  if (c.recovery.isOpen) undoByDuplicates(c);
  detectLoss(c);
  if (c.queue.lostBytes > 0) enterRecovery(c);
  else tryToOpen(c);
}

// --- into the states

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

function endReduction(c: TcpConnection): void {
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

function tryToOpen(c: TcpConnection): void {
  if (!anyRetransmission(c)) c.undo.settled();
  if (c.owner.news.congestion) enterCwr(c);
  if (c.recovery.state !== "cwr") keepOpen(c);
}

function keepOpen(c: TcpConnection): void {
  const { queue, recovery } = c;
  const isOrdered =
    queue.sackedBytes + queue.lostBytes + c.duplicateAcks.count === 0 && !anyRetransmission(c);
  const state = isOrdered ? "open" : "disorder";
  if (recovery.state !== state) enterState(c, state);
}

// --- taking back

/** What was sent again had arrived already, or was only on its way. */
function isNeedless(c: TcpConnection): boolean {
  return c.undo.isOpen && (c.undo.everyRetransmissionWasNeedless || originalWasAcknowledged(c));
}

/** RFC 3522 §3.2. */
function originalWasAcknowledged(c: TcpConnection): boolean {
  const { undo, recovery, tcb } = c;
  if (undo.retransmittedAt === NEVER) {
    if (!c.usesSack && recovery.isOver(tcb.snd.una)) return false;
    return tcb.state !== "SYN-SENT";
  }
  return undo.originalWasAcknowledged(c.owner.news.echo);
}

/** At the end of recovery. */
function undoIfNeedless(c: TcpConnection): boolean {
  const { counters } = c.owner.context;
  if (!isNeedless(c)) {
    c.reorderingWindow?.recovered();
    return false;
  }
  undoReduction(c, false);
  if (c.recovery.state === "loss") counters.lossUndos++;
  else counters.fullUndos++;
  return true;
}

/**
 * A hole in recovery was filled by what had only been overtaken: more reordering than we thought. True:
 * retransmissions are still in flight, so it is too early to tell more.
 */
function undoPartly(c: TcpConnection): boolean {
  const { undo } = c;
  if (!undo.isOpen || !originalWasAcknowledged(c)) return false;
  noteReordering(c, c.owner.news.una);
  if (c.queue.retransmittedBytes > 0) return true;
  if (!anyRetransmission(c)) undo.settled();
  undoReduction(c, true);
  keepOpen(c);
  c.owner.context.counters.partialUndos++;
  return false;
}

/** RFC 3708: each segment that was sent again arrived twice. */
function undoByDuplicates(c: TcpConnection): boolean {
  if (!c.undo.everyRetransmissionWasNeedless) return false;
  c.reorderingWindow?.recoveryWasNeedless();
  undoReduction(c, false);
  c.owner.context.counters.duplicateUndos++;
  return true;
}

/** RFC 4015 §3.2, RFC 5682 §3.1 (3b). */
function undoTimeout(c: TcpConnection, byForwardRto: boolean): void {
  const { counters } = c.owner.context;
  undoReduction(c, true);
  counters.lossUndos++;
  if (byForwardRto) counters.spuriousTimeouts++;
  c.userTimeout.progressed();
  // Without SACK each needless copy comes back as a duplicate: three of them would look like a loss.
  const copies = c.queue.retransmittedSegments;
  if (!isHeld(c) && (byForwardRto || c.usesSack || copies < c.reordering.degree)) openState(c);
}

function undoReduction(c: TcpConnection, nothingWasLost: boolean): void {
  undone(c);
  if (nothingWasLost) c.queue.forgetLost();
  c.rack.lookAgain();
  if (c.undo.mayRestoreWindow) {
    c.congestion.onSpurious();
    c.ecn?.windowRestored();
  }
  c.reduction = undefined;
  c.undo.ended();
  c.forwardRto.ended();
}

/**
 * RFC 6582 §3.2 step 2: without SACK the state is kept until something later is acknowledged, so that
 * duplicates of the last acknowledgment start no new recovery.
 */
function isHeld(c: TcpConnection): boolean {
  if (c.usesSack || c.tcb.snd.una !== c.recovery.point) return false;
  if (!anyRetransmission(c)) c.undo.settled();
  return true;
}

function anyRetransmission(c: TcpConnection): boolean {
  const first = c.queue.first;
  return c.queue.retransmittedBytes > 0 || (first !== undefined && first.transmissions > 1);
}

function retransmissionsInFlight(c: TcpConnection): number {
  return c.queue.retransmittedSegments + (c.tailLossProbe.hasRetransmission ? 1 : 0);
}
