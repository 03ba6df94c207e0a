/**
 * How fast the path delivers: draft-ietf-ccwg-bbr §4.1, Linux's tcp_rate.c. Each sent segment takes along how
 * much had been delivered by then; when it is delivered itself, what came in between divided by the time that
 * took is a sample. The time is the longer one of sending and being acknowledged, so that bunched
 * acknowledgments do not look fast. Counts are of segments.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { type Duration, type Instant, NEVER } from "../../base/time.ts";
import type { SentRange } from "./sent-range.ts";

const NONE = 0 as Duration;

/** What an acknowledgment told of the rate. */
export class RateSample {
  /** Segments delivered during `interval`; an interval of 0: no sample. */
  delivered = 0;
  interval = NONE;
  isAppLimited = false;
  /** C.delivered when the newest delivered segment was sent, what was in flight then, and lost since. */
  priorDelivered = 0;
  sentInFlight = 0;
  lost = 0;
  /** Whether a round trip has ended. */
  roundStart = false;
  /** Segments with text delivered by this acknowledgment, and held for lost because of it. */
  newlyDelivered = 0;
  newlyLost = 0;
}

export class DeliveryRate {
  readonly sample = new RateSample();
  /** C.delivered, C.delivered_time, C.first_send_time. */
  #delivered = 0;
  #deliveredAt: Instant;
  #firstSentAt: Instant;
  /** C.app_limited: up to this much delivered, samples are limited by the user; 0: they are not. */
  #appLimitedUntil = 1;
  /** The round ends when a segment is delivered that was sent after so much had been. */
  #roundEnd = 0;
  /** Of the newest segment delivered by the acknowledgment at hand. */
  #hasNewest = false;
  #newestDeliveredAt: Instant;
  #sendInterval = NONE;
  #deliveredBefore = 0;
  #lostBefore = 0;
  /** The last sample that the user did not limit, or a faster one that he did: Linux's tcpi_delivery_rate. */
  #rateDelivered = 0;
  #rateInterval = NONE;
  #rateIsAppLimited = true;

  constructor(now: Instant) {
    this.#deliveredAt = now;
    this.#firstSentAt = now;
    this.#newestDeliveredAt = now;
  }

  get delivered(): number {
    return this.#delivered;
  }

  get isAppLimited(): boolean {
    return this.#appLimitedUntil > 0;
  }

  /** Segments a second, and whether the user limited them; 0: not measured yet. */
  get rate(): number {
    return this.#rateInterval === 0 ? 0 : (this.#rateDelivered * 1_000_000) / this.#rateInterval;
  }

  get rateIsAppLimited(): boolean {
    return this.#rateIsAppLimited;
  }

  /**
   * §4.1.2.2: a range goes out.
   * @param isFirst Nothing else is sent and not acknowledged.
   * @param inFlight The first of its segments included.
   * @param lost C.lost: all that was ever held for lost.
   */
  sent(record: SentRange, now: Instant, isFirst: boolean, inFlight: number, lost: number): void {
    if (isFirst) {
      this.#firstSentAt = now;
      this.#deliveredAt = now;
    }
    record.flightSentAt = this.#firstSentAt;
    record.deliveredAt = this.#deliveredAt;
    record.delivered = this.#delivered;
    record.lostBefore = lost;
    record.sentInFlight = inFlight;
    record.isAppLimited = this.isAppLimited;
  }

  /** Before the first segment of an acknowledgment. */
  begin(lost: number): void {
    this.#hasNewest = false;
    this.#deliveredBefore = this.#delivered;
    this.#lostBefore = lost;
  }

