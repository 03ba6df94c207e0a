/**
 * How long unacknowledged text goes out again before the connection is given up: R1 and R2 of RFC 9293 §3.8.3
 * (MUST-20), counted as Linux does; or the user timeout, RFC 5482 §3 (TCP_USER_TIMEOUT), in place of R2. Only
 * the local part of RFC 5482: the option is neither sent nor read.
 *
 * Both count from the first time that something went out again since the peer last acknowledged anything, and
 * they are looked at when a timer runs out: docs/decisions/user-timeout.md.
 */
import { numberAt, type Row } from "../../base/fold.ts";
import { type Duration, type Instant, milliseconds, NEVER } from "../../base/time.ts";

const NONE = 0 as Duration;
/** How soon after the device took nothing it is asked again. Linux: TCP_RESOURCE_PROBE_INTERVAL. */
export const REFUSED_INTERVAL = milliseconds(500);

export class UserTimeout {
  /** TCP_USER_TIMEOUT; 0: R2. */
  limit: Duration = NONE;
  /** Retransmission timeouts since the peer last acknowledged anything. */
  #timeouts = 0;
  #since: Instant = NEVER;
  /** All timeouts, the runs of them, and how long these took; the present run began at `#runSince`. */
  total = 0;
  runs = 0;
  #spent = 0;
  #runSince: Instant = NEVER;

  get timeouts(): number {
    return this.#timeouts;
  }

  timedOut(now: Instant): void {
    if (this.#timeouts === 0) {
      this.runs++;
      if (this.#runSince === NEVER) this.#runSince = now;
    }
    this.#timeouts++;
    this.total++;
  }

  /** How long the connection has waited for progress after timeouts. */
  spent(now: Instant): Duration {
    return (this.#spent + (this.#runSince === NEVER ? 0 : now - this.#runSince)) as Duration;
  }

  /** Something went out again, or would have, had the device taken it. */
  retransmitted(now: Instant): void {
    if (this.#since === NEVER) this.#since = now;
  }

  progressed(): void {
    this.#timeouts = 0;
    this.#since = NEVER;
  }

  /** What timeouts held for lost is repaired. */
  repaired(now: Instant): void {
    this.#spent = this.spent(now);
    this.#runSince = NEVER;
  }

  /** When the present run of retransmissions began; `otherwise` when nothing has gone out again yet. */
  since(otherwise: Instant): Instant {
    return this.#since === NEVER ? otherwise : this.#since;
  }

  /** Whether the connection is to be given up. @param r2 how long without a user timeout */
  isOver(now: Instant, r2: Duration): boolean {
    return this.hasLasted(this.limit > 0 ? this.limit : r2, now);
  }

  /** Whether the present run of retransmissions began so long ago. */
  hasLasted(duration: Duration, now: Instant): boolean {
    return this.#timeouts > 0 && now - this.#since >= duration;
  }

  /** A retransmission timeout, brought forward to the end of the user timeout. */
  clamp(timeout: Duration, now: Instant): Duration {
    return this.#timeouts === 0 ? timeout : this.clampFrom(this.#since, timeout, now);
  }

  /** Likewise for a time that counts from `since`; NEVER: it has not begun. */
  clampFrom(since: Instant, timeout: Duration, now: Instant): Duration {
    if (this.limit === 0 || since === NEVER) return timeout;
    return Math.min(timeout, Math.max(since + this.limit - now, 0)) as Duration;
  }

  /** Whether the user timeout, if there is one, has passed since `since`. */
  hasPassed(since: Instant, now: Instant): boolean {
    return this.limit > 0 && now - since >= this.limit;
  }

  fold(row: Row, at: number): number {
    row[at] = this.limit;
    row[at + 1] = this.#timeouts;
    row[at + 2] = this.#since;
    row[at + 3] = this.total;
    row[at + 4] = this.runs;
    row[at + 5] = this.#spent;
    row[at + 6] = this.#runSince;
    return at + 7;
  }

  unfold(row: Row, at: number): number {
    this.limit = numberAt(row, at);
    this.#timeouts = numberAt(row, at + 1);
    this.#since = numberAt(row, at + 2);
    this.total = numberAt(row, at + 3);
    this.runs = numberAt(row, at + 4);
    this.#spent = numberAt(row, at + 5);
    this.#runSince = numberAt(row, at + 6);
    return at + 7;
  }
}

interface RtoBounds {
  readonly minRto: Duration;
  readonly maxRto: Duration;
}

/** So many retransmissions as a time: Linux counts doublings from the least RTO, whatever the real one is. */
export function giveUpAfter(retries: number, { minRto, maxRto }: RtoBounds): Duration {
  let total = 0;
  let timeout: number = minRto;
  for (let i = 0; i <= retries; i++) {
    total += timeout;
    timeout = Math.min(timeout * 2, maxRto);
  }
  return total as Duration;
}
