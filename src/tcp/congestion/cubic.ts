/**
 * CUBIC: RFC 9438 (RFC 9293 §3.8.2, MAY-18). The window grows with the time since the last reduction, not
 * with the round trip; never slower than Reno would (§4.3). How its growth is counted is Linux's:
 * docs/decisions/cubic.md.
 *
 * W in the RFC's formulas is in segments, and so are the windows here; t and K are in seconds.
 */
import type { Duration, Instant } from "../../base/time.ts";
import type { AckSample, CongestionParameters, CongestionSettings } from "./congestion-control.ts";
import { HyStart, LOW_WINDOW } from "./hystart.ts";
import { HyStartPlusPlus } from "./hystart-plus-plus.ts";
import { LossBased } from "./loss-based.ts";
import type { SlowStartExit } from "./slow-start-exit.ts";

/** §5: C, in segments per second cubed; §4.6: β. */
const C = 0.4;
const BETA = 0.7;
/** §4.3: α, which gives Reno's average window with CUBIC's β. */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);
const SECOND = 1_000_000; // µs
const MILLISECOND = 1_000;
const NONE = Number.POSITIVE_INFINITY as Duration;
/** The curve is looked at anew when the window has changed, and this often. */
const LOOK_AGAIN = SECOND / 32;
/** §4.4: a window grows by half of itself in a round trip at most. */
const FASTEST = 2;
/** Before the first loss nobody knows W_max: a twentieth of the window in a round trip at least. */
const UNKNOWN_PATH = 20;
/** At the plateau: next to nothing. */
const PLATEAU = 100;

export class Cubic extends LossBased {
  readonly name = "cubic";
  readonly #settings: CongestionSettings;
  /** Made when the window is large enough for it to say anything. */
  #exit: SlowStartExit | undefined = undefined;
  /** W_max; 0 before the first reduction, and after a timeout (§4.8). */
  #windowMax = 0;
  #priorWindowMax = 0;
  /** cwnd_prior of §4.3: from there on Reno's estimate grows as Reno does. */
  #windowPrior = 0;
  /** The epoch: when congestion avoidance began, K, W_max as the curve's origin, and W_est. */
  #epochStart: Instant | undefined = undefined;
  #k = 0;
  #origin = 0;
  #renoWindow = 0;
  /** Segments to be acknowledged for the next one of growth. */
  #perSegment: number = FASTEST;
  #lookedAt = 0;
  #lookedWindow = 0;
  #minRtt = NONE;

  constructor(parameters: CongestionParameters) {
    super(parameters);
    this.#settings = parameters.settings;
  }

  override onAck(sample: AckSample): void {
    this.#measure(sample);
    super.onAck(sample);
  }

  override onTimeout(isFirst: boolean, inFlight: number, now: Instant): void {
    super.onTimeout(isFirst, inFlight, now);
    this.#windowMax = 0;
    this.#epochStart = undefined;
    this.#minRtt = NONE;
    this.#exit?.restart(now);
  }

  /** §4.9. */
  override onSpurious(): void {
    super.onSpurious();
    this.#windowMax = Math.max(this.#windowMax, this.#priorWindowMax);
    this.#epochStart = undefined;
  }

  /** §5.8: the clock of the cubic function stands still while nobody sends. */
  override onTransmissionStart(now: Instant, lastSentAt: Instant): void {
    if (this.#epochStart === undefined) return;
    this.#epochStart = Math.min(this.#epochStart + (now - lastSentAt), now) as Instant;
  }

  override onIdleRestart(idle: Duration, rto: Duration): void {
    super.onIdleRestart(idle, rto);
    this.#epochStart = undefined;
  }

  override onSegmentSize(mss: number): void {
    super.onSegmentSize(mss);
    this.#epochStart = undefined;
  }

  /** §4.6 and §4.7, fast convergence: a window that did not reach the last maximum makes room for others. */
  protected override reduced(cwnd: number): number {
    const { segments } = this;
    this.#priorWindowMax = this.#windowMax;
    this.#windowPrior = segments;
    this.#windowMax = segments < this.#windowMax ? (segments * (1 + BETA)) / 2 : segments;
    this.#epochStart = undefined;
    return cwnd * BETA;
  }

  protected override slowStart(acked: number): number {
    const divisor = this.#exit?.growthDivisor ?? 1;
    if (divisor === 1) return super.slowStart(acked);
    const slowed = Math.min(acked, this.ssthresh - this.cwnd);
    this.growBy(slowed, divisor * this.mss);
    return acked - slowed;
  }

  /** §4.2 to §4.5. */
  protected override avoidCongestion(sample: AckSample, acked: number): void {
    const segments = acked / this.mss;
    this.#follow(sample.now, segments);
    this.growBy(acked, Math.max(this.#perSegment, FASTEST) * this.mss);
  }

  /** The smallest round trip, and whether slow start has filled the path. */
  #measure(sample: AckSample): void {
    const { rtt, now } = sample;
    if (rtt === 0) return;
    // Just after a reduction the queue of before is still draining.
    if (this.#epochStart !== undefined && now - this.#epochStart < SECOND) return;
    if (rtt < this.#minRtt) this.#minRtt = rtt;
    if (!this.inSlowStart) return;
    this.#exit ??= slowStartExit(this.#settings, this.segments, now);
    if (this.#exit?.isOver(sample, this.segments, this.#minRtt) === true) this.endSlowStart();
  }

  #follow(now: Instant, acked: number): void {
    const { segments } = this;
    if (this.#epochStart === undefined) this.#startEpoch(now);
    const alpha = this.#windowPrior > 0 && this.#renoWindow >= this.#windowPrior ? 1 : ALPHA;
    this.#renoWindow += (alpha * acked) / segments;
    const isFresh = this.#lookedWindow === segments && now - this.#lookedAt <= LOOK_AGAIN;
    if (isFresh) return;
    // Within one instant acknowledgments do not change the curve.
    if (now - this.#lookedAt >= MILLISECOND) {
      this.#perSegment = this.#pace(now);
      this.#lookedAt = now;
      this.#lookedWindow = segments;
    }
    // §4.3: Reno would be ahead.
    const behind = Math.floor(this.#renoWindow) - segments;
    if (behind > 0) this.#perSegment = Math.min(this.#perSegment, Math.floor(segments / behind));
  }

  /** §4.2: so that W_cubic(t + RTT) is reached a round trip from now. */
  #pace(now: Instant): number {
    const { segments } = this;
    const rtt = this.#minRtt === NONE ? 0 : this.#minRtt;
    const distance = (now - (this.#epochStart ?? now) + rtt) / SECOND - this.#k;
    const delta = Math.floor(C * Math.abs(distance) ** 3);
    const target = distance < 0 ? this.#origin - delta : this.#origin + delta;
    const pace = target > segments ? Math.floor(segments / (target - segments)) : PLATEAU * segments;
    return this.#windowMax === 0 ? Math.min(pace, UNKNOWN_PATH) : pace;
  }

  #startEpoch(now: Instant): void {
    const { segments } = this;
    this.#epochStart = now;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#renoWindow = segments;
    this.#origin = Math.max(segments, this.#windowMax);
    this.#k = Math.cbrt((this.#origin - segments) / C);
  }
}

function slowStartExit(
  { hystart, hystartDetect }: CongestionSettings,
  segments: number,
  now: Instant,
): SlowStartExit | undefined {
  if (hystart === "classic") return segments < LOW_WINDOW ? undefined : new HyStart(hystartDetect, now);
  return hystart === "plus-plus" ? new HyStartPlusPlus() : undefined;
}
