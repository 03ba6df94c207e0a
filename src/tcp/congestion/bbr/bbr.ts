/**
 * BBR, version 3: draft-ietf-ccwg-bbr-05. It sends as fast as the path delivers, and keeps as much in flight
 * as the path holds; both it measures, and a loss is one sign among others. The state is a record (state.ts);
 * each mechanism is a file of functions on it. Why version 3 and not Linux's version 1:
 * docs/decisions/bbr.md
 */
import type { Duration, Instant } from "../../../base/time.ts";
import type {
  AckSample,
  CongestionControl,
  CongestionParameters,
  LostSegment,
  ModelInfo,
} from "../congestion-control.ts";
import { initPacingRate, setCwnd, setPacingRate } from "./control.ts";
import { adaptToLosses, lossWasSpurious, noteLoss, restoreCwnd, saveState, segmentLost } from "./loss.ts";
import { updateCycle } from "./probe-bandwidth.ts";
import { checkProbeRtt, checkProbeRttDone } from "./probe-rtt.ts";
import { checkDrainDone, checkStartupDone } from "./startup.ts";
import { type BbrPhase, BbrState, GAINS } from "./state.ts";

export class Bbr implements CongestionControl {
  readonly name = "bbr";
  readonly ssthresh = Number.POSITIVE_INFINITY;
  readonly ownsRecovery = true;
  readonly #state: BbrState;
  #hasSeenRtt: boolean;
  #delivered = 0;
  #inRecovery = false;

  constructor(parameters: CongestionParameters) {
    this.#state = new BbrState(parameters);
    this.#hasSeenRtt = parameters.srtt > 0;
    initPacingRate(this.#state, parameters.srtt);
  }

  get cwnd(): number {
    const { cwnd, mss } = this.#state;
    return Math.floor(cwnd / mss) * mss;
  }

  get pacingRate(): number {
    return this.#state.pacingRate;
  }

  get phase(): BbrPhase {
    return this.#state.phase;
  }

  /** TCP_CC_INFO. */
  get model(): ModelInfo {
    const bbr = this.#state;
    const { value } = bbr.minRtt;
    const [pacingGain, cwndGain] = GAINS[bbr.phase];
    return {
      bandwidth: bbr.bandwidth,
      minRtt: Number.isFinite(value) ? value : undefined,
      pacingGain,
      cwndGain,
    };
  }

  /** §5.2.3, UpdateOnACK. */
  onAck(sample: AckSample): void {
    const bbr = this.#state;
    this.#delivered = sample.delivered;
    if (this.#inRecovery && !sample.inRecovery) restoreCwnd(bbr);
    this.#inRecovery = sample.inRecovery;
    if (!this.#hasSeenRtt && sample.rtt > 0) {
      this.#hasSeenRtt = true;
      initPacingRate(bbr, sample.rtt);
    }
    // The handshake's acknowledgment tells the round trip, no more.
    if (sample.ackedBytes === 0 && sample.intervalDelivered > 0) return;
    this.#updateModelAndState(sample);
    setPacingRate(bbr, GAINS[bbr.phase][0]);
    setCwnd(bbr, sample);
  }

  #updateModelAndState(sample: AckSample): void {
    const bbr = this.#state;
    const { signals, rounds, fullPipe, minRtt } = bbr;
    const isLow = bbr.lowFrom <= sample.priorDelivered && sample.priorDelivered <= bbr.lowUntil;
    const isLimited = sample.appLimited || isLow;
    signals.updateLatest(sample);
    rounds.update(sample);
    bbr.maxBandwidth.update(sample, isLimited);
    adaptToLosses(bbr);
    const { bandwidth, cwnd } = bbr;
    bbr.aggregation.update(
      sample.ackedBytes,
      bandwidth,
      cwnd,
      sample.now,
      rounds.count,
      bbr.fullPipe.isReached,
    );
    if (rounds.isStart && !isLimited) fullPipe.check(sample.deliveryRate);
    checkStartupDone(bbr, sample);
    checkDrainDone(bbr, sample);
    updateCycle(bbr, sample, isLimited);
    minRtt.update(sample.rtt, sample.now);
    checkProbeRtt(bbr, sample);
    signals.advanceLatest(sample);
  }

  /** §5.2.4. */
  onLost(lost: LostSegment): void {
    segmentLost(this.#state, lost);
  }

  /** §5.6.4.4, OnEnterFastRecovery; the draft has no answer of its own to ECN: it is a loss like another. */
  onCongestion(signal: "loss" | "ecn", sample: AckSample): void {
    noteLoss(this.#state, sample.delivered, this.#inRecovery);
    if (signal === "loss") this.#inRecovery = true;
  }

  limitTo(): void {}

  /** Seen by the acknowledgment itself. */
  onRecovered(): void {}

  /** §5.6.4.4, OnEnterRTO. */
  onTimeout(isFirst: boolean, inFlight: number): void {
    const bbr = this.#state;
    if (isFirst) saveState(bbr, this.#inRecovery);
    this.#inRecovery = true;
    bbr.cwnd = inFlight + bbr.mss;
  }

  onSpurious(): void {
    this.#inRecovery = false;
    lossWasSpurious(this.#state, this.#delivered);
  }

  /** §5.4.1, HandleRestartFromIdle. */
  onTransmissionStart(now: Instant, _lastSentAt: Instant, appLimited: boolean): void {
    if (!appLimited) return;
    const bbr = this.#state;
    bbr.idleRestart = true;
    bbr.aggregation.restart(now);
    if (bbr.isInProbeBandwidth) setPacingRate(bbr, 1);
    else if (bbr.phase === "probe-rtt") checkProbeRttDone(bbr, this.#delivered, now);
  }

  /** §5.4.2: it paces instead. */
  onIdleRestart(_idle: Duration, _rto: Duration): void {}

  onUnderused(_used: number): void {}

  onSegmentSize(mss: number): void {
    const bbr = this.#state;
    bbr.mss = mss;
    bbr.cwnd = Math.max(bbr.cwnd, mss);
  }
}
