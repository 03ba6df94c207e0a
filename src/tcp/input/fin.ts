/**
 * FIN: RFC 9293 §3.10.7.4, eighth step. One that comes before the text in front of it is remembered.
 */
import { type Seq, seqAdd } from "../../base/seq.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";

export function finArrives(c: TcpConnection, segment: Segment): void {
  if (c.receiveClosed) return;
  const before = c.finAt;
  if (segment.isFin) c.finAt = seqAdd(segment.seq, segment.textLength);
  if (c.finAt === undefined) return;
  if (c.finAt !== c.tcb.rcv.nxt) {
    if (segment.isFin) waits(c, c.finAt, c.finAt === before);
    return;
  }
  c.receiveClosed = true;
  c.finAt = undefined;
  c.tcb.rcv.nxt = seqAdd(c.tcb.rcv.nxt, 1);
  // What a confused peer sent beyond its FIN belongs to no stream.
  c.receiveBuffer.outOfOrder.clear();
  c.sackReports.clear();
  c.delayedAck.atOnce();
  c.raise(CONNECTION_EVENT.readable | CONNECTION_EVENT.peerClosed);
  switch (c.state) {
    case "ESTABLISHED":
      c.moveTo("CLOSE-WAIT", "FIN received, ACK sent");
      return;
    case "FIN-WAIT-1":
      c.moveTo("CLOSING", "FIN received (simultaneous close), ACK sent");
      return;
    case "FIN-WAIT-2":
      c.moveTo("TIME-WAIT", "FIN received, ACK sent");
      return;
    default:
      return;
  }
}

/** It has a number like text beyond a hole: SACK tells the peer of it, and D-SACK when it comes again. */
function waits(c: TcpConnection, at: Seq, again: boolean): void {
  c.delayedAck.atOnce();
  if (!c.usesSack) return;
  c.sackReports.arrived(at, c.receiveBuffer.outOfOrder);
  if (again) c.sackReports.duplicateArrived(at, seqAdd(at, 1));
}
