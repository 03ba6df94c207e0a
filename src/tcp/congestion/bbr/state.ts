/**
 * The record of one BBR: its state, and the model of the path that all of its parts read. What follows from
 * the model alone is here too: draft-ietf-ccwg-bbr §2.7 to §2.13, §5.6.4.2.
 */
import { below, type Random } from "../../../base/random.ts";
import { type Duration, type Instant, seconds } from "../../../base/time.ts";
import type { CongestionParameters } from "../congestion-control.ts";
import { AckAggregation } from "./ack-aggregation.ts";
import { CongestionSignals } from "./congestion-signals.ts";
import { FullPipe } from "./full-pipe.ts";
import { MaxBandwidth } from "./max-bandwidth.ts";
import { MinRtt } from "./min-rtt.ts";
import { Rounds } from "./rounds.ts";

/** §5.1: `down` to `up` are the four of ProbeBW. */
export type BbrPhase = "startup" | "drain" | "down" | "cruise" | "refill" | "up" | "probe-rtt";

/** §2.12: what acknowledgments now tell of probing. */
export type AckPhase = "init" | "refilling" | "starting" | "feedback" | "stopping";

/** §5.6.1: pacing gain and cwnd gain. */
export const GAINS: Readonly<Record<BbrPhase, readonly [pacing: number, cwnd: number]>> = {
  startup: [2.77, 2],
  drain: [0.5, 2],
  down: [0.9, 2],
  cruise: [1, 2],
  refill: [1, 2],
  up: [1.25, 2.25],
  "probe-rtt": [1, 0.5],
};

/** §2.8: BBR.Headroom and BBR.MinPipeCwnd in segments. */
const HEADROOM = 0.15;
const LEAST_SEGMENTS = 4;
const LARGEST_QUANTUM = 65_536;
const SECOND = 1_000_000; // µs

export class BbrState {
  mss: number;
  readonly initialWindow: number;
  readonly random: Random;
  cwnd: number;
  /** Bytes a second. */
  pacingRate = 0;
  phase: BbrPhase = "startup";
  readonly rounds = new Rounds();

  readonly maxBandwidth = new MaxBandwidth();
  readonly signals = new CongestionSignals();
  readonly fullPipe = new FullPipe();
  readonly minRtt: MinRtt;
  readonly aggregation: AckAggregation;
  /** BBR.inflight_longterm: beyond it too much was lost. */
  inFlightLongterm = Number.POSITIVE_INFINITY;
  drainStartRound = 0;
  /** The connection was idle: BBR needs no pause of its own to see the round trip. */
  idleRestart = false;

  // ProbeBW
  ackPhase: AckPhase = "init";
  /** What is acknowledged was sent to probe. */
  isProbeSample = false;
  cycleStart: Instant;
  probeWait: Duration = seconds(0);
  probeUpRounds = 0;
  probeUpAcked = 0;
  ackedPerIncrease = Number.POSITIVE_INFINITY;
  prevProbeTooHigh = false;
  prevProbePrecautionary = false;

  // ProbeRTT
  /** Undefined: what is in flight has not sunk to its target yet. */
  probeRttDoneAt: Instant | undefined = undefined;
  probeRttRoundDone = false;
  /** Between these counts of delivered bytes, rates are low on purpose. */
  lowFrom = Number.POSITIVE_INFINITY;
  lowUntil = 0;

  /** What was before a recovery or ProbeRTT. */
  priorCwnd = 0;
  readonly undo = {
    phase: undefined as BbrPhase | undefined,
    bandwidth: 0,
    inFlight: 0,
    inFlightLongterm: 0,
  };

  constructor({ mss, initialWindow, cwnd, random, now }: CongestionParameters) {
    this.mss = mss;
    this.initialWindow = initialWindow;
    this.cwnd = cwnd;
    this.random = random;
    this.minRtt = new MinRtt(now);
    this.aggregation = new AckAggregation(now);
    this.cycleStart = now;
  }

  get isInProbeBandwidth(): boolean {
    const { phase } = this;
    return phase === "down" || phase === "cruise" || phase === "refill" || phase === "up";
  }

  /** It sends faster to see more. */
  get isProbing(): boolean {
    return this.phase === "startup" || this.phase === "refill" || this.phase === "up";
  }

  /** BBR.bw. */
  get bandwidth(): number {
    return Math.min(this.maxBandwidth.value, this.signals.bandwidth);
  }

  get leastWindow(): number {
    return LEAST_SEGMENTS * this.mss;
  }

  /** §5.6.4.2, BDPMultiple: so many times of what the path holds. */
  bdp(gain = 1): number {
    const { value } = this.minRtt;
    if (value === Number.POSITIVE_INFINITY) return this.initialWindow;
    return (gain * this.bandwidth * value) / SECOND;
  }

  /** §5.6.4.2, Inflight: with room for what ends and links hold back. */
  inFlightFor(gain: number): number {
    return this.quantized(this.bdp(gain));
  }

  /** §5.6.4.2, QuantizationBudget. */
  quantized(inFlight: number): number {
    const least = Math.max(inFlight, 3 * this.quantum, this.leastWindow);
    return this.phase === "up" ? least + 2 * this.mss : least;
  }

  /** §5.6.3: what leaves together. */
  get quantum(): number {
    return Math.max(Math.min(this.pacingRate / 1_000, LARGEST_QUANTUM), 2 * this.mss);
  }

  /** §5.3.3.5.3, TargetInflight. */
  get target(): number {
    return Math.min(this.bdp(), this.cwnd);
  }

  /** §5.3.3.6, InflightWithHeadroom: leaves something to others. */
  get inFlightWithHeadroom(): number {
    const most = this.inFlightLongterm;
    if (most === Number.POSITIVE_INFINITY) return most;
    return Math.max(most - Math.max(this.mss, HEADROOM * most), this.leastWindow);
  }

  /** §5.3.3.5.3, PickProbeWait: two to three seconds, and round trips from 0 or 1 on. */
  pickProbeWait(): void {
    this.rounds.sinceProbe = below(this.random, 2);
    this.probeWait = seconds(2 + below(this.random, 1_000) / 1_000);
  }
}
