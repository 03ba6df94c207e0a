/**
 * ICMP errors about a connection's segments: RFC 9293 §3.9.2.2, RFC 1122 §4.2.3.9; believed only with a sequence number
 * that is in flight (RFC 5927 §4). While connecting they end the attempt, as on Linux, so that a user need not wait
 * for the timeout: docs/decisions/icmp-while-connecting.md.
 */
import { type Seq, seqAtOrBefore, seqBefore, seqDiff } from "../../base/seq.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { IcmpError } from "../tcp-context.ts";

/** Whether the quoted segment can be one of ours: RFC 5927 §4.1. */
export function isInFlight(sequence: Seq, una: Seq, nxt: Seq): boolean {
  return seqAtOrBefore(una, sequence) && seqBefore(sequence, nxt);
}

export function icmpErrorArrives(c: TcpConnection, error: IcmpError, sequence: Seq): void {
  if (!isInFlight(sequence, c.tcb.snd.una, c.tcb.snd.nxt)) return;
  if (error.kind === "packet-too-big") {
    resendTooBig(c);
    return;
  }
  if (error.kind === "source-quench") return;
  if (c.state === "SYN-SENT" || c.state === "SYN-RECEIVED") c.end(error.code);
  // MUST-56: what may pass does not end a connection; a later timeout reports it.
  else c.softError = error.code;
}

/** RFC 1191 §6.4: what was too big goes out again at once, in smaller pieces; the network is not congested. */
function resendTooBig(c: TcpConnection): void {
  const limit = c.effectiveMss();
  let lost = false;
  for (let i = 0; i < c.queue.count; i++) {
    const record = c.queue.at(i);
    if (seqDiff(record.end, record.start) > limit && c.queue.markLost(record)) lost = true;
  }
  if (lost) c.retransmitAtOnce = true;
  c.owner.pumpLater(c);
}
