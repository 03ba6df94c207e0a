/**
 * SEGMENT ARRIVES for a connection: RFC 9293 §3.10.7.3 and §3.10.7.4, in the order of its steps. Nothing is
 * sent from here: a burst is processed whole, and then the pump answers it at once (MUST-58, MUST-59).
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { seqAdd } from "../../base/seq.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { isAcceptable, reachesWindow, trimToWindow } from "./acceptable.ts";
import { acknowledgmentArrives } from "./ack.ts";
import { answerInvalid } from "./challenge-ack.ts";
import { finArrives } from "./fin.ts";
import { pawsVerdict, rememberTimestamp } from "./paws.ts";
import { isResetAtFin, resetArrives } from "./rst.ts";
import {
  isRepeatedSyn,
  isSimultaneousSynAck,
  repeatedSyn,
  repeatedWithAck,
  synInWindow,
} from "./syn-in-window.ts";
import { synSentArrives } from "./syn-sent.ts";
import { textArrives } from "./text.ts";
import { urgentArrives } from "./urgent.ts";

export function segmentArrives(c: TcpConnection, segment: Segment): DropReason | undefined {
  const { pieces } = segment;
  c.tally.segmentsIn += pieces;
  if (segment.textLength > 0) c.tally.textSegmentsIn += pieces;
  c.owner.pumpLater(c);
  if (c.state !== "SYN-SENT") return synchronizedArrives(c, segment);
  c.lastHeardAt = c.now;
  return synSentArrives(c, segment);
}

function synchronizedArrives(c: TcpConnection, segment: Segment): DropReason | undefined {
  if (isSimultaneousSynAck(c, segment)) repeatedWithAck(c, segment);
  if (isRepeatedSyn(c, segment)) return repeatedSyn(c, segment);

  // First, check the sequence number.
  const verdict = pawsVerdict(c, segment);
  if (verdict !== "passes") return rejectedByPaws(c, segment, verdict);
  if (!isAcceptable(c.tcb, segment) && !isResetAtFin(c, segment)) {
    return outsideOfWindow(c, segment);
  }

  // Second, check the RST bit. Third is security, which nobody has. Fourth, check the SYN bit.
  if (segment.isRst) return resetArrives(c, segment);
  if (segment.isSyn) return synInWindow(c);

  // Fifth, check the ACK field.
  if (!segment.isAck) return "tcp-bad-flags";
  const problem = acknowledgmentArrives(c, segment);
  if (problem !== undefined) return problem;
  // Only now is it likely to be the peer's. A stranger's timestamp from the future would lock the peer out,
  // and his segments would keep alive whom the peer has left.
  rememberTimestamp(c, segment);
  c.lastHeardAt = c.now;
  c.keepalive.heard();
  if (c.isOver) return undefined;

  return afterAcknowledgment(c, segment);
}

function rejectedByPaws(c: TcpConnection, segment: Segment, verdict: "old" | "overtaken"): DropReason {
  const { counters } = c.owner.context;
  if (verdict === "overtaken") {
    counters.pawsOldAcks++;
    return "tcp-paws";
  }
  counters.pawsRejected++;
  reportDuplicate(c, segment);
  answerInvalid(c, segment, "skippedPaws");
  return "tcp-paws";
}

/** An acknowledgment is the answer, unless to RST. */
function outsideOfWindow(c: TcpConnection, segment: Segment): DropReason {
  reportDuplicate(c, segment);
  const acknowledges = reachesWindow(c, segment);
  const problem = acknowledges ? acknowledgmentArrives(c, segment) : undefined;
  const isAnswered = problem !== undefined || segment.isRst || (acknowledges && segment.length === 0);
  if (!isAnswered) answerInvalid(c, segment, "skippedSequence");
  return problem ?? "tcp-out-of-window";
}

/** The sixth step to the eighth: URG, text, FIN. */
export function afterAcknowledgment(c: TcpConnection, segment: Segment): DropReason | undefined {
  reportDuplicate(c, segment);
  trimToWindow(c, segment);
  urgentArrives(c, segment);
  const problem = textArrives(c, segment);
  if (problem !== undefined) return problem;
  finArrives(c, segment);
  return undefined;
}

/** RFC 2883 §4: text that we have already is reported once; as on Linux, a FIN too. */
function reportDuplicate(c: TcpConnection, segment: Segment): void {
  const { length } = segment;
  if (length === 0 || segment.isRst || segment.isSyn) return;
  const old = (c.tcb.rcv.nxt - segment.seq) | 0;
  if (old <= 0) return;
  c.tally.duplicateSegments++;
  if (segment.textLength > 0) {
    c.delayedAck.disturbed(c.toldWindow, c.receiveMss.value);
    c.delayedAck.atOnce("duplicate-ack");
  }
  if (c.reportsDuplicates)
    c.sackReports.duplicateArrived(segment.seq, seqAdd(segment.seq, Math.min(old, length)));
}
