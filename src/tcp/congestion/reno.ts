/**
 * Reno: RFC 5681 §3.1 and §3.2, with appropriate byte counting (RFC 3465) so that one ACK for many segments
 * counts as many. What is in flight is `pipe`, so the window is not inflated during recovery. In slow start
 * an ACK counts whole, without RFC 3465's limit of two segments, as in Linux: docs/decisions/slow-start.md.
 */
import type { Instant } from "../../base/time.ts";
import type { AckSample, CongestionControl, CongestionParameters } from "./congestion-control.ts";

export class Reno implements CongestionControl {
  readonly name = "reno";
  readonly pacingRate = 0;
  #mss: number;
  #cwnd: number;
  #ssthresh = Number.POSITIVE_INFINITY;
  readonly #initialWindow: number;
  /** Bytes acknowledged in congestion avoidance and not yet turned into window. */
  #credit = 0;
  /** What an undo goes back to. */
  #priorCwnd = 0;
  #priorSsthresh = Number.POSITIVE_INFINITY;

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
    if (!sample.cwndLimited) return;
    let acked = sample.ackedBytes;
    if (this.#cwnd < this.#ssthresh) {
      const grown = Math.min(this.#cwnd + acked, this.#ssthresh);
      acked -= grown - this.#cwnd;
      this.#cwnd = grown;
      if (acked === 0) return;
    }
    // §3.1 (3): one segment for each window's worth of acknowledged bytes.
    this.#credit += acked;
    if (this.#credit >= this.#cwnd) {
      this.#credit -= this.#cwnd;
      this.#cwnd += this.#mss;
    }
  }

  /** §3.2 step 2, eq. 4: half of what is in flight. */
  onCongestion(_signal: "loss" | "ecn", sample: AckSample): void {
    this.#remember();
    this.#ssthresh = this.#half(Math.min(this.#cwnd, sample.priorInFlight));
    this.#cwnd = this.#ssthresh;
    this.#credit = 0;
  }

  onRecovered(_sample: AckSample): void {
    this.#cwnd = Math.max(this.#ssthresh, 2 * this.#mss);
  }

  /** §3.1 eq. 4: only the first timeout of a series lowers ssthresh; the loss window is one segment. */
  onTimeout(inFlight: number, _now: Instant): void {
    if (inFlight > 0) {
      this.#remember();
      this.#ssthresh = this.#half(Math.min(this.#cwnd, inFlight));
    }
    this.#cwnd = this.#mss;
    this.#credit = 0;
  }

  onSpurious(): void {
    this.#cwnd = Math.max(this.#cwnd, this.#priorCwnd);
    this.#ssthresh = Math.max(this.#ssthresh, this.#priorSsthresh);
  }

  /** §4.1: after an idle time longer than the retransmission timeout. */
  onIdleRestart(_now: Instant): void {
    this.#cwnd = Math.min(this.#cwnd, this.#initialWindow);
  }

  onSegmentSize(mss: number): void {
    this.#mss = mss;
    this.#cwnd = Math.max(this.#cwnd, mss);
  }

  #half(bytes: number): number {
    return Math.max(Math.floor(bytes / 2), 2 * this.#mss);
  }

  #remember(): void {
    this.#priorCwnd = this.#cwnd;
    this.#priorSsthresh = this.#ssthresh;
  }
}
