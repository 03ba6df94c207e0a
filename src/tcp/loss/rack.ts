/**
 * RACK: a segment is lost when one sent sufficiently later has been delivered. RFC 8985 §6.
 */
import { type Seq, seq, seqAfter, seqBefore } from "../../base/seq.ts";
import { type Duration, type Instant, NEVER, START_OF_TIME } from "../../base/time.ts";
import type { RetransmissionQueue } from "../send/retransmission-queue.ts";
import type { SentSegment } from "../send/sent-segment.ts";
import { DUPLICATE_ACK_THRESHOLD } from "./dup-ack.ts";

export class Rack {
  /** RACK.xmit_ts and RACK.end_seq: the most recently sent segment among those delivered. */
  #sentAt: Instant = START_OF_TIME;
  #endSeq: Seq = seq(0);
  /** RACK.rtt. */
  #rtt = 0 as Duration;
  /** RACK.fack: the highest sequence number known to have been delivered. */
  #highest: Seq;
  /** The same as it was before the acknowledgment at hand, whose parts come in no particular order. */
  #highestBefore: Seq;
  #reorderingSeen = false;

  constructor(iss: Seq) {
    this.#highest = iss;
    this.#highestBefore = iss;
  }

  get reorderingSeen(): boolean {
    return this.#reorderingSeen;
  }

  /** Before the first `delivered` of an acknowledgment. */
  acknowledgmentArrives(): void {
    this.#highestBefore = this.#highest;
  }

  /** §6.2 steps 1–3, for each segment newly acknowledged or reported. */
  delivered(record: SentSegment, now: Instant, minRtt: Duration): void {
    const rtt = (now - record.sentAt) as Duration;
    // Step 3: a segment that never was sent again and lies below the highest delivered one was overtaken.
    if (seqAfter(record.end, this.#highest)) this.#highest = record.end;
    if (record.transmissions === 1 && seqBefore(record.end, this.#highestBefore)) this.#reorderingSeen = true;
    // Step 2: the acknowledgment of a copy sent less than a round trip ago must be of an earlier copy.
    if (record.transmissions > 1 && rtt < minRtt) return;
    if (sentAfter(record.sentAt, record.end, this.#sentAt, this.#endSeq)) {
      this.#sentAt = record.sentAt;
      this.#endSeq = record.end;
      // In a simulation it may be 0; but what goes out now cannot be lost now, or it went out again without
      // end.
      this.#rtt = Math.max(rtt, 1) as Duration;
    }
  }

  /** §6.2 step 4: how much later a segment's successor may be delivered first. */
  reorderingWindow(srtt: Duration, minRtt: Duration, inRecovery: boolean, sackedSegments: number): Duration {
    if (!this.#reorderingSeen && (inRecovery || sackedSegments >= DUPLICATE_ACK_THRESHOLD))
      return 0 as Duration;
    return Math.min(minRtt / 4, srtt) as Duration;
  }

  /** §6.2 step 5: marks what is lost; answers when to look again, `NEVER` if not. `lost` sees each loss. */
  detect(
    queue: RetransmissionQueue,
    window: Duration,
    now: Instant,
    lost: (record: SentSegment) => void,
  ): Instant {
    let lookAgain = NEVER;
    for (let i = 0; i < queue.count; i++) {
      const record = queue.at(i);
      if (!sentAfter(this.#sentAt, this.#endSeq, record.sentAt, record.end)) {
        // Never sent again and later than the newest delivered one: so are all that follow it, unless sent
        // again.
        if (record.transmissions === 1 && queue.lostBytes === 0) break;
        continue;
      }
      if (record.sacked || record.lost) continue;
      const deadline = (record.sentAt + this.#rtt + window) as Instant;
      if (deadline <= now) {
        if (queue.markLost(record)) lost(record);
      } else if (deadline < lookAgain) {
        lookAgain = deadline;
      }
    }
    return lookAgain;
  }
}

/** RFC 8985 §5.2, RACK_sent_after: by time, and by sequence within one burst. */
function sentAfter(aSentAt: Instant, aEnd: Seq, bSentAt: Instant, bEnd: Seq): boolean {
  return aSentAt > bSentAt || (aSentAt === bSentAt && seqAfter(aEnd, bEnd));
}
