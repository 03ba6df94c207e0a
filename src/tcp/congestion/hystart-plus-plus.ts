/**
 * HyStart++: leaves slow start when the round trip grows, before anything is lost. RFC 9406 §4.
 *
 * A round is one window's worth of acknowledgments. When the smallest RTT of a round exceeds that of the
 * round before by a threshold, slow start goes on conservatively (CSS) for some rounds; if the RTT falls
 * again it was a false alarm.
 */
import { type Duration, milliseconds } from "../../base/time.ts";
import type { AckSample } from "./congestion-control.ts";
import type { SlowStartExit } from "./slow-start-exit.ts";

/** §4.2: constants. */
const MIN_RTT_THRESHOLD = milliseconds(4);
const MAX_RTT_THRESHOLD = milliseconds(16);
const MIN_RTT_DIVISOR = 8;
const RTT_SAMPLES = 8;
const CSS_GROWTH_DIVISOR = 4;
const CSS_ROUNDS = 5;

const NONE = Number.POSITIVE_INFINITY as Duration;

export class HyStartPlusPlus implements SlowStartExit {
  #phase: "slow-start" | "conservative" | "over" = "slow-start";
  #lastRoundMin = NONE;
  #roundMin = NONE;
  #samples = 0;
  #baseline = NONE;
  #conservativeRounds = 0;
  /** §4.3: only the first slow start is watched. */
  #isDone = false;

  get growthDivisor(): number {
    return this.#phase === "conservative" ? CSS_GROWTH_DIVISOR : 1;
  }

  isOver({ rtt, roundStart }: AckSample): boolean {
    if (this.#isDone) return false;
    if (roundStart) this.#startRound();
    this.#sample(rtt);
    this.#isDone = this.#phase === "over";
    return this.#isDone;
  }

  restart(): void {
    this.#phase = "over";
    this.#isDone = true;
  }

  #sample(rtt: Duration): void {
    this.#samples++;
    if (rtt < this.#roundMin) this.#roundMin = rtt;
    if (this.#samples < RTT_SAMPLES || this.#lastRoundMin === NONE) return;
    if (this.#phase === "slow-start") this.#lookForDelay();
    else if (this.#phase === "conservative" && this.#roundMin < this.#baseline) this.#resume();
  }

  #startRound(): void {
    this.#lastRoundMin = this.#roundMin;
    this.#roundMin = NONE;
    this.#samples = 0;
    if (this.#phase === "conservative" && ++this.#conservativeRounds >= CSS_ROUNDS) this.#phase = "over";
  }

  #lookForDelay(): void {
    const threshold = Math.max(
      MIN_RTT_THRESHOLD,
      Math.min(this.#lastRoundMin / MIN_RTT_DIVISOR, MAX_RTT_THRESHOLD),
    );
    if (this.#roundMin < this.#lastRoundMin + threshold) return;
    this.#baseline = this.#roundMin;
    this.#conservativeRounds = 0;
    this.#phase = "conservative";
  }

  /** The delay was not a queue of ours: §4.2, "the RTT has shrunk". */
  #resume(): void {
    this.#baseline = NONE;
    this.#phase = "slow-start";
  }
}
