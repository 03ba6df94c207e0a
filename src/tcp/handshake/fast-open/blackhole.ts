/**
 * Middleboxes that let a SYN with Fast Open pass and then lose what follows: RFC 7413 §7.1. The client cannot
 * tell which path has one, so after a suspicion it leaves Fast Open alone altogether for a while: first for
 * `tcp_fastopen_blackhole_timeout_sec`, twice as long each time it happens again, at most 64 times as long.
 * A connection that got its data through after a pause ends the suspicion.
 */
import type { Duration, Instant } from "../../../base/time.ts";

const MOST_DOUBLINGS = 6;

export class BlackholeWatch {
  #times = 0;
  #since = 0 as Instant;

  /** Something has happened that such a middlebox explains. */
  suspected(now: Instant): void {
    this.#times++;
    this.#since = now;
  }

  /** There was a suspicion that nothing has refuted yet. */
  get isSuspicious(): boolean {
    return this.#times > 0;
  }

  /** @param pause how long the first one is */
  isPaused(now: Instant, pause: Duration): boolean {
    if (this.#times === 0 || pause === 0) return false;
    return now - this.#since < pause * 2 ** Math.min(this.#times - 1, MOST_DOUBLINGS);
  }

  refuted(): void {
    this.#times = 0;
  }
}
