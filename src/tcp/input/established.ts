/**
 * What both ways into ESTABLISHED have in common: from SYN-SENT (§3.10.7.3) and from SYN-RECEIVED
 * (§3.10.7.4).
 */
import { NEVER, seconds } from "../../base/time.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { prepareSendBuffer } from "../write.ts";
import { openState } from "./congestion-state.ts";

/** RFC 6298 §5.7: the timeout after a handshake whose SYN was lost. */
const FALLBACK_RTO = seconds(3);

/** The peer has acknowledged our SYN. */
export function established(c: TcpConnection, segment: Segment): void {
  const { snd } = c.tcb;
  if (c.queue.first !== undefined && c.queue.first.transmissions > 1) {
    c.rto.fallBack(FALLBACK_RTO);
    // RFC 6928 §2: after a lost SYN the initial window is one segment. Linux forgives the first loss.
    if (c.queue.first.transmissions > 2 && !wasFirstSyn(c, segment)) c.congestion.onTimeout(false, 0, c.now);
  }
  snd.wnd = segment.windowIn(snd.wscale);
  snd.maxWnd = snd.wnd;
  snd.wl1 = segment.seq;
  snd.wl2 = segment.ack;
  c.moveTo("ESTABLISHED", c.state === "SYN-SENT" ? "SYN-ACK received, ACK sent" : "ACK of our SYN received");
  prepareSendBuffer(c);
  openState(c);
  c.forwardRto.ended();
  c.undo.ended();
  c.undo.settled();
  if (c.sendClosed) c.moveTo("FIN-WAIT-1", "CLOSE, FIN sent");
  c.raise(CONNECTION_EVENT.connected | CONNECTION_EVENT.writable);
  if (c.fastOpen?.role === "server") c.fastOpen.done();
  else if (c.listener !== undefined) c.owner.acceptable(c, c.listener);
}

/** RFC 3522 §3.2: the peer answers the SYN that was sent first, so that the timeouts were spurious. */
function wasFirstSyn(c: TcpConnection, segment: Segment): boolean {
  if (!c.timestamps.enabled || !segment.options.hasTimestamps || c.undo.retransmittedAt === NEVER)
    return false;
  return c.undo.originalWasAcknowledged(segment.options.timestampEcho);
}
