/**
 * SYN-RECEIVED after a passive open: RFC 9293 §3.10.7.4 for an entry of the SYN queue, in the order of its
 * steps. With the ACK of our SYN the entry becomes a connection, and the segment goes on there.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { seqAfter, seqDiff } from "../../base/seq.ts";
import type { SynEntry } from "../handshake/syn-entry.ts";
import { windowOf } from "../handshake/syn-queue.ts";
import { wasSent } from "../receive/timestamps.ts";
import type { Segment } from "../segment.ts";
import type { Tcp } from "../tcp.ts";
import { mayLoop } from "./challenge-ack.ts";
import { countOverflow } from "./listen.ts";
import { segmentArrives } from "./segment-arrives.ts";
import { cookieReturns } from "./syn-cookie.ts";

export function synReceivedArrives(tcp: Tcp, entry: SynEntry, segment: Segment): DropReason | undefined {
  const { synQueue } = tcp;
  const old = isOld(entry, segment);
  if (isRepeatedSyn(entry, segment) && !old) {
    // The SYN-ACK was lost, or is late: the same again, with the echo of RFC 7323 §4.3.
    entry.timestamp = segment.options.timestampValue;
    synQueue.repeatSynAck(entry);
    return undefined;
  }
  const { listener } = entry;
  // RFC 9293 §3.5.2, group 2: before the connection is synchronized, the ACK comes before the number.
  if (segment.isAck && segment.ack !== entry.sndNxt) {
    if (segment.isRst) return "tcp-bad-reset";
    // Perhaps the answer to a SYN that came while the queue was full.
    const reason = cookieReturns(tcp, listener, segment, entry);
    return reason === "tcp-no-connection" ? "tcp-bad-ack" : reason;
  }
  const echoesNothing = isEchoOfNothing(tcp, entry, segment);
  if (old || echoesNothing || !isAcceptable(entry, segment)) {
    if (!segment.isRst) synQueue.acknowledge(entry, mayLoop(segment));
    if (echoesNothing) tcp.context.counters.echoesRejected++;
    return old ? "tcp-paws" : "tcp-out-of-window";
  }
  if (segment.isRst) return resetArrives(tcp, entry, segment);
  if (segment.isSyn) {
    // RFC 5961 §4.2; docs/decisions/half-open.md
    synQueue.acknowledge(entry, true);
    return "tcp-syn-in-window";
  }
  if (!segment.isAck) return "tcp-bad-flags";
  if (entry.timeouts < listener.deferAccept && segment.length === 0) {
    // TCP_DEFER_ACCEPT: the user wants to hear of it with the peer's first text.
    acknowledged(entry, segment);
    tcp.context.counters.deferredAccepts++;
    return "tcp-accept-deferred";
  }
  if (listener.acceptQueueIsFull) return overflow(tcp, entry, segment);
  return segmentArrives(synQueue.establish(entry, tcp), segment);
}

/** RFC 5961 §3.2. Back to LISTEN: for the listener nothing has happened. */
function resetArrives(tcp: Tcp, entry: SynEntry, segment: Segment): DropReason | undefined {
  if (segment.seq !== entry.rcvNxt) {
    tcp.synQueue.acknowledge(entry, true);
    return "tcp-bad-reset";
  }
  tcp.context.counters.embryonicResets++;
  tcp.synQueue.drop(entry, "LISTEN", "RST received");
  return undefined;
}

function isRepeatedSyn(entry: SynEntry, segment: Segment): boolean {
  return segment.isSyn && !segment.isAck && !segment.isRst && !segment.isFin && segment.seq === entry.irs;
}

/** PAWS, RFC 7323 §5.3. */
function isOld(entry: SynEntry, segment: Segment): boolean {
  const { options } = segment;
  if (segment.isRst || !entry.theirs.timestamps || !entry.ours.timestamps || !options.hasTimestamps)
    return false;
  return ((options.timestampValue - entry.timestamp) | 0) < 0;
}

/** As Linux: the echo, if there is one, must be a timestamp of one of our SYN-ACKs. */
function isEchoOfNothing(tcp: Tcp, entry: SynEntry, { ack, options }: Segment): boolean {
  const { timestampEcho: echo } = options;
  if (ack !== entry.sndNxt || !options.hasTimestamps || echo === 0) return false;
  if (!entry.theirs.timestamps || !entry.ours.timestamps) return false;
  return !wasSent(echo, entry.timestampOffset, entry.sentAt, tcp.context.now);
}

function isAcceptable(entry: SynEntry, segment: Segment): boolean {
  const offset = seqDiff(segment.seq, entry.rcvNxt);
  // Text may begin before the window, and end within.
  const begins = segment.length === 0 ? offset >= 0 : seqAfter(segment.end, entry.rcvNxt);
  return begins && offset < windowOf(entry);
}

/**
 * Linux's way: the ACK is forgotten, and the SYN-ACK's timer asks for it again; or RST, where so configured.
 */
function overflow(tcp: Tcp, entry: SynEntry, segment: Segment): DropReason {
  countOverflow(tcp, entry.listener);
  if (tcp.context.config.abortOnOverflow) {
    tcp.resetFor(segment);
    tcp.context.counters.embryonicResets++;
    tcp.synQueue.drop(entry, "LISTEN", "accept queue full, RST sent");
  } else {
    acknowledged(entry, segment);
  }
  return "tcp-accept-queue-full";
}

/** The handshake could be complete, and has to wait. */
function acknowledged(entry: SynEntry, segment: Segment): void {
  entry.isAcknowledged = true;
  if (segment.options.hasTimestamps && segment.seq === entry.rcvNxt)
    entry.timestamp = segment.options.timestampValue;
}
