/**
 * CUBIC: RFC 9438, with HyStart++ (RFC 9406) in the first slow start. The window grows with the time since
 * the last reduction, not with the round trip; never slower than Reno would (§4.3).
 *
 * Windows are kept in bytes as everywhere; W in the RFC's formulas is in segments.
 */
import { type Instant, START_OF_TIME } from "../../base/time.ts";
import type { AckSample, CongestionControl, CongestionParameters } from "./congestion-control.ts";
import { CSS_GROWTH_DIVISOR, HyStart } from "./hystart.ts";

/** §5: C, in segments per second cubed; §4.6: β. */
const C = 0.4;
const BETA = 0.7;
/** §4.3: α, which gives Reno's average window with CUBIC's β. */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);
const SECOND = 1_000_000; // µs

export class Cubic implements CongestionControl {
  readonly name = "cubic";
  readonly pacingRate = 0;
  #mss: number;
  #cwnd: number;
  #ssthresh = Number.POSITIVE_INFINITY;
  readonly #initialWindow: number;
  #hystart: HyStart | undefined = new HyStart();
  /** W_max, in bytes; 0 before the first reduction. */
  #windowMax = 0;
  /** The epoch: when congestion avoidance began, W_cubic's K in seconds, its origin, and Reno's estimate. */
  #epochStart: Instant | undefined = undefined;
  #k = 0;
  #origin = 0;
  #renoWindow = 0;
  /** Fractions of bytes by which the window has yet to grow. */
  #credit = 0;
  /** The last time the window was in use: time without traffic is no growth (§5.8). */
  #lastAckAt: Instant = START_OF_TIME;
  /** What an undo goes back to. */
  #prior = { cwnd: 0, ssthresh: Number.POSITIVE_INFINITY, windowMax: 0 };

  constructor(parameters: CongestionParameters) {
    this.#mss = parameters.mss;
    this.#initialWindow = parameters.initialWindow;
    this.#cwnd = parameters.initialWindow;
  }

  get cwnd(): number {
    return this.#cwnd;
  }

  get ssthresh(): number {
    return this.#ssthresh;
  }

