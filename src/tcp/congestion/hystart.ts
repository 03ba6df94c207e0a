/**
 * HyStart, as Linux has it: "Hybrid Slow Start for High-Bandwidth and Long-Distance Networks" (Ha, Rhee,
 * PFLDnet 2008). Two signs that the path is full: acknowledgments of one round come closely behind each other
 * for half the smallest round trip, or all of a round's first samples are slow. docs/decisions/hystart.md
 */
import { type Seq, seqAfter } from "../../base/seq.ts";
import { type Duration, type Instant, milliseconds } from "../../base/time.ts";
import type { AckSample } from "./congestion-control.ts";
import type { SlowStartExit } from "./slow-start-exit.ts";

/** Bits of hystart_detect. */
const ACK_TRAIN = 1;
const DELAY = 2;

/** hystart_low_window, in segments: a small window ends nothing. */
export const LOW_WINDOW = 16;
/** hystart_ack_delta_us: closer than this is a train. */
const TRAIN_GAP = milliseconds(2);
const SAMPLES = 8;
const LEAST_DELAY = milliseconds(4);
const MOST_DELAY = milliseconds(16);

export class HyStart implements SlowStartExit {
  readonly growthDivisor = 1;
  readonly #detect: number;
  #isFound = false;
  #roundStart: Instant;
  #lastAck: Instant;
  /** The round ends when something beyond this is acknowledged. Undefined: with the next acknowledgment. */
  #roundEnd: Seq | undefined = undefined;
  #roundMin = Number.POSITIVE_INFINITY;
  #samples = 0;

  constructor(detect: number, now: Instant) {
    this.#detect = detect;
    this.#roundStart = now;
    this.#lastAck = now;
  }

  restart(now: Instant): void {
    this.#isFound = false;
    this.#startRound(now, undefined);
  }

  isOver(sample: AckSample, segments: number, minRtt: Duration): boolean {
    if (this.#isFound || segments < LOW_WINDOW) return false;
    if (this.#roundEnd === undefined || seqAfter(sample.una, this.#roundEnd)) {
      this.#startRound(sample.now, sample.nxt);
    }
    const isTrain = (this.#detect & ACK_TRAIN) !== 0 && this.#isTrain(sample, minRtt);
    const isSlow = (this.#detect & DELAY) !== 0 && this.#isSlow(sample.rtt, minRtt);
    this.#isFound = isTrain || isSlow;
    return this.#isFound;
  }

  #startRound(now: Instant, end: Seq | undefined): void {
    this.#roundStart = now;
    this.#lastAck = now;
    this.#roundEnd = end;
    this.#roundMin = Number.POSITIVE_INFINITY;
    this.#samples = 0;
  }

  #isTrain({ now, isPaced }: AckSample, minRtt: Duration): boolean {
    if (now - this.#lastAck > TRAIN_GAP) return false;
    this.#lastAck = now;
    // A pace spreads a round's segments over half of a round trip by itself.
    return now - this.#roundStart > (isPaced ? minRtt : minRtt / 2);
  }

  #isSlow(rtt: Duration, minRtt: Duration): boolean {
    if (rtt < this.#roundMin) this.#roundMin = rtt;
    if (this.#samples < SAMPLES) {
      this.#samples++;
      return false;
    }
    const threshold = Math.min(Math.max(minRtt / 8, LEAST_DELAY), MOST_DELAY);
    return this.#roundMin > minRtt + threshold;
  }
}
