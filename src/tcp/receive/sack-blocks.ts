/**
 * What we report by SACK: RFC 2018 §4, and what arrived twice by D-SACK: RFC 2883 §4. The first block holds
 * the segment that came last; the others repeat the most recently reported ones, so that a lost ACK costs
 * nothing. Ranges that came since the last ACK are each told once at least, by several ACKs where one has no
 * room for them: the sender would take for lost what it never hears of.
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

/** Ranges that are remembered: a burst may begin many before anything is sent. */
const MOST_RANGES = 64;

export class SackReports {
  /** One member of each range that came or was reported lately, the latest first. */
  readonly #recent: Seq[] = [];
  /** So many of them, the latest, came since they were last told of. */
  #untold = 0;
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
    let untold = this.#untold;
    for (let i = 0; i < recent.length; i++) {
      const member = recent[i] as Seq;
      if (member === start || (index >= 0 && ranges.holds(index, member))) {
        if (i < this.#untold) untold--;
        continue;
      }
      recent[kept++] = moving;
      moving = member;
    }
    if (kept < MOST_RANGES) recent[kept++] = moving;
    recent.length = kept;
    this.#untold = Math.min(untold + 1, kept);
  }

  /** Ranges that no ACK has told of. */
  get untold(): number {
    return this.#untold;
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
    this.#untold = 0;
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
   * Fills in the blocks of a segment about to be sent: those that came first of what is untold, if that is
   * more than there is room for.
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
    this.#forgetOld(ranges, nxt, finAt);
    const first = room === 0 ? 0 : Math.max(0, this.#untold - (room - isReported));
    for (let i = first; i < this.#recent.length && options.sackCount < room; i++) {
      const member = this.#recent[i] as Seq;
      if (isListed(options, isReported, member)) continue;
      const index = indexOf(ranges, member, finAt);
      const start = index < 0 ? member : ranges.start(index);
      const end = index < 0 ? member : ranges.end(index);
      addBlock(options, start, end === finAt ? seqAdd(end, 1) : end);
    }
    this.#untold = first;
  }

  /** Of what has been acknowledged, or thrown away, there is nothing to report. */
  #forgetOld(ranges: SeqRanges, nxt: Seq, finAt: Seq | undefined): void {
    const recent = this.#recent;
    let kept = 0;
    let untold = 0;
    for (let i = 0; i < recent.length; i++) {
      const member = recent[i] as Seq;
      const isKnown = member === finAt || indexOf(ranges, member, finAt) >= 0;
      if (seqAfter(nxt, member) || !isKnown) continue;
      recent[kept++] = member;
      if (i < this.#untold) untold++;
    }
    recent.length = kept;
    this.#untold = untold;
  }
}

/** The range that holds a member; of a FIN, the one that it continues, if there is no hole before it. */
function indexOf(ranges: SeqRanges, member: Seq, finAt: Seq | undefined): number {
  return member === finAt ? rangeEndingAt(ranges, member) : ranges.indexOf(member);
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
