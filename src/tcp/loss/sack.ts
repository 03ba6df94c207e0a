/**
 * The sender's scoreboard: SACK blocks mark what the retransmission queue holds. RFC 2018 §4, RFC 6675 §3; a
 * block that reports a duplicate is a D-SACK: RFC 2883 §4. A segment is marked when one block covers all of
 * it, so that no report cuts the queue into more pieces than segments were sent (CVE-2019-11478):
 * docs/decisions/sack-whole-segments.md.
 */
import { type Seq, seqAfter, seqAtOrBefore, seqBefore, seqMax } from "../../base/seq.ts";
import type { RetransmissionQueue } from "../send/retransmission-queue.ts";
import type { SentRange } from "../send/sent-range.ts";

/** SACK blocks as the segment carried them. */
export interface SackBlocks {
  readonly sackCount: number;
  readonly sackEdges: Int32Array;
}

const MOST_BLOCKS = 4;

export class Scoreboard {
  /** The highest number known to have arrived: RACK.fack of RFC 8985 §6.2. */
  #highest: Seq;
  /** The blocks of the last report, in order: what they cover has been looked at. Made on first need. */
  #known: Int32Array | undefined;
  #knownCount = 0;

  constructor(iss: Seq) {
    this.#highest = iss;
  }

  get highest(): Seq {
    return this.#highest;
  }

  /** SND.UNA moved. */
  acknowledged(una: Seq): void {
    this.#highest = seqMax(this.#highest, una);
  }

  /** The peer has thrown away what it reported. */
  forget(una: Seq): void {
    this.#highest = una;
    this.#knownCount = 0;
  }

  /** Marks what the blocks cover; `visit` sees each newly reported record before it is marked. */
  update(
    blocks: SackBlocks,
    queue: RetransmissionQueue,
    ack: Seq,
    una: Seq,
    nxt: Seq,
    visit: (record: SentRange) => void,
  ): void {
    const first = isDuplicateReport(blocks, ack) ? 1 : 0;
    if (queue.sackedBytes === 0) this.#knownCount = 0;
    for (let i = first; i < blocks.sackCount; i++) {
      const start = blocks.sackEdges[2 * i] as Seq;
      const end = blocks.sackEdges[2 * i + 1] as Seq;
      if (isBelievable(start, end, una, nxt)) this.#markNews(queue, start, end, visit);
    }
    this.#remember(blocks, first, una, nxt);
  }

  /** Marks what of a block the last report did not cover. */
  #markNews(queue: RetransmissionQueue, start: Seq, end: Seq, visit: (record: SentRange) => void): void {
    const known = this.#known;
    let from = start;
    for (let i = 0; known !== undefined && i < this.#knownCount; i++) {
      const knownStart = known[2 * i] as Seq;
      const knownEnd = known[2 * i + 1] as Seq;
      if (seqAtOrBefore(knownEnd, from)) continue;
      if (seqAtOrBefore(end, knownStart)) break;
      // Also where two of them touched: a record may lie across.
      const isGap = seqBefore(from, knownStart) || from !== start;
      if (isGap) this.#mark(queue, start, end, from, seqMax(from, knownStart), visit);
      from = knownEnd;
    }
    if (seqBefore(from, end)) this.#mark(queue, start, end, from, end, visit);
  }

  /** Marks the records that `[start, end)` covers, of those that lie in `[from, to)` at least in part. */
  #mark(
    queue: RetransmissionQueue,
    start: Seq,
    end: Seq,
    from: Seq,
    to: Seq,
    visit: (record: SentRange) => void,
  ): void {
    for (let record = queue.find(from); record !== undefined; record = record.next) {
      if (seqAtOrBefore(to, record.start)) return;
      if (record.sacked) continue;
      const reported = queue.within(record, start, end);
      if (reported === undefined) continue;
      visit(reported);
      queue.markSacked(reported);
      this.#highest = seqMax(this.#highest, reported.end);
      record = reported;
    }
  }

  /** Keeps the blocks for the next report, in order. There are four at most. */
  #remember(blocks: SackBlocks, first: number, una: Seq, nxt: Seq): void {
    this.#knownCount = 0;
    for (let i = first; i < blocks.sackCount; i++) {
      const start = blocks.sackEdges[2 * i] as Seq;
      const end = blocks.sackEdges[2 * i + 1] as Seq;
      if (!isBelievable(start, end, una, nxt)) continue;
      this.#known ??= new Int32Array(2 * MOST_BLOCKS);
      const known = this.#known;
      let at = this.#knownCount++;
      for (; at > 0 && seqAfter(known[2 * at - 2] as Seq, start); at--) {
        known[2 * at] = known[2 * at - 2] as Seq;
        known[2 * at + 1] = known[2 * at - 1] as Seq;
      }
      known[2 * at] = start;
      known[2 * at + 1] = end;
    }
  }
}

/**
 * RFC 2018 §4: what was never sent, or is acknowledged already, is not the peer's to report; nor, as SACK is
 * about what lies behind a hole, what begins at SND.UNA.
 */
function isBelievable(start: Seq, end: Seq, una: Seq, nxt: Seq): boolean {
  return seqBefore(start, end) && seqAfter(start, una) && seqAtOrBefore(end, nxt);
}

/** RFC 2883 §4: the first block lies below the acknowledgment, or within the second block. */
export function isDuplicateReport(blocks: SackBlocks, ack: Seq): boolean {
  if (blocks.sackCount === 0) return false;
  const start = blocks.sackEdges[0] as Seq;
  const end = blocks.sackEdges[1] as Seq;
  if (seqBefore(start, ack)) return seqBefore(start, end) && seqAtOrBefore(end, ack);
  if (blocks.sackCount < 2) return false;
  const outerStart = blocks.sackEdges[2] as Seq;
  const outerEnd = blocks.sackEdges[3] as Seq;
  return seqBefore(start, end) && seqAtOrBefore(outerStart, start) && seqAtOrBefore(end, outerEnd);
}
