/**
 * What a connection tells its socket: who waits is woken, for what has become possible. Linux's
 * sk_state_change, sk_data_ready, sk_write_space and sk_error_report.
 */
import { CONNECTION_EVENT } from "../../tcp/connection-events.ts";
import { SOL_SOCKET, WAKE_ALL, WAKE_ERROR, WAKE_READABLE, WAKE_WRITABLE } from "./constants.ts";
import { SO_OOBINLINE } from "./option-names.ts";
import { takeIcmpError } from "./tcp-icmp-errors.ts";
import { hasEnoughToRead, mayWrite } from "./tcp-readiness.ts";
import type { TcpSocket } from "./tcp-socket.ts";

/** @param events CONNECTION_EVENT's bits */
export function connectionHappened(socket: TcpSocket, events: number): void {
  const { connected, readable, writable, peerClosed, closed, urgent, troubled, stamped } = CONNECTION_EVENT;
  socket.settle();
  if ((events & stamped) !== 0) socket.notes.stamped();
  if ((events & troubled) !== 0) troubleCame(socket);
  if ((events & urgent) !== 0) urgentArrived(socket);
  let key = 0;
  if ((events & readable) !== 0 && (hasEnoughToRead(socket) || socket.isDone)) key |= WAKE_READABLE;
  if (socket.urgent?.takeNews() === true) key |= WAKE_READABLE;
  if ((events & writable) !== 0 && mayWrite(socket)) key |= WAKE_WRITABLE;
  const isFinNews = finNews(socket);
  if ((events & closed) !== 0 && socket.pendingError !== undefined) key |= WAKE_ERROR;
  if (isFinNews || (events & (connected | peerClosed | closed)) !== 0) socket.waiters.wake(WAKE_ALL);
  else if (key !== 0) socket.waiters.wake(key);
  if (socket.isReleased && (events & closed) !== 0) socket.abandon();
}

export function urgentArrived(socket: TcpSocket): void {
  socket.urgent?.arrived(socket.options.isSet(SOL_SOCKET, SO_OOBINLINE));
}

/**
 * The acknowledgment of our FIN is a change of state; the one that empties the send buffer is told as room.
 */
function finNews(socket: TcpSocket): boolean {
  const { connection } = socket;
  if (connection === undefined || socket.finIsTold || !connection.sendClosed) return false;
  socket.finIsTold = connection.finAcknowledged;
  connection.wantsWritable = true;
  return socket.finIsTold;
}

function troubleCame(socket: TcpSocket): void {
  if (socket.connection !== undefined) takeIcmpError(socket, socket.connection);
  socket.waiters.wake(WAKE_ERROR);
}
