/**
 * What an acknowledgment does to the congestion state (loss/recovery.ts). The order of the steps is that of
 * Linux: reneging, the end of a state, then the state's own business, then what was lost. It changes state
 * only; the pump sends.
 */
import { seqAfter, seqDiff } from "../../base/seq.ts";
import { type Instant, milliseconds, NEVER } from "../../base/time.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { anyRetransmission, keepOpen, openState } from "./congestion-state.ts";
import { countDuplicate, detectLoss } from "./loss-detection.ts";
import { endReduction, enterCwr, enterRecovery } from "./reduction.ts";
import { isHeld, isNeedless, undoByDuplicates, undoIfNeedless, undoPartly, undoTimeout } from "./spurious.ts";

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

function tryToOpen(c: TcpConnection): void {
  if (!anyRetransmission(c)) c.undo.settled();
  if (c.owner.news.congestion) enterCwr(c);
  if (c.recovery.state !== "cwr") keepOpen(c);
}
