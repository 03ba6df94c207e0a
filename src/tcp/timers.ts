/**
 * The timers of one connection, as plain numbers; `NEVER` is not armed. The connection's one entry in the
 * host's timer queue follows the earliest of them (base/timers).
 */
import { type Instant, NEVER } from "../base/time.ts";

export class ConnectionTimers {
  /** RFC 6298 §5: retransmission. */
  retransmit: Instant = NEVER;
  /** RFC 8985 §7.2: the tail loss probe, always before `retransmit`. */
  tailLossProbe: Instant = NEVER;
  /** RFC 8985 §6.2 step 5: segments that may only be reordered are lost by then. */
  reordering: Instant = NEVER;
  /** RFC 9293 §3.8.6.1: the window probe. */
  persist: Instant = NEVER;
  /** RFC 9293 §3.8.6.3. */
  delayedAck: Instant = NEVER;
  /** Duplicate ACKs that wait for each other: receive/sack-compression. */
  compressedAck: Instant = NEVER;
  /** RFC 9293 §3.8.4. */
  keepalive: Instant = NEVER;
  /** The next unit of text leaves: send/pacing.ts. */
  pacing: Instant = NEVER;
  /** The end of waiting in FIN-WAIT-2 after the user has gone. */
  finWait2: Instant = NEVER;

  get earliest(): Instant {
    return Math.min(this.earliestButKeepalive, this.keepalive) as Instant;
  }

  /** Whether there is more to wait for than that the peer stays silent. */
  get isAnyArmedButKeepalive(): boolean {
    return this.earliestButKeepalive !== NEVER;
  }

  private get earliestButKeepalive(): Instant {
    return Math.min(
      this.retransmit,
      this.tailLossProbe,
      this.reordering,
      this.persist,
      this.delayedAck,
      this.compressedAck,
      this.pacing,
      this.finWait2,
    ) as Instant;
  }

  stopAll(): void {
    this.retransmit = NEVER;
    this.tailLossProbe = NEVER;
    this.reordering = NEVER;
    this.persist = NEVER;
    this.delayedAck = NEVER;
    this.compressedAck = NEVER;
    this.keepalive = NEVER;
    this.pacing = NEVER;
    this.finWait2 = NEVER;
  }
}
