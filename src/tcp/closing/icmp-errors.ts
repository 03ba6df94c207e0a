/**
 * ICMP errors about a connection's segments: RFC 9293 §3.9.2.2 (MUST-54, SHLD-25, SHLD-26), RFC 1122
 * §4.2.3.9, RFC 5461; believed only with a sequence number that is in flight (RFC 5927 §4). While connecting
 * they end the attempt, as on Linux, so that a user need not wait for the timeout:
 * docs/decisions/icmp-while-connecting.md.
 */
import { type Seq, seqAtOrBefore, seqBefore } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import { packetTooBigArrives } from "../input/packet-too-big.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { IcmpError } from "../tcp-context.ts";
import { enterClosed } from "./end.ts";

/** Whether the quoted segment can be one of ours: RFC 5927 §4.1. */
export function isInFlight(sequence: Seq, una: Seq, nxt: Seq): boolean {
  return seqAtOrBefore(una, sequence) && seqBefore(sequence, nxt);
}

/** False: nothing of the connection's that is in flight can have caused the error. */
export function icmpErrorArrives(c: TcpConnection, error: IcmpError, sequence: Seq): boolean {
  if (!isInFlight(sequence, c.tcb.snd.una, c.tcb.snd.nxt)) return false;
  if (error.kind === "packet-too-big") {
    packetTooBigArrives(c, error.mtu, sequence);
  } else if (isConnecting(c)) {
    if (c.hearsIcmpErrors) c.reportedError = kept(error);
    enterClosed(c, error.code, "ICMP error received");
  } else {
    revertBackoff(c, error, sequence);
    // MUST-56: what may pass does not end a connection; a later timeout reports it, or the user asked for it.
    if (c.hearsIcmpErrors) {
      c.reportedError = kept(error);
      c.raise(CONNECTION_EVENT.troubled);
    } else {
      c.softError = error.code;
    }
  }
  return true;
}

/** A Fast Open request that its user has accepted is an open connection to him. */
function isConnecting({ state, fastOpen }: TcpConnection): boolean {
  if (state === "SYN-RECEIVED" && fastOpen?.role === "server") return !fastOpen.isAccepted;
  return state === "SYN-SENT" || state === "SYN-RECEIVED";
}

/** The quote is borrowed. */
function kept(error: IcmpError): IcmpError {
  return { ...error, quote: error.quote.slice() };
}

/**
 * RFC 6069: the network tells that it has no way to the peer, so the segment was not lost to congestion: one
 * doubling of the timeout is taken back, and the way is tried again as soon as that allows.
 */
function revertBackoff(c: TcpConnection, error: IcmpError, sequence: Seq): void {
  const { queue, rto, timers } = c;
  const isDisruption = error.kind === "host-unreachable" || error.kind === "network-unreachable";
  const first = queue.first;
  if (!isDisruption || sequence !== c.tcb.snd.una || first === undefined) return;
  if (c.userTimeout.timeouts === 0 || rto.backoff === 0) return;
  rto.refused();
  timers.retransmit = Math.max(c.now, first.sentAt + rto.value) as Instant;
  c.owner.pumpLater(c);
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
