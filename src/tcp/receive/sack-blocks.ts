/**
 * What we report by SACK: RFC 2018 §4, and what arrived twice by D-SACK: RFC 2883 §4. The first block holds
 * the segment that came last; the others repeat the most recently reported ones, so that a lost ACK costs
 * nothing.
 */
import type { SeqRanges } from "../../base/ranges.ts";
import { type Seq, seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqMax, seqMin } from "../../base/seq.ts";
import type { TcpOptions } from "../../wire/tcp-options.ts";

/** RFC 2018 §3: three fit beside the timestamps option, four without. */
const MOST_BLOCKS = 4;

/** How many blocks there is room for beside the other options. */
export function mostBlocks(hasTimestamps: boolean, isSigned: boolean): number {
  if (isSigned) return hasTimestamps ? 0 : 2;
  return hasTimestamps ? MOST_BLOCKS - 1 : MOST_BLOCKS;
}

export class SackReports {
  /** One member of each range reported lately, the latest first. */
  readonly #recent: Seq[] = [];
  #duplicate: readonly [Seq, Seq] | undefined;

  /**
   * Text at `start` was placed out of order. It stands for its whole range: many segments that come between
   * two ACKs push no other range out.
   */
  arrived(start: Seq, ranges: SeqRanges): void {
    const recent = this.#recent;
    const index = ranges.indexOf(start);
    let moving = start;
    let kept = 0;
    for (let i = 0; i < recent.length; i++) {
      const member = recent[i] as Seq;
      if (member === start || (index >= 0 && ranges.holds(index, member))) continue;
      recent[kept++] = moving;
      moving = member;
    }
    if (kept < 2 * MOST_BLOCKS) recent[kept++] = moving;
    recent.length = kept;
  }

  /**
   * `[start, end)` had been received before. Reported once; of several that wait, the first, or both as one.
   */
  duplicateArrived(start: Seq, end: Seq): void {
    if (seqAtOrBefore(end, start)) return;
    const waiting = this.#duplicate;
    if (waiting === undefined) this.#duplicate = [start, end];
    else if (seqAtOrBefore(start, waiting[1]) && seqAtOrBefore(waiting[0], end)) {
      this.#duplicate = [seqMin(start, waiting[0]), seqMax(end, waiting[1])];
    }
  }

  /** The peer's FIN is here: there is nothing left to report. */
  clear(): void {
    this.#recent.length = 0;
    this.#duplicate = undefined;
  }

  get isEmpty(): boolean {
    return this.#recent.length === 0 && this.#duplicate === undefined;
  }

  /** How many blocks there are to report, however many of them fit. */
  blocks(ranges: SeqRanges, finAt: Seq | undefined): number {
    const isApart = finAt !== undefined && rangeEndingAt(ranges, finAt) < 0;
    return ranges.count + (isApart ? 1 : 0) + (this.#duplicate === undefined ? 0 : 1);
  }

  /**
   * Fills in the blocks of a segment about to be sent.
   *
   * @param finAt where a FIN lies that came before the text in front of it
   */
  fill(options: TcpOptions, ranges: SeqRanges, nxt: Seq, finAt: Seq | undefined): void {
    const room = mostBlocks(options.hasTimestamps, options.md5 !== undefined);
    options.sackCount = 0;
    if (room > 0 && this.#duplicate !== undefined) {
      addBlock(options, this.#duplicate[0], this.#duplicate[1]);
      this.#duplicate = undefined;
    }
    const isReported = options.sackCount;
    let kept = 0;
    for (const member of this.#recent) {
      const isFin = member === finAt;
      const index = isFin ? rangeEndingAt(ranges, member) : ranges.indexOf(member);
      const isKnown = !seqAfter(nxt, member) && (isFin || index >= 0);
      if (!isKnown || isListed(options, isReported, member)) continue;
      this.#recent[kept++] = member;
      if (options.sackCount === room) continue;
      const start = index < 0 ? member : ranges.start(index);
      const end = index < 0 ? member : ranges.end(index);
      addBlock(options, start, end === finAt ? seqAdd(end, 1) : end);
    }
    this.#recent.length = kept;
  }
}

/** The range that a FIN at `seq` continues; −1: there is a hole before it. */
function rangeEndingAt(ranges: SeqRanges, seq: Seq): number {
  for (let i = 0; i < ranges.count; i++) if (ranges.end(i) === seq) return i;
  return -1;
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
