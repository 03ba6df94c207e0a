/**
 * A SYN with Fast Open at a listener: RFC 7413 §4.2.2. With a good cookie it becomes a connection at once,
 * still in SYN-RECEIVED, which a user may accept, read and write before the client has shown that it is
 * where it says. Without one it opens as any other; who asked, or showed a bad one, is given a cookie for
 * next time.
 *
 * A SYN may come twice, the second time when the first one's connection has long ended: its text is then
 * delivered twice (§2.1). Only applications that can bear this should listen so.
 */
import { seqAdd } from "../../base/seq.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import { FAST_OPEN } from "../handshake/fast-open/modes.ts";
import { FastOpenRequest, type FastOpenRequests } from "../handshake/fast-open/requests.ts";
import { COOKIE_SIZE, type FastOpenKeys } from "../handshake/fast-open/server-keys.ts";
import type { Listener } from "../handshake/listener.ts";
import type { SynEntry } from "../handshake/syn-entry.ts";
import type { Segment } from "../segment.ts";
import { NEWER_SYN, type TcpState } from "../states.ts";
import type { Tcp } from "../tcp.ts";
import type { TcpConnection } from "../tcp-connection.ts";

/** What becomes of a SYN. */
export interface FastOpenVerdict {
  /** It opens a connection, with its text. */
  readonly opens: boolean;
  /** A cookie for the SYN-ACK. */
  readonly cookie: Uint8Array | undefined;
}

const ORDINARY: FastOpenVerdict = { opens: false, cookie: undefined };

/** Judges a SYN by its option, its text and what the listener admits. */
export function judgeSyn(tcp: Tcp, listener: Listener, segment: Segment): FastOpenVerdict {
  const { config, counters, now } = tcp.context;
  const shown = segment.options.fastOpen;
  if (shown?.length === 0) counters.fastOpenCookieRequests++;
  const requests = listener.fastOpen;
  const isMeant = shown !== undefined || segment.textLength > 0;
  if ((config.fastOpen & FAST_OPEN.server) === 0 || !isMeant || requests === undefined) return ORDINARY;
  // Before the cookie is looked at, so that a flood of forged ones costs little.
  if (!requests.hasRoom(now)) {
    if (requests.limit > 0) counters.fastOpenListenOverflows++;
    return ORDINARY;
  }
  if (requests.withoutCookie || (config.fastOpen & FAST_OPEN.serverWithoutCookie) !== 0) {
    return { opens: true, cookie: undefined };
  }
  if (shown === undefined) return ORDINARY;
  return judgeCookie(tcp, keysOf(tcp, requests), segment, shown);
}

function judgeCookie(tcp: Tcp, keys: FastOpenKeys, segment: Segment, shown: Uint8Array): FastOpenVerdict {
  const { source: client, destination: server } = segment;
  const age = shown.length === COOKIE_SIZE ? keys.ageOf(shown, client, server) : undefined;
  if (age === "primary") return { opens: true, cookie: undefined };
  const cookie = keys.cookieFor(client, server);
  if (age === "backup") {
    tcp.context.counters.fastOpenPassiveAlternateKeys++;
    return { opens: true, cookie };
  }
  if (shown.length > 0) tcp.context.counters.fastOpenPassiveFails++;
  return { opens: false, cookie };
}

function keysOf(tcp: Tcp, requests: FastOpenRequests): FastOpenKeys {
  return requests.keys ?? tcp.fastOpen.keys(tcp.context.config.fastOpenKey);
}

/**
 * The connection that a SYN opens, with the text that it carried: not yet confirmed, and already in the
 * accept queue.
 */
export function openFromSyn(
  tcp: Tcp,
  entry: SynEntry,
  segment: Segment,
  verdict: FastOpenVerdict,
  from: TcpState,
): void {
  const { listener } = entry;
  const { fastOpen: requests } = listener;
  if (requests === undefined) return;
  const c = tcp.synQueue.connectionOf(entry, tcp);
  c.fastOpen = new FastOpenRequest(
    requests,
    verdict.cookie,
    segment.options.fastOpenExperimental,
    segment.textLength > 0,
  );
  c.tcb.state = from;
  tcp.context.probe?.opened?.(c);
  c.moveTo("SYN-RECEIVED", from === "TIME-WAIT" ? NEWER_SYN : "SYN received, SYN-ACK sent");
  if (segment.textLength > 0) c.tally.textSegmentsIn++;
  takeText(c, segment);
  c.synAckDue = true;
  tcp.opened(c);
  tcp.acceptable(c, listener);
  tcp.context.counters.fastOpenPassives++;
}

function takeText(c: TcpConnection, segment: Segment): void {
  const { rcv } = c.tcb;
  // The window that the SYN-ACK will tell begins behind this text.
  const length = Math.min(segment.textLength, c.receiveBuffer.limit);
  if (length === 0) return;
  const { bytes, textStart } = segment;
  c.receiveBuffer.place(rcv.nxt, bytes, textStart, textStart + length, rcv.nxt);
  rcv.nxt = seqAdd(rcv.nxt, length);
  rcv.adv = rcv.nxt;
  c.lastAckSent = rcv.nxt;
  c.tally.bytesReceived += length;
  c.raise(CONNECTION_EVENT.readable);
}
