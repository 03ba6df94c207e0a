/**
 * SYN-RECEIVED after a passive open: RFC 9293 §3.10.7.4 for an entry of the SYN queue, in the order of its
 * steps. With the ACK of our SYN the entry becomes a connection, and the segment goes on there.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { seqDiff } from "../../base/seq.ts";
import type { SynEntry } from "../handshake/syn-entry.ts";
import type { Segment } from "../segment.ts";
import type { Tcp } from "../tcp.ts";
import { segmentArrives } from "./segment-arrives.ts";

export function synReceivedArrives(tcp: Tcp, entry: SynEntry, segment: Segment): DropReason | undefined {
  if (isRepeatedSyn(entry, segment)) {
    // The SYN-ACK was lost, or is late: the same again, with the echo of RFC 7323 §4.3.
    entry.timestamp = segment.options.timestampValue;
    tcp.synQueue.sendSynAck(entry);
    return undefined;
  }
  if (isOld(entry, segment) || !isAcceptable(tcp, entry, segment)) {
    if (!segment.isRst) tcp.synQueue.acknowledge(entry);
    return "tcp-out-of-window";
  }
  if (segment.isRst) {
    // RFC 5961 §3.2. Back to LISTEN: for the listener nothing has happened.
    if (segment.seq !== entry.rcvNxt) return "tcp-bad-reset";
    tcp.synQueue.drop(entry, "LISTEN");
    return undefined;
  }
  if (segment.isSyn) {
    tcp.synQueue.acknowledge(entry);
    return "tcp-syn-in-window";
  }
  if (!segment.isAck) return "tcp-bad-flags";
  if (segment.ack !== entry.sndNxt) {
    tcp.resetFor(segment);
    return "tcp-bad-ack";
  }
  if (entry.listener.acceptQueueIsFull) return overflow(tcp, entry, segment);
  return segmentArrives(tcp.synQueue.establish(entry, tcp), segment);
}

function isRepeatedSyn(entry: SynEntry, segment: Segment): boolean {
  return segment.isSyn && !segment.isAck && !segment.isRst && segment.seq === entry.irs;
}

/** PAWS, RFC 7323 §5.3. */
function isOld(entry: SynEntry, segment: Segment): boolean {
  const { options } = segment;
  if (segment.isRst || !entry.theirs.timestamps || !entry.ours.timestamps || !options.hasTimestamps)
    return false;
  return ((options.timestampValue - entry.timestamp) | 0) < 0;
}

function isAcceptable(tcp: Tcp, entry: SynEntry, segment: Segment): boolean {
  const offset = seqDiff(segment.seq, entry.rcvNxt);
  return offset >= 0 && offset < tcp.synQueue.window;
}

/**
 * Linux's way: the ACK is forgotten, and the SYN-ACK's timer asks for it again; or RST, where so configured.
 */
function overflow(tcp: Tcp, entry: SynEntry, segment: Segment): DropReason {
  tcp.context.counters.listenOverflows++;
  if (tcp.context.config.abortOnOverflow) {
    tcp.resetFor(segment);
    tcp.synQueue.drop(entry, "LISTEN");
  }
  return "tcp-accept-queue-full";
}
