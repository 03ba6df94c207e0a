/** What tests of congestion controls begin with: parameters, acknowledgments, whole round trips. */
import { SeededRandom } from "../../src/base/random.ts";
import { type Seq, seq, seqAdd } from "../../src/base/seq.ts";
import { type Duration, type Instant, START_OF_TIME } from "../../src/base/time.ts";
import {
  AckSample,
  type CongestionControl,
  type CongestionParameters,
} from "../../src/tcp/congestion/congestion-control.ts";

export const MSS = 1_000;

export function parameters(changes: Partial<CongestionParameters> = {}): CongestionParameters {
  const initialWindow = changes.initialWindow ?? 10 * MSS;
  return {
    mss: MSS,
    initialWindow,
    cwnd: initialWindow,
    ssthresh: Number.POSITIVE_INFINITY,
    srtt: 0 as Duration,
    now: START_OF_TIME,
    random: new SeededRandom(1),
    settings: { hystart: "off", hystartDetect: 3 },
    ...changes,
  };
}

export function acked(bytes: number, changes: Partial<AckSample> = {}): AckSample {
  return Object.assign(new AckSample(), { ackedBytes: bytes, cwndLimited: true }, changes);
}

/** Whole windows are sent, and every two segments acknowledged, round trip by round trip. */
export class RoundTrips<Control extends CongestionControl> {
  readonly control: Control;
  readonly sample = new AckSample();
  now = START_OF_TIME;
  rtt: Duration;
  #una: Seq = seq(0);

  constructor(control: Control, rtt: Duration) {
    this.control = control;
    this.rtt = rtt;
  }

  get segments(): number {
    return this.control.cwnd / MSS;
  }

  /** @param spread over which its acknowledgments arrive */
  round(limited = true, spread = this.rtt): void {
    const window = this.control.cwnd;
    const began = this.now + this.rtt - spread;
    for (let sum = 0; sum < window; sum += 2 * MSS) {
      this.now = Math.round(began + (spread * (sum + 2 * MSS)) / window) as Instant;
      this.#ack(Math.min(2 * MSS, window - sum), sum === 0, limited);
    }
  }

  #ack(bytes: number, roundStart: boolean, limited: boolean): void {
    const { sample } = this;
    this.#una = seqAdd(this.#una, bytes);
    sample.begin(this.now, this.control.cwnd);
    sample.una = this.#una;
    sample.nxt = seqAdd(this.#una, this.control.cwnd);
    sample.ackedBytes = bytes;
    sample.rtt = this.rtt;
    sample.minRtt = this.rtt;
    sample.roundStart = roundStart;
    sample.cwndLimited = limited;
    this.control.onAck(sample);
  }

  lose(): void {
    this.sample.begin(this.now, this.control.cwnd);
    this.control.onCongestion("loss", this.sample);
    this.control.onRecovered(this.sample);
  }

  /** Up to a window of so many segments, then a loss. */
  lostAt(segments: number): void {
    while (this.segments < segments) this.round();
    this.lose();
  }
}
