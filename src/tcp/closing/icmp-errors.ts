/**
 * ICMP errors about a connection's segments: RFC 9293 §3.9.2.2, RFC 1122 §4.2.3.9; believed only with a
 * sequence number that is in flight (RFC 5927 §4). While connecting they end the attempt, as on Linux, so
 * that a user need not wait for the timeout: docs/decisions/icmp-while-connecting.md.
 */
import { type Seq, seqAtOrBefore, seqBefore } from "../../base/seq.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { IcmpError } from "../tcp-context.ts";

/** Whether the quoted segment can be one of ours: RFC 5927 §4.1. */
export function isInFlight(sequence: Seq, una: Seq, nxt: Seq): boolean {
  return seqAtOrBefore(una, sequence) && seqBefore(sequence, nxt);
}

/** False: nothing of the connection's that is in flight can have caused the error. */
export function icmpErrorArrives(c: TcpConnection, error: IcmpError, sequence: Seq): boolean {
  if (!isInFlight(sequence, c.tcb.snd.una, c.tcb.snd.nxt)) return false;
  // The network layer lowers the path's MTU now that it may believe it; the pump looks at that.
  if (error.kind === "packet-too-big") c.owner.pumpLater(c);
  else if (isConnecting(c)) c.end(error.code);
  // MUST-56: what may pass does not end a connection; a later timeout reports it.
  else c.softError = error.code;
  return true;
}

/** A Fast Open request that its user has accepted is an open connection to him. */
function isConnecting({ state, fastOpen }: TcpConnection): boolean {
  if (state === "SYN-RECEIVED" && fastOpen?.role === "server") return !fastOpen.isAccepted;
  return state === "SYN-SENT" || state === "SYN-RECEIVED";
}

const UNREACHABLE = new Set([
  "network-unreachable",
  "host-unreachable",
  "time-exceeded",
  "parameter-problem",
]);

/** Whether a half-open connection is given up: whose SYN it was cannot hear us, or never sent it. */
export function endsHalfOpen({ kind }: IcmpError): boolean {
  return UNREACHABLE.has(kind);
}
