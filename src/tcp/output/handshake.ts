/**
 * Our SYN, and the SYN-ACK of a simultaneous open: RFC 9293 §3.5; text goes with the SYN where Fast Open lets
 * it (RFC 7413 §4.2).
 */
import { seqAdd } from "../../base/seq.ts";
import { takesFlight } from "../flight.ts";
import { synRoom } from "../handshake/fast-open/client-attempt.ts";
import { effectiveMss } from "../segment-sizes.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { emit } from "./emit.ts";

export function sendHandshake(c: TcpConnection, writer: SegmentWriter): void {
  const { tcb } = c;
  if (tcb.snd.nxt === tcb.iss && (c.state === "SYN-SENT" || c.synAckDue)) {
    if (c.fastOpen?.role === "client" && c.fastOpen.isDeferred) return;
    // The peer's SYN may have come before ours went out: then it is a SYN-ACK at once.
    c.synAckDue = false;
    tcb.snd.nxt = seqAdd(tcb.iss, 1);
    takesFlight(c, c.queue.sent(tcb.iss, tcb.snd.nxt, 1, true, false, c.now));
    emit(c, writer, tcb.iss, textWithSyn(c), true, false, false, "handshake");
  } else if (c.synAckDue) {
    c.synAckDue = false;
    emit(c, writer, tcb.iss, 0, true, false, false, "handshake");
  }
}

/** RFC 7413 §4.2.2: the text that goes out with the SYN. It has a record of its own, and does so but once. */
function textWithSyn(c: TcpConnection): number {
  const { fastOpen } = c;
  if (c.state !== "SYN-SENT" || fastOpen?.role !== "client") return 0;
  const length = Math.min(c.sendBuffer.length, fastOpen.room, synRoom(effectiveMss(c), c.ours.mss, 0));
  if (length === 0) return 0;
  const start = c.tcb.snd.nxt;
  c.tcb.snd.nxt = seqAdd(start, length);
  const record = c.queue.sent(start, c.tcb.snd.nxt, length, false, false, c.now);
  record.push = c.writeQueue.endAt(c.tcb.snd.nxt).pushed;
  c.writeQueue.sent(c.tcb.snd.nxt);
  takesFlight(c, record);
  fastOpen.textLength = length;
  c.tally.bytesSent += length;
  return length;
}
