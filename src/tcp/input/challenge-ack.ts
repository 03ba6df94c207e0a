/**
 * Answers to segments that do not fit: RFC 5961 §7 (challenge ACKs, and their limit), RFC 9293 §3.10.7.4 (an
 * unacceptable segment is acknowledged). Two limits keep two confused hosts from talking for ever: a
 * connection answers bare segments at most twice a second, a host challenges so many times a second.
 */
import { below, type Random } from "../../base/random.ts";
import type { Instant } from "../../base/time.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { SkippedAck } from "../tcp-counters.ts";

const SECOND = 1_000_000; // µs
/** INT_MAX, Linux's default: the limits of the connections are enough. */
const NO_LIMIT = 0x7fff_ffff;

/**
 * The host's share of the limit. What one connection uses up another one misses, so a stranger could find out
 * whether his guesses about somebody's connection are right, if the number were known (CVE-2016-5696): it is
 * drawn anew each second, between a half and one and a half of the limit.
 */
export class ChallengeBudget {
  readonly #random: Random;
  #second = -1;
  #left = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  take(now: Instant, limit: number): boolean {
    if (limit >= NO_LIMIT) return true;
    const second = Math.floor(now / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = ((limit + 1) >> 1) + below(this.#random, limit);
    }
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }
}

/** Whoever sent this may be a stranger: the true peer will know what to do with an ACK. */
export function challenge(c: TcpConnection): void {
  const { challengeBudget, context } = c.owner;
  if (!mayAnswer(c, "skippedChallenge")) return;
  if (!challengeBudget.take(c.now, context.config.challengeAckLimit)) return;
  context.counters.challengeAcks++;
  c.delayedAck.atOnce("challenge-ack");
}

/** What has text or FIN cannot be part of an ACK loop: it is always answered. */
export function mayLoop(segment: Segment): boolean {
  return segment.isSyn || segment.length === 0;
}

/** An unacceptable segment is answered with where we are; a SYN is challenged (RFC 5961 §4.2). */
export function answerInvalid(c: TcpConnection, segment: Segment, kind: SkippedAck): void {
  if (segment.isSyn) {
    c.owner.context.counters.synChallenges++;
    challenge(c);
  } else if (!mayLoop(segment) || mayAnswer(c, kind)) {
    c.delayedAck.atOnce();
  }
}

/** One limit for whatever a connection answers: net.ipv4.tcp_invalid_ratelimit. */
export function mayAnswer(c: TcpConnection, kind: SkippedAck): boolean {
  if (c.now - c.invalidAckAt < c.config.invalidAckInterval) {
    c.owner.context.counters[kind]++;
    return false;
  }
  c.invalidAckAt = c.now;
  return true;
}