  /** §4.1.2.3: a range is delivered. Of all in one acknowledgment the one that was sent last counts. */
  received(record: SentRange): void {
    const { segments } = record;
    this.#delivered += segments;
    // The handshake's is counted, but it is no news of text.
    if (record.syn) this.#deliveredBefore += segments;
    if (record.deliveredAt === NEVER) return;
    const { sample } = this;
    if (this.#hasNewest && !isNewer(record, sample.priorDelivered, this.#firstSentAt)) return;
    this.#hasNewest = true;
    sample.priorDelivered = record.delivered;
    sample.isAppLimited = record.isAppLimited;
    sample.sentInFlight = record.sentInFlight;
    sample.lost = record.lostBefore;
    this.#newestDeliveredAt = record.deliveredAt;
    this.#sendInterval = (record.sentAt - record.flightSentAt) as Duration;
    this.#firstSentAt = record.sentAt;
  }

  /** A SYN and the text that went with it (RFC 7413) have two records, and were one segment. */
  joined(): void {
    if (this.#delivered > 1) this.#delivered--;
  }

  /** Without SACK: a duplicate acknowledgment says that some segment was delivered, but not which. */
  duplicateAck(): void {
    this.#delivered++;
  }

  /** So many of the segments that an acknowledgment delivers had been counted by duplicates, all but one. */
  counted(duplicates: number): void {
    const newly = this.#delivered - this.#deliveredBefore;
    this.#delivered -= Math.max(0, Math.min(duplicates, newly - 1));
  }

  /** §4.1.2.3, GenerateRateSample: when all of an acknowledgment has been looked at. */
  generate(now: Instant, minRtt: Duration, lost: number): RateSample {
    const { sample } = this;
    if (this.#appLimitedUntil > 0 && this.#delivered > this.#appLimitedUntil) this.#appLimitedUntil = 0;
    sample.newlyDelivered = this.#delivered - this.#deliveredBefore;
    sample.newlyLost = lost - this.#lostBefore;
    if (sample.newlyDelivered > 0 || this.#hasNewest) this.#deliveredAt = now;
    sample.roundStart = false;
    sample.interval = NONE;
    sample.delivered = 0;
    if (!this.#hasNewest) return sample;
    sample.lost = lost - sample.lost;
    if (sample.priorDelivered >= this.#roundEnd) {
      this.#roundEnd = this.#delivered;
      sample.roundStart = true;
    }
    sample.delivered = this.#delivered - sample.priorDelivered;
    const interval = Math.max(this.#sendInterval, now - this.#newestDeliveredAt) as Duration;
    // Shorter than a round trip: a retransmission that was not needed was acknowledged for its original.
    if (interval === 0 || interval < minRtt) return sample;
    sample.interval = interval;
    this.#keep(sample);
    return sample;
  }

  /** §4.1.2.4: the user has nothing more to send: what is in flight now does not fill the path. */
  ranOut(inFlight: number): void {
    this.#appLimitedUntil = Math.max(this.#delivered + inFlight, 1);
  }

  #keep({ delivered, interval, isAppLimited }: RateSample): void {
    if (isAppLimited && delivered * this.#rateInterval < this.#rateDelivered * interval) return;
    this.#rateDelivered = delivered;
    this.#rateInterval = interval;
    this.#rateIsAppLimited = isAppLimited;
  }

  fold(row: Row, at: number): number {
    row[at] = this.#delivered;
    row[at + 1] = this.#appLimitedUntil;
    row[at + 2] = this.#roundEnd;
    row[at + 3] = this.#rateDelivered;
    row[at + 4] = this.#rateInterval;
    row[at + 5] = this.#rateIsAppLimited ? 1 : 0;
    return at + 6;
  }

  unfold(row: Row, at: number): number {
    this.#delivered = numberAt(row, at);
    this.#appLimitedUntil = numberAt(row, at + 1);
    this.#roundEnd = numberAt(row, at + 2);
    this.#rateDelivered = numberAt(row, at + 3);
    this.#rateInterval = numberAt(row, at + 4);
    this.#rateIsAppLimited = flagAt(row, at + 5);
    return at + 6;
  }
}

function isNewer(record: SentRange, delivered: number, sentAt: Instant): boolean {
  return record.delivered > delivered || (record.delivered === delivered && record.sentAt > sentAt);
}
