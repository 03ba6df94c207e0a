/**
 * Loss by counting what SACK reports, where RACK is off (net.ipv4.tcp_recovery without bit 1): RFC 6675 §4,
 * IsLost() and NextSeg()'s rescue retransmission.
 */
import { type Seq, seqAfter } from "../../base/seq.ts";
import type { RetransmissionQueue } from "../send/retransmission-queue.ts";
import type { SentRange } from "../send/sent-range.ts";

/**
 * IsLost(): behind a record lie `threshold` reported segments, or more bytes than all but one of so many
 * have. `lost` sees each loss, before it is marked.
 */
export function markBelowReports(
  queue: RetransmissionQueue,
  threshold: number,
  mss: number,
  lost: (record: SentRange) => void,
): void {
  if (queue.sackedBytes === 0) return;
  let segments = queue.sackedSegments;
  let bytes = queue.sackedBytes;
  for (let record = queue.first; record !== undefined && segments > 0; record = record.next) {
    if (record.sacked) {
      segments -= record.segments;
      bytes -= record.length;
    } else if ((segments >= threshold || bytes > (threshold - 1) * mss) && !record.lost) {
      lost(record);
      queue.markLost(record);
    }
  }
}

/** NextSeg() (4): once a recovery, its last segment goes out again when nothing else may. */
export class RescueRetransmission {
  /** RescueRxt: when this is acknowledged, another one is allowed. */
  #until: Seq | undefined = undefined;

  mayGo(una: Seq): boolean {
    return this.#until === undefined || seqAfter(una, this.#until);
  }

  sent(point: Seq): void {
    this.#until = point;
  }
}

/** The highest segment that was not reported: what a rescue sends. */
export function highestUnreported(queue: RetransmissionQueue): SentRange | undefined {
  let highest: SentRange | undefined;
  for (let record = queue.first; record !== undefined; record = record.next) {
    if (!record.sacked) highest = record;
  }
  return highest;
}
