/**
 * The persist timer: probes of a window too small to send into. RFC 9293 §3.8.6.1 (MUST-35, MUST-36, SHLD-29,
 * SHLD-30). What a probe looks like is Linux's: docs/decisions/window-probe.md.
 */
import { numberAt, type Row } from "../../base/fold.ts";
import { type Duration, type Instant, NEVER } from "../../base/time.ts";

export class Persist {
  /** Probes sent since the window closed. */
  #backoff = 0;
  /** Probes sent since the peer last said anything. */
  #unanswered = 0;
  /** When the first probe of this closed window was due. */
  #since: Instant = NEVER;

  get unanswered(): number {
    return this.#unanswered;
  }

  get backoff(): number {
    return this.#backoff;
  }

  get since(): Instant {
    return this.#since;
  }

  /** From now to the next probe: the retransmission timeout, doubled by each probe. */
  delay(rto: Duration, maxRto: Duration): Duration {
    return Math.min(rto * 2 ** Math.min(this.#backoff, 16), maxRto) as Duration;
  }

  /** The timer has run out. */
  expired(now: Instant): void {
    if (this.#since === NEVER) this.#since = now;
  }

  probed(): void {
    this.#backoff++;
    this.#unanswered++;
  }

  /** The device did not take the probe: that says nothing about the peer. */
  refused(): void {
    this.#unanswered++;
  }

  /** The peer answered; as long as it does, probing goes on for ever (MUST-37). */
  answered(): void {
    this.#unanswered = 0;
  }

  /** The window is open again. */
  opened(): void {
    this.#backoff = 0;
    this.#unanswered = 0;
    this.#since = NEVER;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#backoff;
    row[at + 1] = this.#unanswered;
    row[at + 2] = this.#since;
    return at + 3;
  }

  unfold(row: Row, at: number): number {
    this.#backoff = numberAt(row, at);
    this.#unanswered = numberAt(row, at + 1);
    this.#since = numberAt(row, at + 2);
    return at + 3;
  }
}
