/**
 * The smallest round trip of the last minutes: RFC 8985 §6.2 step 1 (RACK.min_RTT), for which RFC 8985 asks
 * for a windowed filter. The best three samples, each later than the one before, in the way of Kathleen
 * Nichols: constant memory, exact as long as the minimum is steady.
 */
import { numberAt, optionalAt, type Row, UNKNOWN } from "../../base/fold.ts";
import type { Duration, Instant } from "../../base/time.ts";

const NONE = Number.POSITIVE_INFINITY as Duration;

export class MinRtt {
  readonly #window: Duration;
  #best = NONE;
  #second = NONE;
  #third = NONE;
  #bestAt = 0 as Instant;
  #secondAt = 0 as Instant;
  #thirdAt = 0 as Instant;

  constructor(window: Duration) {
    this.#window = window;
  }

  /** Infinite before the first sample. */
  get value(): Duration {
    return this.#best;
  }

  sample(rtt: Duration, now: Instant): void {
    if (rtt <= this.#best || now - this.#thirdAt > this.#window) {
      this.#startAt(rtt, now);
      return;
    }
    if (rtt <= this.#second) {
      this.#setSecond(rtt, now);
      this.#setThird(rtt, now);
    } else if (rtt <= this.#third) {
      this.#setThird(rtt, now);
    }
    this.#forget(rtt, now);
  }

  /** The best has grown too old, or the next ones are not spread over the window. */
  #forget(rtt: Duration, now: Instant): void {
    const age = now - this.#bestAt;
    if (age > this.#window) {
      this.#setBest(this.#second, this.#secondAt);
      this.#setSecond(this.#third, this.#thirdAt);
      this.#setThird(rtt, now);
      if (now - this.#bestAt > this.#window) {
        this.#setBest(this.#second, this.#secondAt);
        this.#setSecond(this.#third, this.#thirdAt);
      }
    } else if (this.#secondAt === this.#bestAt && age > this.#window / 4) {
      this.#setSecond(rtt, now);
      this.#setThird(rtt, now);
    } else if (this.#thirdAt === this.#secondAt && age > this.#window / 2) {
      this.#setThird(rtt, now);
    }
  }

  #startAt(rtt: Duration, now: Instant): void {
    this.#setBest(rtt, now);
    this.#setSecond(rtt, now);
    this.#setThird(rtt, now);
  }

  #setBest(rtt: Duration, at: Instant): void {
    this.#best = rtt;
    this.#bestAt = at;
  }

  #setSecond(rtt: Duration, at: Instant): void {
    this.#second = rtt;
    this.#secondAt = at;
  }

  #setThird(rtt: Duration, at: Instant): void {
    this.#third = rtt;
    this.#thirdAt = at;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#best;
    row[at + 1] = this.#bestAt;
    row[at + 2] = this.#second === this.#best ? UNKNOWN : this.#second;
    row[at + 3] = this.#secondAt === this.#bestAt ? UNKNOWN : this.#secondAt;
    row[at + 4] = this.#third === this.#second ? UNKNOWN : this.#third;
    row[at + 5] = this.#thirdAt === this.#secondAt ? UNKNOWN : this.#thirdAt;
    return at + 6;
  }

  unfold(row: Row, at: number): number {
    this.#best = numberAt(row, at);
    this.#bestAt = numberAt(row, at + 1);
    this.#second = optionalAt(row, at + 2) ?? this.#best;
    this.#secondAt = optionalAt(row, at + 3) ?? this.#bestAt;
    this.#third = optionalAt(row, at + 4) ?? this.#second;
    this.#thirdAt = optionalAt(row, at + 5) ?? this.#secondAt;
    return at + 6;
  }
}
