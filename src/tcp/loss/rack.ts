/**
 * RACK: a segment is lost when one sent sufficiently later has been delivered. RFC 8985 §6.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { type Seq, seq, seqAfter } from "../../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../../base/time.ts";
import type { RetransmissionQueue } from "../send/retransmission-queue.ts";
import type { SentRange } from "../send/sent-range.ts";

const BEFORE_ALL = -1 as Instant;

export class Rack {
  /** RACK.xmit_ts and RACK.end_seq: the most recently sent segment among those delivered. */
  #sentAt: Instant = BEFORE_ALL;
  #endSeq: Seq = seq(0);
  /** RACK.rtt: of the segment delivered last. */
  #rtt = 0 as Duration;
  #hasNews = false;

  /** Something was delivered since losses were last looked for. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** What was held for lost is not: it may be found lost again. */
  lookAgain(): void {
    this.#hasNews = true;
  }

  /**
   * §6.2 step 2, for each segment newly acknowledged or reported.
   * @param isOriginal the peer's timestamp shows that it was not the last copy that arrived
   */
  delivered(record: SentRange, now: Instant, minRtt: Duration, isOriginal: boolean): void {
    const rtt = (now - record.sentAt) as Duration;
    // The acknowledgment of a copy sent less than a round trip ago must be of an earlier copy.
    if (record.transmissions > 1 && (isOriginal || rtt < minRtt)) return;
    // In a simulation it may be 0; but what goes out now cannot be lost now, or it went out again without
    // end.
    this.#rtt = Math.max(rtt, 1) as Duration;
    this.#hasNews = true;
    if (!this.#isAfter(record)) {
      this.#sentAt = record.sentAt;
      this.#endSeq = record.end;
    }
  }

  /**
   * §6.2 step 5: marks what is lost; answers when to look again, `NEVER` if not. `lost` sees each loss before
   * it is marked.
   */
  detect(
    queue: RetransmissionQueue,
    window: Duration,
    now: Instant,
    lost: (record: SentRange) => void,
  ): Instant {
    this.#hasNews = false;
    let lookAgain = now;
    let record = queue.order.oldest;
    // Sent later than the newest delivered one: so are all that follow.
    while (record !== undefined && this.#isAfter(record)) {
      const { later } = record;
      const deadline = this.#deadline(record, window);
      if (deadline <= now) {
        lost(record);
        queue.markLost(record);
      } else if (deadline > lookAgain) {
        lookAgain = deadline;
      }
      record = later;
    }
    return lookAgain > now ? lookAgain : NEVER;
  }

  /** §6.3: sent less than a round trip ago, so that a timeout says nothing of it. */
  isRecent(record: SentRange, now: Instant): boolean {
    return this.#deadline(record, 0 as Duration) > now;
  }

  #deadline(record: SentRange, window: Duration): Instant {
    return (record.sentAt + this.#rtt + window) as Instant;
  }

  /** RFC 8985 §5.2, RACK_sent_after: by time, and by sequence within one burst. */
  #isAfter(record: SentRange): boolean {
    return (
      this.#sentAt > record.sentAt || (this.#sentAt === record.sentAt && seqAfter(this.#endSeq, record.end))
    );
  }

  fold(row: Row, at: number): number {
    row[at] = this.#sentAt;
    row[at + 1] = this.#endSeq;
    row[at + 2] = this.#rtt;
    row[at + 3] = this.#hasNews ? 1 : 0;
    return at + 4;
  }

  unfold(row: Row, at: number): number {
    this.#sentAt = numberAt(row, at);
    this.#endSeq = numberAt(row, at + 1);
    this.#rtt = numberAt(row, at + 2);
    this.#hasNews = flagAt(row, at + 3);
    return at + 4;
  }
}