  onAck(sample: AckSample): void {
    let acked = sample.ackedBytes;
    if (this.#cwnd < this.#ssthresh) acked = this.#slowStart(sample);
    if (acked > 0 && sample.cwndLimited) this.#avoidCongestion(sample, acked);
    this.#lastAckAt = sample.now;
  }

  /** §4.6 and §4.7. */
  onCongestion(_signal: "loss" | "ecn", sample: AckSample): void {
    this.#remember();
    const flight = Math.min(this.#cwnd, Math.max(sample.priorInFlight, this.#mss));
    // §4.7, fast convergence: a window that did not reach the last maximum makes room for others.
    this.#windowMax = flight < this.#windowMax ? (flight * (1 + BETA)) / 2 : flight;
    this.#ssthresh = Math.max(Math.floor(flight * BETA), 2 * this.#mss);
    this.#cwnd = this.#ssthresh;
    this.#endSlowStart();
  }

  onRecovered(_sample: AckSample): void {
    this.#cwnd = Math.max(this.#ssthresh, 2 * this.#mss);
    this.#epochStart = undefined;
  }

  /** §4.8. Only the first timeout of a series lowers ssthresh: RFC 5681 §3.1. */
  onTimeout(inFlight: number, _now: Instant): void {
    if (inFlight > 0) {
      this.#remember();
      const flight = Math.min(this.#cwnd, Math.max(inFlight, this.#mss));
      this.#windowMax = flight < this.#windowMax ? (flight * (1 + BETA)) / 2 : flight;
      this.#ssthresh = Math.max(Math.floor(flight * BETA), 2 * this.#mss);
    }
    this.#cwnd = this.#mss;
    this.#endSlowStart();
  }

  /** §4.9: what was there before the reduction that was no loss. */
  onSpurious(): void {
    const { cwnd, ssthresh, windowMax } = this.#prior;
    this.#cwnd = Math.max(this.#cwnd, cwnd);
    this.#ssthresh = Math.max(this.#ssthresh, ssthresh);
    this.#windowMax = Math.max(this.#windowMax, windowMax);
    this.#epochStart = undefined;
  }

  /** RFC 5681 §4.1. */
  onIdleRestart(_now: Instant): void {
    this.#cwnd = Math.min(this.#cwnd, this.#initialWindow);
    this.#epochStart = undefined;
  }

  onSegmentSize(mss: number): void {
    this.#mss = mss;
    this.#cwnd = Math.max(this.#cwnd, mss);
  }

  /** Answers how many acknowledged bytes are left for congestion avoidance. */
  #slowStart(sample: AckSample): number {
    const { ackedBytes: acked } = sample;
    this.#hystart?.acknowledged(sample.rtt, sample.roundStart);
    if (this.#hystart?.phase === "over") {
      this.#ssthresh = this.#cwnd;
      this.#endSlowStart();
      return acked;
    }
    if (!sample.cwndLimited) return 0;
    const growth = this.#hystart?.phase === "conservative" ? acked / CSS_GROWTH_DIVISOR : acked;
    const grown = Math.min(this.#cwnd + Math.floor(growth), this.#ssthresh);
    const left = acked - (grown - this.#cwnd);
    this.#cwnd = grown;
    return this.#cwnd < this.#ssthresh ? 0 : left;
  }

  /** §4.2 to §4.5. */
  #avoidCongestion(sample: AckSample, acked: number): void {
    if (this.#epochStart === undefined) this.#startEpoch(sample.now);
    this.#skipIdle(sample);
    this.#renoWindow += ALPHA * (acked / this.#cwnd) * this.#mss;
    const target = this.#target(sample);
    const goal = Math.max(target, this.#renoWindow);
    // §4.4, §4.5: so that the goal is reached a round trip from now; at the goal next to nothing: a hundredth
    // of a segment a round trip, as on Linux.
    const rate = Math.max(goal - this.#cwnd, this.#mss / 100) / this.#cwnd;
    this.#credit += rate * acked;
    const whole = Math.floor(this.#credit / this.#mss) * this.#mss;
    this.#cwnd += whole;
    this.#credit -= whole;
  }

  /** §4.2: W_cubic(t + RTT), held between cwnd and 1.5 cwnd. */
  #target(sample: AckSample): number {
    const t = (sample.now - (this.#epochStart ?? sample.now) + sample.minRtt) / SECOND;
    const distance = t - this.#k;
    const window = this.#origin + C * distance * distance * distance * this.#mss;
    return Math.min(Math.max(window, this.#cwnd), 1.5 * this.#cwnd);
  }

  #startEpoch(now: Instant): void {
    this.#epochStart = now;
    this.#credit = 0;
    this.#renoWindow = this.#cwnd;
    if (this.#cwnd < this.#windowMax) {
      this.#k = Math.cbrt((this.#windowMax - this.#cwnd) / this.#mss / C);
      this.#origin = this.#windowMax;
    } else {
      this.#k = 0;
      this.#origin = this.#cwnd;
    }
  }

  /** §5.8: the clock of the cubic function stands still while nobody sends. */
  #skipIdle(sample: AckSample): void {
    const idle = sample.now - this.#lastAckAt;
    if (this.#epochStart !== undefined && idle > SECOND) {
      this.#epochStart = Math.min(this.#epochStart + idle, sample.now) as Instant;
    }
  }

  #endSlowStart(): void {
    this.#hystart = undefined;
    this.#epochStart = undefined;
    this.#credit = 0;
  }

  #remember(): void {
    this.#prior = { cwnd: this.#cwnd, ssthresh: this.#ssthresh, windowMax: this.#windowMax };
  }
}
