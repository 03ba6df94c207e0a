/**
 * The sender's scoreboard: SACK blocks mark the records of the retransmission queue. RFC 2018 §4, RFC 6675
 * §3; a block that reports a duplicate is a D-SACK: RFC 2883 §4.
 */
import { type Seq, seq, seqAfter, seqAtOrBefore, seqBefore } from "../../base/seq.ts";
import type { RetransmissionQueue } from "../send/retransmission-queue.ts";
import type { SentSegment } from "../send/sent-segment.ts";

/** SACK blocks as the segment carried them. */
export interface SackBlocks {
  readonly sackCount: number;
  readonly sackEdges: Int32Array;
}

/** What the blocks told. One object a scoreboard, refilled each time. */
export class SackResult {
  /** Sequence numbers that are known to have arrived only now. */
  bytes = 0;
  /** The first block reports a range twice received: `[start, end)`. */
  duplicate = false;
  duplicateEnd: Seq = seq(0);
}

export class Scoreboard {
  readonly #result = new SackResult();

  /** Marks what the blocks cover; `visit` sees each newly reported record. */
  update(
    blocks: SackBlocks,
    queue: RetransmissionQueue,
    ack: Seq,
    una: Seq,
    nxt: Seq,
    visit: (record: SentSegment) => void,
  ): SackResult {
    const result = this.#result;
    result.bytes = 0;
    result.duplicate = false;
    for (let i = 0; i < blocks.sackCount; i++) {
      const start = blocks.sackEdges[2 * i] as Seq;
      const end = blocks.sackEdges[2 * i + 1] as Seq;
      if (i === 0 && isDuplicateReport(blocks, ack)) {
        result.duplicate = true;
        result.duplicateEnd = end;
        continue;
      }
      // RFC 2018 §4: what was never sent, or is acknowledged already, is not the peer's to report.
      if (seqAtOrBefore(end, start) || seqBefore(start, una) || seqAfter(end, nxt)) continue;
      result.bytes += markRange(queue, start, end, visit);
    }
    return result;
  }
}

/** RFC 2883 §4: the first block lies below the acknowledgment, or within the second block. */
function isDuplicateReport(blocks: SackBlocks, ack: Seq): boolean {
  const start = blocks.sackEdges[0] as Seq;
  const end = blocks.sackEdges[1] as Seq;
  if (seqBefore(start, ack)) return seqAtOrBefore(end, ack);
  if (blocks.sackCount < 2) return false;
  const outerStart = blocks.sackEdges[2] as Seq;
  const outerEnd = blocks.sackEdges[3] as Seq;
  return seqAtOrBefore(outerStart, start) && seqAtOrBefore(end, outerEnd);
}

function markRange(
  queue: RetransmissionQueue,
  start: Seq,
  end: Seq,
  visit: (record: SentSegment) => void,
): number {
  let bytes = 0;
  for (let i = queue.indexOf(start); i < queue.count; i++) {
    const record = queue.at(i);
    if (seqAtOrBefore(end, record.start)) break;
    if (record.sacked) continue;
    if (seqBefore(record.start, start)) {
      // Only its later part was reported: that becomes a record of its own, which comes next.
      queue.cut(i, start);
      continue;
    }
    if (seqAfter(record.end, end) && !queue.cut(i, end)) break;
    bytes += record.length;
    visit(record);
    queue.markSacked(record);
  }
  return bytes;
}
