/**
 * Whether a segment lies in the receive window, and what of it: RFC 9293 §3.10.7.4, first step (MUST-66: with
 * the window closed, ACK, URG and RST of a segment at RCV.NXT still count). An empty segment may lie exactly
 * at the right edge, as on Linux: docs/decisions/ack-at-right-edge.md.
 */
import { seqAdd, seqAtOrAfter, seqAtOrBefore, seqBefore, seqDiff, seqIn } from "../../base/seq.ts";
import type { Segment } from "../segment.ts";
import type { Tcb } from "../tcb.ts";
import type { TcpConnection } from "../tcp-connection.ts";

export function isAcceptable(tcb: Tcb, segment: Segment): boolean {
  const { nxt } = tcb.rcv;
  const window = tcb.receiveWindow;
  const length = segment.length;
  if (window === 0) return segment.seq === nxt;
  if (length === 0) return seqIn(segment.seq, nxt, window + 1);
  return (
    seqIn(segment.seq, nxt, window) ||
    seqIn(seqAdd(segment.seq, length - 1), nxt, window) ||
    spans(tcb, segment)
  );
}

/** The segment begins before the window and ends behind it. */
function spans(tcb: Tcb, segment: Segment): boolean {
  return seqBefore(segment.seq, tcb.rcv.nxt) && seqBefore(tcb.rcv.adv, segment.end);
}

/**
 * An old segment that reaches up to the window, such as one sent again by a peer that has not heard of our
 * last ACK: nothing of its text is new, but its ACK field may be. docs/decisions/acks-of-old-segments.md
 */
export function reachesWindow(c: TcpConnection, segment: Segment): boolean {
  if (!segment.isAck || segment.isSyn || segment.isRst) return false;
  const { end } = segment;
  return seqAtOrAfter(end, c.lastAckSent) && seqAtOrBefore(end, c.tcb.rcv.nxt);
}

/** Cuts off what we have already and what we have no room for. */
export function trimToWindow(c: TcpConnection, segment: Segment): void {
  const { rcv } = c.tcb;
  const old = seqDiff(rcv.nxt, segment.seq);
  if (old > 0) segment.trimFront(Math.min(old, segment.length));
  const beyond = seqDiff(segment.end, rcv.adv);
  if (beyond > 0 && segment.length > 0) {
    segment.trimEnd(Math.min(beyond, segment.length));
    c.delayedAck.atOnce();
  }
}
