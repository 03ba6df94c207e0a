/**
 * The round-trip time: RFC 6298 §2. SRTT, RTTVAR and the smallest sample, in µs. As on Linux the timeout's
 * variance is the largest deviation of the last round trips, and a round trip that has become shorter counts
 * less: docs/decisions/rto-variance.md.
 */
import { numberAt, optionalAt, type Row, UNKNOWN } from "../../base/fold.ts";
import { type Seq, seq, seqAfter } from "../../base/seq.ts";
import type { Duration, Instant } from "../../base/time.ts";
import { MinRtt } from "./min-rtt.ts";

const NONE = 0 as Duration;

export interface RttBounds {
  /** The least variance, as it counts in the timeout. */
  readonly minRto: Duration;
  /** How long the smallest sample is remembered. */
  readonly minRttWindow: Duration;
}

export class RttEstimator {
  srtt: Duration = NONE;
  rttvar: Duration = NONE;
  latest: Duration = NONE;
  samples = 0;
  /** 4 · RTTVAR, as the timeout needs it: it rises at once, and falls by a quarter each round trip. */
  #variance: Duration;
  /** The largest 4 · RTTVAR of this round trip, which ends when `#roundEnd` is acknowledged. */
  #roundVariance: Duration;
  #roundEnd: Seq = seq(0);
  readonly #least: Duration;
  readonly #min: MinRtt;

  constructor(bounds: RttBounds) {
    this.#least = bounds.minRto;
    this.#variance = bounds.minRto;
    this.#roundVariance = bounds.minRto;
    this.#min = new MinRtt(bounds.minRttWindow);
  }

  get isMeasured(): boolean {
    return this.samples > 0;
  }

  get min(): Duration {
    return this.#min.value;
  }

  get variance(): Duration {
    return this.#variance;
  }

  /** A round trip for the timeout. `una` and `nxt` tell rounds. */
  sample(rtt: Duration, una: Seq, nxt: Seq): void {
    this.latest = rtt;
    if (this.samples++ === 0) {
      // §2.2
      this.srtt = rtt;
      this.rttvar = (rtt / 2) as Duration;
      this.#variance = Math.max(2 * rtt, this.#least) as Duration;
      this.#roundVariance = this.#variance;
      this.#roundEnd = nxt;
      return;
    }
    // §2.3, α = 1/8 and β = 1/4
    const error = rtt - this.srtt;
    let change = (Math.abs(error) - this.rttvar) / 4;
    // A sudden fall is no reason for a longer timeout.
    if (error < 0 && change > 0) change /= 8;
    this.rttvar = (this.rttvar + change) as Duration;
    this.srtt = (this.srtt + error / 8) as Duration;
    this.#followVariance(una, nxt);
  }

  /** A round trip for the smallest one. */
  smallest(rtt: Duration, now: Instant): void {
    this.#min.sample(rtt, now);
  }

  #followVariance(una: Seq, nxt: Seq): void {
    const variance = (4 * this.rttvar) as Duration;
    if (variance > this.#roundVariance) this.#roundVariance = variance;
    if (this.#roundVariance > this.#variance) this.#variance = this.#roundVariance;
    if (!seqAfter(una, this.#roundEnd)) return;
    if (this.#roundVariance < this.#variance) {
      this.#variance = (this.#variance - (this.#variance - this.#roundVariance) / 4) as Duration;
    }
    this.#roundEnd = nxt;
    this.#roundVariance = this.#least;
  }

  fold(row: Row, at: number): number {
    row[at] = this.samples;
    row[at + 1] = this.srtt;
    row[at + 2] = this.rttvar;
    row[at + 3] = this.latest === this.srtt ? UNKNOWN : this.latest;
    row[at + 4] = this.#variance;
    row[at + 5] = this.#roundVariance;
    row[at + 6] = this.#roundEnd;
    return this.#min.fold(row, at + 7);
  }

  unfold(row: Row, at: number): number {
    this.samples = numberAt(row, at);
    this.srtt = numberAt(row, at + 1);
    this.rttvar = numberAt(row, at + 2);
    this.latest = optionalAt(row, at + 3) ?? this.srtt;
    this.#variance = numberAt(row, at + 4);
    this.#roundVariance = numberAt(row, at + 5);
    this.#roundEnd = numberAt(row, at + 6);
    return this.#min.unfold(row, at + 7);
  }
}
