/**
 * What congestion controls that take a loss for congestion have in common: RFC 5681. Slow start with
 * appropriate byte counting (RFC 3465) so that one ACK for many segments counts as many, without a limit:
 * docs/decisions/slow-start.md. A loss lowers ssthresh from the window, not from what is in flight:
 * docs/decisions/ssthresh.md.
 */
import type { Duration, Instant } from "../../base/time.ts";
import type { AckSample, CongestionControl, CongestionParameters } from "./congestion-control.ts";

/** RFC 5681 §3.1, equation 4. */
const LEAST_SEGMENTS = 2;

export abstract class LossBased implements CongestionControl {
  abstract readonly name: string;
  readonly pacingRate = 0;
  readonly ownsRecovery = false;
  #mss: number;
  #cwnd: number;
  #ssthresh: number;
  readonly #initialSegments: number;
  /** Bytes acknowledged in congestion avoidance and not yet turned into window. */
  #credit = 0;
  /** What an undo goes back to. */
  #priorCwnd = 0;
  #priorSsthresh = Number.POSITIVE_INFINITY;

  constructor({ mss, initialWindow, cwnd, ssthresh }: CongestionParameters) {
    this.#mss = mss;
    this.#cwnd = cwnd;
    this.#ssthresh = ssthresh;
    this.#initialSegments = Math.max(Math.floor(initialWindow / mss), 1);
  }

  get cwnd(): number {
    return this.#cwnd;
  }

  get ssthresh(): number {
    return this.#ssthresh;
  }

  protected get mss(): number {
    return this.#mss;
  }

  /** The window as a number of segments. */
  protected get segments(): number {
    return this.#cwnd / this.#mss;
  }

  protected get inSlowStart(): boolean {
    return this.#cwnd < this.#ssthresh;
  }

  /** Grows the window where there is congestion avoidance to do. */
  protected abstract avoidCongestion(sample: AckSample, acked: number): void;

  /** The part of a window that a loss leaves. */
  protected abstract reduced(cwnd: number): number;

  onAck(sample: AckSample): void {
    if (!sample.cwndLimited) return;
    const acked = this.inSlowStart ? this.slowStart(sample.ackedBytes) : sample.ackedBytes;
    if (acked > 0) this.avoidCongestion(sample, acked);
  }

  onCongestion(_signal: "loss" | "ecn", _sample: AckSample): void {
    this.#reduce();
    this.#cwnd = this.#ssthresh;
  }

  limitTo(cwnd: number): void {
    this.#cwnd = Math.max(cwnd, this.#mss);
  }

  onRecovered(_sample: AckSample): void {
    if (Number.isFinite(this.#ssthresh)) this.#cwnd = this.#ssthresh;
  }

  /** §3.1: the loss window is one segment, beside what may still arrive. */
  onTimeout(isFirst: boolean, inFlight: number, _now: Instant): void {
    if (isFirst) this.#reduce();
    this.#cwnd = inFlight + this.#mss;
    this.#credit = 0;
  }

  onSpurious(): void {
    this.#cwnd = Math.max(this.#cwnd, this.#priorCwnd);
    this.#ssthresh = Math.max(this.#ssthresh, this.#priorSsthresh);
  }

  onTransmissionStart(_now: Instant, _lastSentAt: Instant, _appLimited: boolean): void {}

  /** §4.1, in RFC 2861's form: half of the window for each idle RTO, down to the restart window. */
  onIdleRestart(idle: Duration, rto: Duration): void {
    this.#keepSsthresh();
    const restart = Math.min(this.#initialSegments * this.#mss, this.#cwnd);
    for (let left = idle - rto; left > 0 && this.#cwnd > restart; left -= rto) this.#cwnd = this.#half();
    this.#cwnd = Math.max(this.#cwnd, restart);
  }

  onUnderused(used: number): void {
    const least = Math.max(used, this.#initialSegments * this.#mss);
    if (least >= this.#cwnd) return;
    this.#keepSsthresh();
    this.#cwnd = this.whole((this.#cwnd + least) / 2);
  }

  /**
   * The window keeps its segments when they shrink, and its bytes when they grow: it is never raised (RFC
   * 4821 §7.2).
   */
  onSegmentSize(mss: number): void {
    const segments = mss < this.#mss ? this.segments : Math.max(Math.floor(this.#cwnd / mss), 1);
    if (Number.isFinite(this.#ssthresh)) this.#ssthresh = (this.#ssthresh / this.#mss) * mss;
    this.#mss = mss;
    this.#cwnd = segments * mss;
    this.#credit = 0;
  }

  /** §3.1: answers how many acknowledged bytes are left for congestion avoidance. */
  protected slowStart(acked: number): number {
    const grown = Math.min(this.#cwnd + acked, this.#ssthresh);
    const left = acked - (grown - this.#cwnd);
    this.#cwnd = grown;
    return left;
  }

  /** Slow start is over: the path is full. */
  protected endSlowStart(): void {
    this.#ssthresh = this.#cwnd;
  }

  /** One segment more for each `perSegment` acknowledged bytes. */
  protected growBy(acked: number, perSegment: number): void {
    // Credit from when growth was slower is not spent at once.
    if (this.#credit >= perSegment) {
      this.#credit = 0;
      this.#cwnd += this.#mss;
    }
    this.#credit += acked;
    const count = Math.floor(this.#credit / perSegment);
    this.#credit -= count * perSegment;
    this.#cwnd += count * this.#mss;
  }

  /** Rounded down to whole segments. */
  protected whole(bytes: number): number {
    return Math.floor(bytes / this.#mss) * this.#mss;
  }

  #reduce(): void {
    this.#priorCwnd = this.#cwnd;
    this.#priorSsthresh = this.currentSsthresh;
    this.#ssthresh = Math.max(this.whole(this.reduced(this.#cwnd)), LEAST_SEGMENTS * this.#mss);
    this.#credit = 0;
  }

  /** RFC 2861 §2.1: what was reached is remembered, so that slow start leads back to it. */
  #keepSsthresh(): void {
    this.#ssthresh = this.currentSsthresh;
  }

  private get currentSsthresh(): number {
    return Math.max(this.#ssthresh, this.whole(this.#cwnd / 2) + this.whole(this.#cwnd / 4));
  }

  #half(): number {
    return this.whole(this.#cwnd / 2);
  }
}
