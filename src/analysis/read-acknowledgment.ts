/**
 * What an acknowledgment tells of the other end's text: what has arrived, how long that took (Karn's rule,
 * and RFC 7323 §4 where timestamps tell the copies apart), and which repetitions were for nothing (D-SACK,
 * RFC 2883; the Eifel detection, RFC 3522).
 */
import { seqAtOrBefore, seqBefore } from "../base/seq.ts";
import type { CapturedEnd } from "./captured-end.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import { MARK, type Verdict } from "./marks.ts";
import type { SentRecord } from "./sent-text.ts";

type Needless = (verdict: Verdict) => void;

export function readAcknowledgment(
  me: CapturedEnd,
  sender: CapturedEnd,
  segment: CapturedSegment,
  verdict: Verdict,
  needless: Needless,
): { readonly acknowledged: boolean; readonly sacked: boolean } {
  const { acknowledgment, time } = segment;
  const { sent } = sender;
  if (segment.sack.length > 0) readDuplicate(me, sender, segment, verdict, needless);
  const sacked = sender.sacked(segment.sack, acknowledgment);
  const arrivals = new Arrivals(sender, segment, needless);
  const missing = sent.missing;
  const news = sent.acknowledge(acknowledgment, record => arrivals.add(record));
  verdict.sackedBytes = sacked;
  if (sent.missing > missing) verdict.marks |= MARK.acknowledgesUnseen;
  if (news > 0 || sacked > 0) sender.learnedAt = time;
  if (news > 0) {
    sender.arrived(acknowledgment, news, time);
    verdict.acknowledged = news;
    verdict.rtt = arrivals.sample;
    if (verdict.rtt !== undefined) sender.roundTrips.add(verdict.rtt);
  }
  return { acknowledged: news > 0, sacked: sacked > 0 };
}

/** RFC 2883 §4: the first range lies before what is acknowledged, or within the second. */
function readDuplicate(
  me: CapturedEnd,
  sender: CapturedEnd,
  { sack, acknowledgment }: CapturedSegment,
  verdict: Verdict,
  needless: Needless,
): void {
  const [first, second] = sack;
  if (first === undefined) return;
  const [start, end] = first;
  const isWithin = second !== undefined && !seqBefore(start, second[0]) && seqAtOrBefore(end, second[1]);
  if (!seqAtOrBefore(end, acknowledgment) && !isWithin) return;
  verdict.marks |= MARK.duplicateSack;
  me.counts.duplicateSacks++;
  const repetition = sender.needlessWithin(start, end);
  if (repetition !== undefined) needless(repetition);
}

/** The records that one acknowledgment covers. */
class Arrivals {
  readonly #sender: CapturedEnd;
  readonly #ack: CapturedSegment;
  readonly #needless: Needless;
  #count = 0;
  #isAmbiguous = false;
  sample: number | undefined;

  constructor(sender: CapturedEnd, ack: CapturedSegment, needless: Needless) {
    this.#sender = sender;
    this.#ack = ack;
    this.#needless = needless;
  }

  add(record: SentRecord): void {
    this.#count++;
    const { time, hasTimestamps, timestampEcho } = this.#ack;
    if (record.copies === 1 && record.verdict === undefined) {
      // Text that SACK has told of arrived earlier.
      if (!this.#isAmbiguous && !this.#sender.isSacked(record)) this.sample = time - record.firstTime;
      return;
    }
    this.#isAmbiguous = true;
    this.sample = undefined;
    if (this.#count > 1 || !hasTimestamps || record.firstTimestamp === record.lastTimestamp) return;
    if (timestampEcho === record.lastTimestamp) this.sample = time - record.lastTime;
    else if (((timestampEcho - record.lastTimestamp) | 0) < 0 && record.verdict !== undefined) {
      this.#needless(record.verdict);
    }
  }
}
