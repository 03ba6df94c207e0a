/**
 * The retransmission timeout: RFC 6298 §2 and §5 (RFC 9293 §3.8.1, MUST-18; its backoff, §3.8.2, MUST-19).
 * The lower bound is Linux's 200 ms, not the RFC's 1 s, and bounds the variance's part rather than the
 * whole: docs/decisions/min-rto.md.
 */
import { numberAt, type Row } from "../../base/fold.ts";
import type { Duration } from "../../base/time.ts";

export interface RtoBounds {
  readonly initialRto: Duration;
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

  /** How often it was doubled. */
  get backoff(): number {
    return this.#backoff;
  }

  /** §2.3: RTO = SRTT + max(G, 4·RTTVAR). A fresh sample also ends any backoff, as nothing else does (§5). */
  measured(srtt: Duration, variance: Duration): void {
    this.#base = Math.round(Math.min(srtt + variance, this.#bounds.maxRto)) as Duration;
    this.#backoff = 0;
  }

  /** §5.7: what holds after a handshake whose SYN was lost, until the first sample. */
  fallBack(timeout: Duration): void {
    this.#base = timeout;
    this.#backoff = 0;
  }

  /** §5.5: back off the timer; not where time-outs are to be linear for a while. */
  expired(isLinear = false): void {
    if (isLinear) this.#backoff = 0;
    else this.#backoff++;
  }

  /** The device took nothing of what the timeout would have sent. */
  refused(): void {
    this.#backoff = Math.max(0, this.#backoff - 1);
  }

  /** RFC 6069: the last timeout was the path's, not congestion's. */
  revertBackoff(): void {
    if (this.#backoff > 0) this.#backoff--;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#base;
    row[at + 1] = this.#backoff;
    return at + 2;
  }

  unfold(row: Row, at: number): number {
    this.#base = numberAt(row, at);
    this.#backoff = numberAt(row, at + 1);
    return at + 2;
  }
}
