/**
 * LISTEN: RFC 9293 §3.10.7.2. A SYN becomes a half-open entry, if both queues have room: RFC 4987 §3.5 for
 * what happens when they have not (SYN cookies are a mechanism of their own).
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { type Seq, seqAdd } from "../../base/seq.ts";
import type { Listener } from "../handshake/listener.ts";
import { ourOffer, peerOffer } from "../handshake/negotiate.ts";
import { SynEntry } from "../handshake/syn-entry.ts";
import type { Segment } from "../segment.ts";
import type { TcpState } from "../states.ts";
import type { Tcp } from "../tcp.ts";

/**
 * @param after a TIME-WAIT record that this SYN succeeds: the new numbers begin beyond its own (RFC 6191).
 */
export function listenArrives(
  tcp: Tcp,
  listener: Listener,
  segment: Segment,
  after?: { readonly sndNxt: Seq },
): DropReason | undefined {
  if (segment.isRst) return "tcp-bad-reset";
  if (segment.isAck) {
    tcp.resetFor(segment);
    return "tcp-no-connection";
  }
  if (!segment.isSyn || segment.isFin) return "tcp-bad-flags";
  const refusal = refuses(tcp, listener);
  if (refusal !== undefined) return refusal;
  const path = tcp.context.pathTo(segment.source, segment.destination);
  if (typeof path === "string") return "ip-no-route";
  const ours = ourOffer(tcp.context.config, path.linkMtu, path.headerSize);
  const theirs = peerOffer(segment.options, segment.source.family);
  const entry = new SynEntry(listener, path, segment.destinationPort, segment.sourcePort, ours, theirs);
  entry.irs = segment.seq;
  entry.iss = after === undefined ? tcp.isnFor(entry) : seqAdd(after.sndNxt, 0x10001);
  entry.window = segment.window;
  entry.timestamp = segment.options.timestampValue;
  entry.timestampOffset = tcp.timestampOffsetFor(path);
  const from: TcpState = after === undefined ? "LISTEN" : "TIME-WAIT";
  tcp.synQueue.add(entry, from);
  tcp.synQueue.sendSynAck(entry);
  return undefined;
}

/** Whether a queue is full, and which; counted. */
export function refuses(tcp: Tcp, listener: Listener): DropReason | undefined {
  const { counters } = tcp.context;
  if (listener.acceptQueueIsFull) {
    counters.listenOverflows++;
    return "tcp-accept-queue-full";
  }
  if (listener.synQueueIsFull) {
    counters.listenDrops++;
    return "tcp-syn-queue-full";
  }
  return undefined;
}
