/**
 * The retransmission timeout: RFC 6298 §2 and §5. The lower bound is Linux's 200 ms, not the RFC's 1 s, and
 * bounds the variance's part rather than the whole: docs/decisions/min-rto.md.
 */
import type { Duration } from "../../base/time.ts";

export interface RtoBounds {
  readonly initialRto: Duration;
  readonly minRto: Duration;
  readonly maxRto: Duration;
}

export class Rto {
  readonly #bounds: RtoBounds;
  #base: Duration;
  #backoff = 0;

  constructor(bounds: RtoBounds) {
    this.#bounds = bounds;
    this.#base = bounds.initialRto;
  }

  /** The timeout now, backoff included. */
  get value(): Duration {
    return Math.min(this.#base * 2 ** Math.min(this.#backoff, 30), this.#bounds.maxRto) as Duration;
  }

  /** Timeouts since forward progress was last made. */
  get backoff(): number {
    return this.#backoff;
  }

  /** §2.3: RTO = SRTT + max(G, 4·RTTVAR). A fresh sample also ends any backoff. */
  measured(srtt: Duration, rttvar: Duration): void {
    this.#base = Math.round(
      Math.min(srtt + Math.max(this.#bounds.minRto, 4 * rttvar), this.#bounds.maxRto),
    ) as Duration;
    this.#backoff = 0;
  }

  /** §5.7: what holds after a handshake whose SYN was lost, until the first sample. */
  fallBack(timeout: Duration): void {
    this.#base = timeout;
    this.#backoff = 0;
  }

  /** §5.5: back off the timer. */
  expired(): void {
    this.#backoff++;
  }

  /** The device took nothing of what the timeout would have sent. */
  refused(): void {
    this.#backoff = Math.max(0, this.#backoff - 1);
  }

  /** New data was acknowledged without a sample: the backoff ends, the estimate stays. */
  progressed(): void {
    this.#backoff = 0;
  }
}
