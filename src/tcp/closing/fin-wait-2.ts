/**
 * How long a connection that nobody reads from any more waits for the peer's FIN. RFC 9293 §3.6 would have it
 * wait for ever; Linux's tcp_fin_timeout and TCP_LINGER2 end it, but not before a lost FIN could have been
 * sent again.
 */
import type { Duration, Instant } from "../../base/time.ts";
import type { TcpConnection } from "../tcp-connection.ts";

/** TCP_LINGER2 below 0: no waiting, the peer gets RST. */
export const NO_FIN_WAIT = -1 as Duration;

export function finWait2Time(configured: Duration, rto: Duration): Duration {
  return Math.max(configured, 3.5 * rto) as Duration;
}

/** It is there, and its user is gone. */
export function armFinWait2(c: TcpConnection): void {
  c.timers.finWait2 = (c.now + finWait2Time(c.finWait, c.rto.value)) as Instant;
  c.owner.pumpLater(c);
}
