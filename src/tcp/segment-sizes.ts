/**
 * How large a connection's segments are: what options leave of the path's MTU, the peer's MSS and ours. RFC
 * 9293 §3.7.1. They follow from what is known elsewhere, so that nobody keeps them.
 */
import { TCP_HEADER_SIZE } from "../wire/tcp.ts";
import { SIGNATURE_SIZE } from "./md5-signatures.ts";
import { initialWindow } from "./receive/initial-window.ts";
import { TIMESTAMPS_SIZE } from "./receive/timestamps.ts";
import { halfOfWindow } from "./send/send-space.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** Eff.snd.MSS (MUST-16): the text of a segment with the options that every segment has. */
export function effectiveMss(c: TcpConnection): number {
  const { path, config, probing } = c;
  const mtu = probing === undefined ? path.mtu : Math.min(path.mtu, probing.limit);
  const room = mtu - path.headerSize - TCP_HEADER_SIZE;
  const peer = Math.min(c.agreement?.peerMss ?? room, config.maximumSegment || 0xffff);
  const most = Math.max(Math.min(peer, room), config.leastMss) - usualOptions(c);
  const { maxWnd } = c.tcb.snd;
  return Math.max(maxWnd === 0 ? most : Math.min(most, halfOfWindow(maxWnd)), 1);
}

/** What a packet has beside its text: the headers, and the options that every segment has. */
export function headersSize(c: TcpConnection): number {
  return c.path.headerSize + TCP_HEADER_SIZE + usualOptions(c);
}

/** The largest text that the peer may send in one segment. */
export function largestArriving(c: TcpConnection): number {
  return c.ours.mss - usualOptions(c);
}

/** The size of the options that every segment has. */
export function usualOptions(c: TcpConnection): number {
  return (c.timestamps.enabled ? TIMESTAMPS_SIZE : 0) + (isSigned(c) ? SIGNATURE_SIZE : 0);
}

/** RFC 2385: there is a key for this peer. */
export function isSigned({ signatures, remote }: TcpConnection): boolean {
  return signatures?.keyFor(remote) !== undefined;
}

/** The window of our SYN: in whole segments, whose size is known only to who answers. */
export function windowOfSyn(c: TcpConnection): number {
  return initialWindow(c.config, c.listener === undefined ? c.ours.mss : largestArriving(c));
}
