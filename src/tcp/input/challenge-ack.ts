/**
 * Answers to segments that do not fit: RFC 5961 §7 (challenge ACKs, and their limit), RFC 9293 §3.10.7.4 (an
 * unacceptable segment is acknowledged). Two limits keep two confused hosts from talking for ever: a
 * connection answers bare segments at most twice a second, a host challenges so many times a second.
 */
import type { Instant } from "../../base/time.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";

const SECOND = 1_000_000; // µs

/** The host's share of the limit. */
export class ChallengeBudget {
  readonly #perSecond: number;
  #second = -1;
  #left = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  take(now: Instant): boolean {
    const second = Math.floor(now / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = this.#perSecond;
    }
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }
}

/** Whoever sent this may be a stranger: the true peer will know what to do with an ACK. */
export function challenge(c: TcpConnection): void {
  if (c.now - c.invalidAckAt < c.config.invalidAckInterval) return;
  if (!c.owner.challengeBudget.take(c.now)) return;
  c.invalidAckAt = c.now;
  c.owner.context.counters.challengeAcks++;
  c.delayedAck.atOnce();
}

/**
 * An unacceptable segment is answered with where we are. Text cannot be part of an ACK loop, so it always is.
 */
export function answerInvalid(c: TcpConnection, segment: Segment): void {
  const bare = segment.textLength === 0 || segment.isSyn;
  if (bare && c.now - c.invalidAckAt < c.config.invalidAckInterval) return;
  if (bare) c.invalidAckAt = c.now;
  c.delayedAck.atOnce();
}
