/**
 * A reduction that was no loss is taken back: what was sent again had arrived already, or was only on its way
 * (loss/undo.ts). RFC 3522, RFC 3708, RFC 4015, RFC 5682.
 */
import { NEVER } from "../../base/time.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { anyRetransmission, keepOpen, openState, undone } from "./congestion-state.ts";
import { noteReordering } from "./loss-detection.ts";

/** What was sent again had arrived already, or was only on its way. */
export function isNeedless(c: TcpConnection): boolean {
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
export function undoIfNeedless(c: TcpConnection): boolean {
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
export function undoPartly(c: TcpConnection): boolean {
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
export function undoByDuplicates(c: TcpConnection): boolean {
  if (!c.undo.everyRetransmissionWasNeedless) return false;
  c.reorderingWindow?.recoveryWasNeedless();
  undoReduction(c, false);
  c.owner.context.counters.duplicateUndos++;
  return true;
}

/** RFC 4015 §3.2, RFC 5682 §3.1 (3b). */
export function undoTimeout(c: TcpConnection, byForwardRto: boolean): void {
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
export function isHeld(c: TcpConnection): boolean {
  if (c.usesSack || c.tcb.snd.una !== c.recovery.point) return false;
  if (!anyRetransmission(c)) c.undo.settled();
  return true;
}
