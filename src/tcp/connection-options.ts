/**
 * What a user may change on a living connection: the TCP_* and SO_* options that touch more than one part,
 * each a function. A conductor, like input/ and output: it may name two parts of the connection.
 */
import type { Duration } from "../base/time.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/**
 * TCP_QUICKACK: 0 lets acknowledgments wait for company from now on. 1 does not, and an even number only this
 * once: what waits goes out if the user has read it, or if it is more than a segment.
 */
export function setQuickAck(c: TcpConnection, value: number): void {
  const { quick } = c.delayedAck;
  if (value === 0) {
    quick.beginInteractive();
    return;
  }
  quick.endInteractive();
  const isOpen = c.state === "ESTABLISHED" || c.state === "CLOSE-WAIT";
  if (!isOpen || !c.delayedAck.isOwed) return;
  const isLong = c.unacknowledgedText > c.receiveMss.value;
  if (isLong || c.receiveBuffer.readable === 0) c.delayedAck.atOnce();
  if (value % 2 === 0) quick.beginInteractive();
  c.owner.pumpLater(c);
}

/** TCP_DELACK_MAX_US. */
export function setLongestAckDelay(c: TcpConnection, delay: Duration): void {
  c.delayedAck.longest = delay;
}

/** SO_SNDBUF, in bytes: what waits beyond a smaller limit stays. */
export function setSendBuffer(c: TcpConnection, bytes: number): void {
  c.sendBuffer.limit = bytes;
}

/** SO_RCVBUF, in bytes of window: a window that was told is never taken back (RFC 9293 §3.8.6, SHLD-14). */
export function setReceiveBuffer(c: TcpConnection, bytes: number): void {
  c.receiveBuffer.limit = bytes;
}
