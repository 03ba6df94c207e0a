/**
 * The user is gone: nothing more to send, and nobody to read. What was not read is answered with RST (RFC
 * 9293 §3.6.1, MAY-1), else the connection closes in order, as an orphan, and does not wait in FIN-WAIT-2 for
 * ever.
 */
import { isSynchronized } from "../states.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { close } from "./close.ts";
import { abort, enterClosed } from "./end.ts";
import { armFinWait2, NO_FIN_WAIT } from "./fin-wait-2.ts";

export function release(c: TcpConnection): void {
  if (c.released) return;
  c.released = true;
  c.refusesText = true;
  if (c.isOver) return;
  if (c.receiveBuffer.readable > 0) {
    resetUnread(c);
    return;
  }
  close(c);
  if (c.isOver) return;
  c.isOrphan = true;
  const isRoom = c.owner.orphans.add(c.config.orphanLimit);
  const isWaiting = c.state === "FIN-WAIT-2";
  if (!isRoom) abort(c, undefined, "too many without a user");
  else if (isWaiting && c.finWait === NO_FIN_WAIT) abort(c, undefined, "no waiting in FIN-WAIT-2");
  else if (isWaiting) armFinWait2(c);
}

/** Even where an ABORT would be silent: the peer has not heard that its text is lost. */
function resetUnread(c: TcpConnection): void {
  if (isSynchronized(c.state)) c.owner.reset(c);
  c.receiveBuffer.discard();
  enterClosed(c, undefined, "CLOSE with text unread, RST sent");
}
