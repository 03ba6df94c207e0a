/**
 * What has become of what the retransmission queue holds, as sums in bytes and in segments: RFC 6675 §3. Each
 * record is counted by its marks, and taken out of the sums before those change.
 */
import type { SentRange } from "./sent-range.ts";

export class QueueSums {
  sackedBytes = 0;
  /** Held for lost, whether sent again since or not. */
  lostBytes = 0;
  /** Sent again, and that copy held to be in flight. */
  retransmittedBytes = 0;
  /** Lost and not sent again since. */
  owedBytes = 0;
  /** The same as numbers of segments: each counts whole, however little text it has. */
  sackedSegments = 0;
  lostSegments = 0;
  retransmittedSegments = 0;

  count(record: SentRange): void {
    this.#add(record, record.length, record.segments);
  }

  uncount(record: SentRange): void {
    this.#add(record, -record.length, -record.segments);
  }

  /** No record is held for lost any more. */
  forgetLost(): void {
    this.lostBytes = 0;
    this.lostSegments = 0;
    this.owedBytes = 0;
  }

  /** No record is held to have arrived. */
  forgetSacked(): void {
    this.sackedBytes = 0;
    this.sackedSegments = 0;
  }

  #add(record: SentRange, bytes: number, segments: number): void {
    if (record.sacked) {
      this.sackedBytes += bytes;
      this.sackedSegments += segments;
    }
    if (record.lost) {
      this.lostBytes += bytes;
      this.lostSegments += segments;
    }
    if (record.retransmitted) {
      this.retransmittedBytes += bytes;
      this.retransmittedSegments += segments;
    }
    if (record.isOwed) this.owedBytes += bytes;
  }
}
