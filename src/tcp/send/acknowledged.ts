/** What an acknowledgment took off the retransmission queue. One object a queue, refilled by each. */
import { type Seq, seq } from "../../base/seq.ts";
import { type Instant, NEVER } from "../../base/time.ts";
import type { SentRange } from "./sent-range.ts";

export class Acknowledged {
  /** Sequence numbers newly acknowledged that SACK had not reported before. */
  bytes = 0;
  /** All sequence numbers newly acknowledged. */
  total = 0;
  /** Of what was sent only once and not reported before: when the first and the last was sent; or NEVER. */
  oldestOnceSentAt: Instant = NEVER;
  newestOnceSentAt: Instant = NEVER;
  /** The first of these ranges. */
  onceSentStart: Seq = seq(0);
  onceSentEnd: Seq = seq(0);
  /** Segments acknowledged whole. */
  segments = 0;
  /** Retransmitted ones were among them. */
  anyRetransmitted = false;

  begin(): void {
    this.bytes = 0;
    this.total = 0;
    this.oldestOnceSentAt = NEVER;
    this.newestOnceSentAt = NEVER;
    this.segments = 0;
    this.anyRetransmitted = false;
  }

  /** The first `length` numbers of a record. */
  note(record: SentRange, length: number): void {
    this.total += length;
    if (!record.sacked) this.bytes += length;
    if (record.transmissions > 1) {
      this.anyRetransmitted = true;
    } else if (!record.sacked) {
      if (this.oldestOnceSentAt === NEVER) {
        this.oldestOnceSentAt = record.firstSentAt;
        this.onceSentStart = record.start;
        this.onceSentEnd = record.end;
      }
      this.newestOnceSentAt = record.firstSentAt;
    }
  }
}
