/**
 * How a connection ends: by ABORT (RFC 9293 §3.10.5), by reaching CLOSED in whatever way, or by living on as
 * a TIME-WAIT record.
 */
import type { ErrorCode } from "../../base/errors.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import { isSynchronized, type StateCause } from "../states.ts";
import type { TcpConnection } from "../tcp-connection.ts";

/** The peer gets RST; everything waiting is lost. */
export function abort(c: TcpConnection, error: ErrorCode | undefined, cause: StateCause): void {
  if (c.isOver) return;
  if (owesReset(c)) c.owner.reset(c);
  c.receiveBuffer.discard();
  enterClosed(c, error, cause);
}

/** Not before the peer knows of us, nor once both FINs have been sent: §3.10.5. */
function owesReset({ state, finSent }: TcpConnection): boolean {
  if (state === "CLOSING" || state === "LAST-ACK") return !finSent;
  return isSynchronized(state);
}

/** With an error or without, the user hears which (§3.6, MUST-12). */
export function enterClosed(c: TcpConnection, error: ErrorCode | undefined, cause: StateCause): void {
  const from = c.state;
  if (from === "CLOSED") return;
  c.error = error;
  c.moveTo("CLOSED", cause);
  finish(c);
  c.owner.ended(c, from);
}

/** What CLOSED and TIME-WAIT have in common: no timers, nothing to send. Text not read stays readable. */
export function finish(c: TcpConnection): void {
  c.endedAt = c.now;
  if (c.isOrphan) c.owner.orphans.remove();
  c.isOrphan = false;
  if (c.fastOpen?.role === "server") c.fastOpen.done();
  c.timers.stopAll();
  c.sendBuffer.clear();
  c.writeQueue.clear();
  c.queue.clear();
  c.busyTime.allDone(c.now);
  c.raise(CONNECTION_EVENT.closed);
}
