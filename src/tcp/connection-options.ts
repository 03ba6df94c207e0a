/**
 * What a user may change on a living connection: the TCP_* and SO_* options that touch more than one part,
 * each a function. A conductor, like input/ and output: it may name two parts of the connection.
 */
import type { TcpConnection } from "./tcp-connection.ts";

/** SO_SNDBUF, in bytes: what waits beyond a smaller limit stays. */
export function setSendBuffer(c: TcpConnection, bytes: number): void {
  c.sendBuffer.limit = bytes;
}

/** SO_RCVBUF, in bytes of window: a window that was told is never taken back (RFC 9293 §3.8.6, SHLD-14). */
export function setReceiveBuffer(c: TcpConnection, bytes: number): void {
  c.receiveBuffer.limit = bytes;
}
