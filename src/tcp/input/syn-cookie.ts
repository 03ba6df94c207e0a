/**
 * A handshake that leaves nothing behind: RFC 4987 §3.6. The SYN is answered with a cookie for a sequence
 * number; the third segment, which brings it back, opens the connection. What else the SYN offered survives
 * only in the timestamp: without that option there is neither SACK nor window scaling.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { seqAdd } from "../../base/seq.ts";
import type { Listener } from "../handshake/listener.ts";
import { agreeOnEcn, type Offer } from "../handshake/negotiate.ts";
import { isPossible, optionsIn, ticksWith } from "../handshake/syn-cookie-options.ts";
import { COOKIE_LIFETIME, sizeFor } from "../handshake/syn-cookies.ts";
import type { SynEntry } from "../handshake/syn-entry.ts";
import { clockTicks } from "../receive/timestamps.ts";
import type { Segment } from "../segment.ts";
import type { Tcp } from "../tcp.ts";
import { established } from "./established.ts";
import { countOverflow, entryFor } from "./listen.ts";
import { segmentArrives } from "./segment-arrives.ts";

/** Answers a SYN; the entry is forgotten, and the path is only borrowed. */
export function sendCookie(tcp: Tcp, listener: Listener, segment: Segment): DropReason | undefined {
  const { now, counters } = tcp.context;
  const path = tcp.context.pathBack(segment.source, segment.destination);
  if (typeof path === "string") return "ip-no-route";
  const entry = entryFor(tcp, listener, segment, path, tcp.synQueue.forgotten);
  tcp.synQueue.forgotten = entry;
  const { theirs, ours } = entry;
  const mss = sizeFor(entry, theirs.mss);
  entry.iss = tcp.cookies.make(entry, entry.irs, mss, now);
  listener.overflowedAt = now;
  listener.counters.cookiesSent++;
  counters.synCookiesSent++;
  tcp.context.probe?.cookie?.(listener, "sent", segment);
  if (!ours.timestamps || !theirs.timestamps) {
    entry.theirs = { mss, windowScale: -1, sack: false, timestamps: false, ecn: false };
    tcp.synQueue.sendCookie(entry);
    return undefined;
  }
  const scales = ours.windowScale >= 0 && theirs.windowScale >= 0;
  const options = {
    windowScale: scales ? theirs.windowScale : -1,
    sack: ours.sack && theirs.sack,
    ecn: agreeOnEcn(ours, theirs),
  };
  tcp.synQueue.sendCookie(entry, ticksWith(clockTicks(now), options));
  return undefined;
}

/**
 * A segment with ACK in LISTEN: a cookie's return, or nothing of ours, which is answered with RST.
 *
 * @param other a half-open connection of this four-tuple, begun by the same SYN when there was room again
 */
export function cookieReturns(
  tcp: Tcp,
  listener: Listener,
  segment: Segment,
  other?: SynEntry,
): DropReason | undefined {
  const { now, counters, config } = tcp.context;
  if (segment.isSyn || config.synCookies === 0 || now - listener.overflowedAt > COOKIE_LIFETIME) {
    tcp.resetFor(segment);
    return "tcp-no-connection";
  }
  const irs = seqAdd(segment.seq, -1);
  const iss = seqAdd(segment.ack, -1);
  const mss = tcp.cookies.check(segment.tuple, irs, iss, now);
  if (mss === undefined) return fails(tcp, listener, segment);
  const path = tcp.context.pathTo(segment.source, segment.destination);
  if (typeof path === "string") return "ip-no-route";
  const entry = entryFor(tcp, listener, segment, path);
  entry.irs = irs;
  entry.iss = iss;
  const theirs = offerIn(segment, entry, mss);
  if (theirs === undefined) return fails(tcp, listener, segment);
  listener.counters.cookiesReceived++;
  counters.synCookiesReceived++;
  tcp.context.probe?.cookie?.(listener, "accepted", segment);
  if (listener.acceptQueueIsFull) {
    countOverflow(tcp, listener);
    return "tcp-accept-queue-full";
  }
  if (other !== undefined) tcp.synQueue.drop(other, "LISTEN", "SYN cookie received");
  entry.theirs = theirs;
  const connection = tcp.synQueue.revive(entry, tcp);
  established(connection, segment);
  return segmentArrives(connection, segment);
}

/** No cookie of ours: an old one, or a guess. */
function fails(tcp: Tcp, listener: Listener, segment: Segment): DropReason {
  listener.counters.cookiesFailed++;
  tcp.context.counters.synCookiesFailed++;
  tcp.context.probe?.cookie?.(listener, "refused", segment);
  tcp.resetFor(segment);
  return "tcp-bad-cookie";
}

/** What the SYN had offered, as the segment says; undefined if that cannot be. */
function offerIn({ options }: Segment, { ours, timestampOffset }: SynEntry, mss: number): Offer | undefined {
  if (!options.hasTimestamps) return { mss, windowScale: -1, sack: false, timestamps: false, ecn: false };
  const returned = optionsIn(options.timestampEcho - timestampOffset);
  if (!ours.timestamps || !isPossible(returned, ours)) return undefined;
  const { windowScale, sack, ecn } = returned;
  return { mss, windowScale, sack, ecn, timestamps: true };
}
