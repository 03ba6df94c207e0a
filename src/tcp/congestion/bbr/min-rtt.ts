/**
 * BBR.min_rtt and when it has to be measured again: draft-ietf-ccwg-bbr §5.3.4.3. The smallest round trip of
 * ten seconds; after five without a smaller one the queue is emptied for a moment, to see whether it is still
 * right.
 */
import { type Duration, type Instant, seconds } from "../../../base/time.ts";

const FILTER_LENGTH = seconds(10);
const PROBE_INTERVAL = seconds(5);
const NONE = Number.POSITIVE_INFINITY as Duration;

export class MinRtt {
  #value = NONE;
  #measuredAt: Instant;
  /** The smallest of the last five seconds. */
  #recent = NONE;
  #recentAt: Instant;
  #isExpired = false;

  constructor(now: Instant) {
    this.#measuredAt = now;
    this.#recentAt = now;
  }

  /** Infinite before the first sample. */
  get value(): Duration {
    return this.#value;
  }

  /** It is time to look again, by a pause of the user's or by ProbeRTT. */
  get isExpired(): boolean {
    return this.#isExpired;
  }

  /** @param rtt 0: the acknowledgment gave none. */
  update(rtt: Duration, now: Instant): void {
    this.#isExpired = now > this.#recentAt + PROBE_INTERVAL;
    if (rtt > 0 && (rtt < this.#recent || this.#isExpired)) {
      this.#recent = rtt;
      this.#recentAt = now;
    }
    if (this.#recent < this.#value || now > this.#measuredAt + FILTER_LENGTH) {
      this.#value = this.#recent;
      this.#measuredAt = this.#recentAt;
    }
  }

  /** ProbeRTT is over: the next one is five seconds away. */
  probed(now: Instant): void {
    this.#recentAt = now;
  }
}
