/**
 * Why a connection does not send what it has, in a word: the pump's questions (tcp/output, RFC 9293 §3.8)
 * asked once more, in its order, and nothing changed by asking.
 */
import { seqAdd, seqDiff } from "../base/seq.ts";
import { NEVER } from "../base/time.ts";
import { bytesInFlight } from "../tcp/flight.ts";
import { textLimit } from "../tcp/output/emit.ts";
import { sendableNow } from "../tcp/send/silly-window.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { BlockedBy } from "./protocol.ts";

export function blockedBy(c: TcpConnection): BlockedBy {
  if (c.isOver || c.finSent) return "nothing-to-send";
  const isOpening = c.state === "SYN-SENT" || c.state === "SYN-RECEIVED";
  const waiting = seqDiff(c.sendBuffer.end, c.tcb.snd.nxt);
  if (waiting <= 0 && !c.sendClosed) return "nothing-to-send";
  if (isOpening && !c.isFastOpenRequest) return "handshake";
  if (c.timers.pacing !== NEVER && c.timers.pacing > c.now) return "pacing";
  return blockedByWindows(c, waiting);
}

function blockedByWindows(c: TcpConnection, waiting: number): BlockedBy {
  const { snd } = c.tcb;
  const usable = seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt);
  if (usable <= 0) return "peer-window";
  const isFull = bytesInFlight(c) > 0 && c.congestion.cwnd - bytesInFlight(c) < snd.mss;
  if (isFull) return "congestion-window";
  const limit = textLimit(c);
  const next = sendableNow(waiting, usable, limit, snd.maxWnd);
  if (waiting > 0 && next === 0) return "silly-window";
  const isSmall = waiting > 0 && next < limit && !c.sendClosed;
  if (!isSmall || !c.nagle.holds(snd.una)) return "nothing";
  return c.nagle.isCorked || c.nagle.moreFollows ? "cork" : "nagle";
}
