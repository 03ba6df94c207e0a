/**
 * Keepalive: RFC 9293 §3.8.4 (MAY-5), for who asks for it (MUST-24, MUST-25): after a silence (MUST-26)
 * of two hours or as configured (MUST-27, MUST-28), probes without text (SHLD-12); after several unanswered
 * ones (MUST-29), the end.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { type Duration, type Instant, NEVER } from "../../base/time.ts";

export interface KeepaliveConfig {
  readonly keepalive: boolean;
  readonly keepaliveTime: Duration;
  readonly keepaliveInterval: Duration;
  readonly keepaliveProbes: number;
}

export class Keepalive {
  enabled: boolean;
  /** SO_KEEPALIVE's three numbers: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT. */
  idle: Duration;
  interval: Duration;
  limit: number;
  #probes = 0;

  constructor(config: KeepaliveConfig) {
    this.enabled = config.keepalive;
    this.idle = config.keepaliveTime;
    this.interval = config.keepaliveInterval;
    this.limit = config.keepaliveProbes;
  }

  /** When the timer is due next. */
  deadline(lastHeard: Instant, now: Instant): Instant {
    if (!this.enabled) return NEVER;
    if (this.#probes > 0) return (now + this.interval) as Instant;
    return Math.max(lastHeard + this.idle, now) as Instant;
  }

  /**
   * Whether the peer is taken for gone: after so many probes, or with a user timeout after so long a silence,
   * however many probes that were.
   */
  isExhausted(silence: Duration, userTimeout: Duration): boolean {
    if (userTimeout > 0) return this.#probes > 0 && silence >= userTimeout;
    return this.#probes >= this.limit;
  }

  get probes(): number {
    return this.#probes;
  }

  probed(): void {
    this.#probes++;
  }

  /** The peer said something. */
  heard(): void {
    this.#probes = 0;
  }

  fold(row: Row, at: number): number {
    row[at] = this.enabled ? 1 : 0;
    row[at + 1] = this.idle;
    row[at + 2] = this.interval;
    row[at + 3] = this.limit;
    row[at + 4] = this.#probes;
    return at + 5;
  }

  unfold(row: Row, at: number): number {
    this.enabled = flagAt(row, at);
    this.idle = numberAt(row, at + 1);
    this.interval = numberAt(row, at + 2);
    this.limit = numberAt(row, at + 3);
    this.#probes = numberAt(row, at + 4);
    return at + 5;
  }
}
