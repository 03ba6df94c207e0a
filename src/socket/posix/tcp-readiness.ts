/** What poll, select and epoll see of a TCP socket in each state: Linux's tcp_poll. */

import { isWritable } from "../../tcp/write.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRNORM,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  SOL_SOCKET,
} from "./constants.ts";
import { SO_OOBINLINE, SO_RCVLOWAT } from "./option-names.ts";
import { isDeferred } from "./tcp-fast-open.ts";
import type { TcpSocket } from "./tcp-socket.ts";

export function pollTcp(socket: TcpSocket): number {
  const { listening, state, shut } = socket;
  if (listening !== undefined) return listening.waiting > 0 ? POLLIN | POLLRDNORM : 0;
  let mask = 0;
  if (shut === SHUTDOWN_MASK || state === "CLOSED") mask |= POLLHUP;
  if ((shut & RCV_SHUTDOWN) !== 0) mask |= POLLIN | POLLRDNORM | POLLRDHUP;
  // The first write sends the SYN.
  if (isDeferred(socket)) mask |= POLLOUT | POLLWRNORM;
  const isOpening = state === "SYN-SENT" || state === "SYN-RECEIVED";
  if (!isOpening || socket.connection?.isFastOpenRequest === true) {
    if (hasEnoughToRead(socket)) mask |= POLLIN | POLLRDNORM;
    if ((shut & SEND_SHUTDOWN) !== 0 || mayWrite(socket)) mask |= POLLOUT | POLLWRNORM;
    if (socket.urgent?.isReadable === true) mask |= POLLPRI;
  }
  if (socket.pendingError !== undefined || socket.errors.length > 0) mask |= POLLERR;
  return mask;
}

/** Linux's tcp_stream_is_readable: SO_RCVLOWAT's worth, or a window that is as good as closed. */
export function hasEnoughToRead(socket: TcpSocket): boolean {
  const { connection, urgent, options } = socket;
  if (connection === undefined || connection.readable === 0) return false;
  const atUrgent = urgent?.distance === 0 && !options.isSet(SOL_SOCKET, SO_OOBINLINE);
  if (connection.readable >= lowWater(socket) + (atUrgent ? 1 : 0)) return true;
  return !atUrgent && connection.tcb.receiveWindow <= connection.receiveMss.value;
}

export function lowWater(socket: TcpSocket): number {
  return socket.connection?.receiveLowWater ?? socket.options.get(SOL_SOCKET, SO_RCVLOWAT) ?? 1;
}

/** A socket that is not writable wants to be told when it is: SOCK_NOSPACE. */
export function mayWrite({ connection }: TcpSocket): boolean {
  if (connection === undefined || connection.isOver || isWritable(connection)) return true;
  connection.wantsWritable = true;
  return false;
}
