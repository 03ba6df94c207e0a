/**
 * How many ICMP errors may leave: RFC 1122 §3.2.2 and RFC 1812 §4.3.2.8, a duty in RFC 4443 §2.4 (f).
 *
 * Two limits, as in Linux: one token bucket for the host, and one for each destination. Whoever probes us
 * for open ports by spoofed packets must not learn how many tokens they used (CVE-2020-25705), so an error
 * costs 0, 1 or 2, one on average.
 */
import { below, type Random } from "../../base/random.ts";
import { type Duration, elapsed, type Instant, START_OF_TIME, seconds } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";
import { type AddressKey, addressKey } from "../address-key.ts";

export interface IcmpRateLimitOptions {
  /** Errors a second for the whole host, and how many of them at once. */
  readonly perSecond?: number;
  readonly burst?: number;
  /** The mean interval between errors to one destination, and how many of them at once. */
  readonly destinationInterval?: Duration;
  readonly destinationBurst?: number;
  /** Destinations remembered; beyond it the one that was answered longest ago is forgotten. */
  readonly destinations?: number;
  readonly random?: Random;
}

/** What one destination may still be sent: credit grows with time up to `burst` intervals. */
interface Destination {
  credit: Duration;
  at: Instant;
}

export class IcmpRateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #interval: Duration;
  readonly #destinationBurst: number;
  readonly #limit: number;
  readonly #random: Random | undefined;
  #tokens: number;
  #at: Instant = START_OF_TIME;
  /** In the order of last use. */
  readonly #destinations = new Map<AddressKey, Destination>();

  constructor(options: IcmpRateLimitOptions = {}) {
    this.#perSecond = options.perSecond ?? 1_000;
    this.#burst = options.burst ?? 50;
    this.#interval = options.destinationInterval ?? seconds(1);
    this.#destinationBurst = options.destinationBurst ?? 6;
    this.#limit = options.destinations ?? 4_096;
    this.#random = options.random;
    this.#tokens = this.#burst;
  }

  /** Whether an error may be sent to `destination` now; if so it is counted. */
  allow(destination: IpAddress, now: Instant): boolean {
    if (destination.isLoopback) return true;
    const gained = (Math.max(0, elapsed(this.#at, now)) * this.#perSecond) / seconds(1);
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#at = now;
    if (this.#tokens < 1 || !this.#allowDestination(destination, now)) return false;
    const cost = this.#random === undefined ? 1 : below(this.#random, 3);
    this.#tokens = Math.max(0, this.#tokens - cost);
    return true;
  }

  #allowDestination(destination: IpAddress, now: Instant): boolean {
    const key = addressKey(destination);
    const full = (this.#interval * this.#destinationBurst) as Duration;
    const held = this.#destinations.get(key);
    const credit = held === undefined ? full : Math.min(full, held.credit + elapsed(held.at, now));
    const allowed = credit >= this.#interval;
    const left = (allowed ? credit - this.#interval : credit) as Duration;
    this.#destinations.delete(key);
    this.#destinations.set(key, { credit: left, at: now });
    if (this.#destinations.size > this.#limit) this.#forgetOldest();
    return allowed;
  }

  #forgetOldest(): void {
    for (const key of this.#destinations.keys()) {
      this.#destinations.delete(key);
      return;
    }
  }
}
