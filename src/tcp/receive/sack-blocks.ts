/**
 * What we report by SACK: RFC 2018 §4, and what arrived twice by D-SACK: RFC 2883 §4. The first block holds
 * the segment that came last; the others repeat the most recently reported ones, so that a lost ACK costs
 * nothing.
 */
import type { SeqRanges } from "../../base/ranges.ts";
import { type Seq, seqAfter, seqAtOrBefore, seqBefore } from "../../base/seq.ts";
import type { TcpOptions } from "../../wire/tcp-options.ts";

/** RFC 2018 §3: three fit beside the timestamps option, four without. */
const MOST_BLOCKS = 4;

export class SackReports {
  /** A member of each range reported lately, the latest first. */
  readonly #recent: Seq[] = [];
  #duplicate: readonly [Seq, Seq] | undefined;

  /** Text at `start` was placed out of order. */
  arrived(start: Seq): void {
    this.#recent.unshift(start);
    if (this.#recent.length > 2 * MOST_BLOCKS) this.#recent.pop();
  }

  /** `[start, end)` had been received before. Reported once. */
  duplicateArrived(start: Seq, end: Seq): void {
    if (seqBefore(start, end)) this.#duplicate = [start, end];
  }

  get isEmpty(): boolean {
    return this.#recent.length === 0 && this.#duplicate === undefined;
  }

  /** Fills in the blocks of a segment about to be sent. */
  fill(options: TcpOptions, ranges: SeqRanges, nxt: Seq): void {
    const room = options.hasTimestamps ? MOST_BLOCKS - 1 : MOST_BLOCKS;
    options.sackCount = 0;
    if (this.#duplicate !== undefined) {
      addBlock(options, this.#duplicate[0], this.#duplicate[1]);
      this.#duplicate = undefined;
    }
    const isReported = options.sackCount;
    let kept = 0;
    for (const member of this.#recent) {
      const index = seqAfter(nxt, member) ? -1 : ranges.indexOf(member);
      if (index < 0 || isListed(options, isReported, ranges.start(index))) continue;
      this.#recent[kept++] = member;
      if (options.sackCount < room) addBlock(options, ranges.start(index), ranges.end(index));
    }
    this.#recent.length = kept;
  }
}

function addBlock(options: TcpOptions, start: Seq, end: Seq): void {
  options.sackEdges[2 * options.sackCount] = start;
  options.sackEdges[2 * options.sackCount + 1] = end;
  options.sackCount++;
}

/** Whether a block from `first` on already covers `seq`. */
function isListed(options: TcpOptions, first: number, seq: Seq): boolean {
  for (let i = first; i < options.sackCount; i++) {
    const start = options.sackEdges[2 * i] as Seq;
    const end = options.sackEdges[2 * i + 1] as Seq;
    if (seqAtOrBefore(start, seq) && seqBefore(seq, end)) return true;
  }
  return false;
}
