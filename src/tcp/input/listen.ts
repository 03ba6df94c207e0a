/**
 * LISTEN: RFC 9293 §3.10.7.2. A SYN becomes a half-open entry, if both queues have room; when only the
 * half-open queue has none, it is answered with a SYN cookie and forgotten (RFC 4987 §3.6, input/syn-cookie).
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { Seq } from "../../base/seq.ts";
import type { Listener } from "../handshake/listener.ts";
import { ourOffer, peerOffer, synAsksForEcn } from "../handshake/negotiate.ts";
import { SynEntry } from "../handshake/syn-entry.ts";
import type { Segment } from "../segment.ts";
import type { Tcp } from "../tcp.ts";
import type { NetPath } from "../tcp-context.ts";
import { judgeSyn, openFromSyn } from "./fast-open-server.ts";
import { cookieReturns, sendCookie } from "./syn-cookie.ts";

/**
 * @param after a TIME-WAIT record that this SYN succeeds: the new numbers begin beyond its own (RFC 6191).
 */
export function listenArrives(
  tcp: Tcp,
  listener: Listener,
  segment: Segment,
  after?: { readonly nextIss: Seq },
): DropReason | undefined {
  if (segment.isRst) return "tcp-bad-reset";
  if (segment.isAck) return cookieReturns(tcp, listener, segment);
  if (!segment.isSyn || segment.isFin) return "tcp-bad-flags";
  const { synCookies } = tcp.context.config;
  // What succeeds a TIME-WAIT record has a place: its peer is no stranger.
  const isFull = after === undefined && (listener.synQueueIsFull || synCookies === 2);
  const refusal = (isFull ? synQueueIsFull(tcp, listener, segment) : undefined) ?? refuses(tcp, listener);
  if (refusal !== undefined) return refusal;
  if (isFull) return sendCookie(tcp, listener, segment);
  const path = tcp.context.pathTo(segment.source, segment.destination);
  if (typeof path === "string") return "ip-no-route";
  const entry = entryFor(tcp, listener, segment, path);
  if (after === undefined && synCookies === 0 && isNearlyFull(tcp, listener)) {
    countDrop(tcp, listener);
    tcp.context.probe?.overflowed?.(listener, "syn");
    return "tcp-syn-queue-full";
  }
  entry.iss = after?.nextIss ?? tcp.isnFor(entry);
  if (listener.saveSyn) entry.savedSyn = segment.headers();
  const from = after === undefined ? "LISTEN" : "TIME-WAIT";
  const verdict = judgeSyn(tcp, listener, segment);
  if (verdict.opens) {
    openFromSyn(tcp, entry, segment, verdict, from);
    return undefined;
  }
  tcp.synQueue.add(entry, from);
  tcp.synQueue.sendFirstSynAck(entry, verdict.cookie, segment.options.fastOpenExperimental);
  return undefined;
}

/**
 * What a SYN says, or the third segment of a handshake that left nothing behind.
 *
 * @param spare an entry that nobody has any more
 */
export function entryFor(
  tcp: Tcp,
  listener: Listener,
  segment: Segment,
  path: NetPath,
  spare?: SynEntry,
): SynEntry {
  const offer = ourOffer(listener.config, path.linkMtu, path.headerSize, path.advertisedMss);
  const theirs = peerOffer(
    segment.options,
    segment.source.family,
    synAsksForEcn(segment.flags, segment.trafficClass),
  );
  // RFC 2385: beside a signature there is room for SACK or for timestamps; as on Linux for SACK.
  const isSigned = listener.signatures?.keyFor(segment.source) !== undefined;
  const ours = isSigned && offer.sack && theirs.sack ? { ...offer, timestamps: false } : offer;
  const { destinationPort, sourcePort } = segment;
  const entry = spare ?? new SynEntry(listener, path, destinationPort, sourcePort, ours, theirs);
  spare?.restate(listener, path, destinationPort, sourcePort, ours, theirs);
  entry.irs = segment.seq;
  entry.window = segment.window;
  entry.timestamp = segment.options.timestampValue;
  entry.timestampOffset = tcp.timestampOffsetFor(path);
  return entry;
}

/** The accept queue decides for SYNs too, as on Linux: what could not be accepted is not begun. */
export function refuses(tcp: Tcp, listener: Listener): DropReason | undefined {
  if (!listener.acceptQueueIsFull) return undefined;
  countOverflow(tcp, listener);
  return "tcp-accept-queue-full";
}

export function countOverflow(tcp: Tcp, listener: Listener): void {
  tcp.context.counters.listenOverflows++;
  tcp.context.probe?.overflowed?.(listener, "accept");
  listener.counters.overflows++;
  countDrop(tcp, listener);
}

function countDrop(tcp: Tcp, listener: Listener): void {
  tcp.context.counters.listenDrops++;
  listener.counters.drops++;
}

/** A cookie instead of a place, if the host sends them and has time for one. */
function synQueueIsFull(tcp: Tcp, listener: Listener, { source }: Segment): DropReason | undefined {
  const { counters, config, probe } = tcp.context;
  if (listener.synQueueIsFull) probe?.overflowed?.(listener, "syn");
  const isFlooded = listener.synQueueIsFull && !tcp.strangers.admits(source);
  // With the next poll there is time for others.
  tcp.context.wake();
  if (config.synCookies !== 0 && !isFlooded) {
    counters.synQueueFullCookies++;
    return undefined;
  }
  counters.synQueueFullDrops++;
  countDrop(tcp, listener);
  return "tcp-syn-queue-full";
}

/** Linux without cookies: the last quarter is for peers that it knows, and we know none. */
function isNearlyFull(tcp: Tcp, { halfOpen }: Listener): boolean {
  const { synBacklog } = tcp.context.config;
  return synBacklog - halfOpen < synBacklog >> 2;
}
