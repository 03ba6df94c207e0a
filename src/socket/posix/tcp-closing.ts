/**
 * The two ways to end a TCP socket: shutdown (Linux's inet_shutdown) and close (__tcp_close), with SO_LINGER.
 */
import { seconds } from "../../base/time.ts";
import { shutReceive } from "../../tcp/connection-options.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK, WAKE_ALL } from "./constants.ts";
import { attemptOrSleep } from "./sleep.ts";
import { fail, OK, type SysOutcome, type SysResult } from "./sys-result.ts";
import type { TcpSocket } from "./tcp-socket.ts";

/** @param how SHUT_RD, SHUT_WR or SHUT_RDWR */
export function shutdownTcp(socket: TcpSocket, how: number): SysResult {
  if (how < 0 || how > 2) return fail("EINVAL");
  const mask = how + 1;
  socket.settle();
  const { state } = socket;
  if (socket.phase === "connecting") {
    const isAttempt = state === "SYN-SENT" || state === "SYN-RECEIVED" || state === "CLOSED";
    socket.phase = isAttempt ? "disconnecting" : "connected";
  }
  if (state === "SYN-SENT" || (state === "LISTEN" && (mask & RCV_SHUTDOWN) !== 0)) {
    socket.disconnect();
    return OK;
  }
  if (state === "LISTEN") {
    socket.waiters.wake(WAKE_ALL);
    return OK;
  }
  socket.shutdownMask |= mask;
  const { connection } = socket;
  if (connection !== undefined && (mask & SEND_SHUTDOWN) !== 0) {
    connection.close();
    connection.wantsWritable = true;
  }
  if (connection !== undefined && socket.shutdownMask === SHUTDOWN_MASK) shutReceive(connection);
  socket.waiters.wake(WAKE_ALL);
  return state === "CLOSED" ? fail("ENOTCONN") : OK;
}

/** The last descriptor is closed. Answers later if SO_LINGER says to wait for the end. */
export function releaseTcp(socket: TcpSocket): SysOutcome {
  socket.settle();
  socket.stopListening();
  const { connection } = socket;
  if (connection === undefined || connection.isOver) {
    socket.abandon();
    return OK;
  }
  const { on, seconds: time } = socket.linger;
  if (connection.readable > 0) connection.release();
  else if (on && time === 0) socket.abortConnection(connection);
  else connection.release();
  socket.abandon();
  return on && time > 0 ? lingering(socket, connection, time) : OK;
}

/** Until the peer has acknowledged our FIN, or the time is over; O_NONBLOCK does not count here. */
function lingering(socket: TcpSocket, connection: TcpConnection, time: number): SysOutcome {
  const attempt = (): SysResult | undefined => (waitsForAck(connection) ? undefined : OK);
  return attemptOrSleep({
    scheduler: socket.context.scheduler,
    files: [socket],
    attempt,
    timeout: seconds(time),
    expired: () => OK,
    survivesClose: true,
  });
}

function waitsForAck(connection: TcpConnection): boolean {
  const { state } = connection;
  // The acknowledgment that empties the send buffer is told to who waits for room.
  connection.wantsWritable = true;
  return state === "FIN-WAIT-1" || state === "CLOSING" || state === "LAST-ACK";
}
