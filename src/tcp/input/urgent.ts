/**
 * Urgent data: RFC 9293 §3.10.7.4, sixth step, §3.8.5 (MUST-30, MUST-31, MUST-32); the pointer's
 * meaning is RFC 6093's (MUST-62). It stays in the stream; the user is told that it is there.
 */
import { seqAdd, seqAfter } from "../../base/seq.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import type { Segment } from "../segment.ts";
import { mayReceiveText } from "../states.ts";
import type { TcpConnection } from "../tcp-connection.ts";

export function urgentArrives(c: TcpConnection, segment: Segment): void {
  if (!segment.isUrg || !mayReceiveText(c.state)) return;
  const distance = segment.urgentPointer + (c.config.urgentPointsAtLast ? 1 : 0);
  if (distance === 0) return;
  const { rcv } = c.tcb;
  // From the segment's own number, not from where trimming left off.
  const end = seqAdd(segment.header.sequence, distance);
  if (!seqAfter(end, rcv.up) || !seqAfter(end, rcv.nxt)) return;
  rcv.up = end;
  c.raise(CONNECTION_EVENT.urgent);
}
