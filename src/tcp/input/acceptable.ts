/**
 * Whether a segment lies in the receive window, and what of it: RFC 9293 §3.10.7.4, first step (MUST-66: with
 * the window closed, ACK, URG and RST of a segment at RCV.NXT still count). An empty segment may lie exactly
 * at the right edge, as on Linux: docs/decisions/ack-at-right-edge.md.
 */
import { seqAdd, seqBefore, seqDiff, seqIn } from "../../base/seq.ts";
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
