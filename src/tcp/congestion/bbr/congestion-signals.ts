/**
 * What the last round trip delivered, and the short-term model made of it: draft-ietf-ccwg-bbr §5.5.10.3.
 * After a round trip with a loss BBR sends no faster than was delivered in it, until it probes again.
 */
import type { AckSample } from "../congestion-control.ts";

const BETA = 0.7;

export class CongestionSignals {
  /** BBR.bw_shortterm and BBR.inflight_shortterm; infinite: nothing was lost since the last probe. */
  bandwidth = Number.POSITIVE_INFINITY;
  inFlight = Number.POSITIVE_INFINITY;
  /** Something was lost in this round trip. */
  isLossInRound = false;
  /** Acknowledgments that told of a loss in this round trip. */
  lossEvents = 0;
  /** BBR.bw_latest and BBR.inflight_latest: the most of one round trip. */
  #latestBandwidth = 0;
  #latestInFlight = 0;
  /** A round trip that is counted from the first loss on. */
  #roundEnd = 0;
  #isRoundStart = false;

  get latestInFlight(): number {
    return this.#latestInFlight;
  }

  /** A round trip of losses has ended with this acknowledgment. */
  get isRoundStart(): boolean {
    return this.#isRoundStart;
  }

  /** Near the start of an acknowledgment. */
  updateLatest(sample: AckSample): void {
    this.#isRoundStart = false;
    if (sample.lostBytes > 0) this.lossEvents++;
    if (sample.intervalDelivered === 0) return;
    this.#latestBandwidth = Math.max(this.#latestBandwidth, sample.deliveryRate);
    this.#latestInFlight = Math.max(this.#latestInFlight, sample.intervalDelivered);
    if (sample.priorDelivered < this.#roundEnd) return;
    this.#roundEnd = sample.delivered;
    this.#isRoundStart = true;
  }

  /** Near its end: the next round trip is measured from here. */
  advanceLatest(sample: AckSample): void {
    if (!this.#isRoundStart) return;
    this.#latestBandwidth = sample.deliveryRate;
    this.#latestInFlight = sample.intervalDelivered;
    this.lossEvents = 0;
  }

  /** True: it is the first loss of a round trip, which begins here. */
  noteLoss(delivered: number): boolean {
    if (this.isLossInRound) return false;
    this.isLossInRound = true;
    this.#roundEnd = delivered;
    return true;
  }

  /** A round trip with losses: no more than it delivered, but no less than β of before. */
  adapt(maxBandwidth: number, cwnd: number): void {
    if (this.bandwidth === Number.POSITIVE_INFINITY) this.bandwidth = maxBandwidth;
    if (this.inFlight === Number.POSITIVE_INFINITY) this.inFlight = cwnd;
    this.bandwidth = Math.max(this.#latestBandwidth, BETA * this.bandwidth);
    this.inFlight = Math.max(this.#latestInFlight, BETA * this.inFlight);
  }

  /** A new cycle begins. */
  reset(): void {
    this.isLossInRound = false;
    this.#latestBandwidth = 0;
    this.#latestInFlight = 0;
  }

  /** The path is probed: the short-term model ends. */
  resetModel(): void {
    this.bandwidth = Number.POSITIVE_INFINITY;
    this.inFlight = Number.POSITIVE_INFINITY;
  }
}
