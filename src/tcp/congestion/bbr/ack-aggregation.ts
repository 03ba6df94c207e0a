/**
 * BBR.extra_acked: how much more than expected is acknowledged at once, because receivers and links gather
 * what they pass on. draft-ietf-ccwg-bbr §5.5.9. So much more has to be in flight to keep sending meanwhile.
 */
import type { Instant } from "../../../base/time.ts";
import { WindowedMax } from "./windowed-max.ts";

/** In round trips. */
const FILTER_LENGTH = 10;
const SECOND = 1_000_000; // µs

export class AckAggregation {
  readonly #filter = new WindowedMax();
  #startedAt: Instant;
  #delivered = 0;

  constructor(now: Instant) {
    this.#startedAt = now;
  }

  /** In bytes. */
  get extra(): number {
    return this.#filter.value;
  }

  /** Nothing was expected while nothing was in flight. */
  restart(now: Instant): void {
    this.#startedAt = now;
    this.#delivered = 0;
  }

  /** @param most The window: more than that cannot be extra. */
  update(acked: number, bandwidth: number, most: number, now: Instant, round: number, isFull: boolean): void {
    let expected = (bandwidth * (now - this.#startedAt)) / SECOND;
    if (this.#delivered <= expected) {
      this.restart(now);
      expected = 0;
    }
    this.#delivered += acked;
    const extra = Math.min(this.#delivered - expected, most);
    this.#filter.update(extra, round, isFull ? FILTER_LENGTH : 1);
  }
}
