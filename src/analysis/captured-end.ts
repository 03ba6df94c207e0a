/** One end of a captured connection: what it sent, what it has told of the other's text, and counts. */
import { SeqRanges } from "../base/ranges.ts";
import { type Seq, seqAdd, seqAfter, seqAtOrAfter, seqAtOrBefore, seqBefore, seqIn } from "../base/seq.ts";
import type { LossCause } from "../trace/event.ts";
import type { IpAddress } from "../wire/address.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import { Identifications } from "./lateness.ts";
import { MARK, type Verdict } from "./marks.ts";
import { RoundTrips } from "./round-trips.ts";
import { type SentRecord, SentText } from "./sent-text.ts";
import { Throughput } from "./throughput.ts";

export interface EndCounts {
  packets: number;
  wireBytes: number;
  /** Segments with text, and their text, repetitions included. */
  textSegments: number;
  textBytes: number;
  retransmissions: number;
  retransmittedBytes: number;
  spurious: number;
  outOfOrder: number;
  copies: number;
  duplicateAcks: number;
  duplicateSacks: number;
  zeroWindows: number;
  windowFulls: number;
  windowUpdates: number;
  windowProbes: number;
  keepalives: number;
  gaps: number;
  resets: number;
  /** Retransmissions of text that the capture had seen, and of text that it had not. */
  lostBehind: number;
  lostBefore: number;
  badChecksums: number;
  goodChecksums: number;
}

/** Repetitions that a D-SACK may still speak of. */
const MOST_RECENT = 64;
/** Ranges that a strange receiver may tell of. */
const MOST_SACKED = 256;
/** RFC 9293 §3.7.1. */
const DEFAULT_MSS = 536;

export class CapturedEnd {
  readonly address: IpAddress;
  readonly port: number;
  readonly sent = new SentText();
  /** Of the text that it sent: from the capture to the peer and back. */
  readonly roundTrips = new RoundTrips();
  readonly throughput = new Throughput();
  readonly identifications = new Identifications();
  readonly counts: EndCounts = newCounts();
  readonly causes: Partial<Record<LossCause, number>> = {};
  /** Of its SYN. */
  hasSyn = false;
  initialSequence: Seq = 0 as Seq;
  mss = -1;
  windowScale = -1;
  sackPermitted = false;
  hasTimestamps = false;
  /** What it acknowledged last, the window that it told with it, and how often it said so again. */
  hasAcknowledged = false;
  acknowledgment: Seq = 0 as Seq;
  window = 0;
  duplicateAcks = 0;
  largestWindow = 0;
  largestText = 0;
  largestFlight = 0;
  zeroWindowSince: number | undefined;
  zeroWindowTime = 0;
  /** Of its packets but resets; −1: none yet. */
  hopLimit = -1;
  finAt: Seq | undefined;
  /** The marks of its last segment. */
  lastMarks = 0;
  lastTime = 0;
  /** When it last heard something that was new. */
  learnedAt = 0;
  episode: "none" | "fast" | "timeout" = "none";
  #episodeEnd: Seq = 0 as Seq;
  #tooBigBefore: Seq | undefined;
  /** What the peer has told to have, beyond what it acknowledged. */
  readonly #sacked = new SeqRanges();
  #recent: Array<{ readonly start: Seq; readonly end: Seq; readonly verdict: Verdict }> = [];

  constructor(address: IpAddress, port: number) {
    this.address = address;
    this.port = port;
  }

  get name(): string {
    const text = this.address.toString();
    return this.address.family === 6 ? `[${text}]:${this.port}` : `${text}:${this.port}`;
  }

  /** What is common to all its segments. */
  count(segment: CapturedSegment): void {
    const { counts } = this;
    counts.packets++;
    counts.wireBytes += segment.wireLength;
    if (segment.length > 0) {
      counts.textSegments++;
      counts.textBytes += segment.length;
      this.largestText = Math.max(this.largestText, segment.length);
    }
    if (segment.checksumIsGood === true) counts.goodChecksums++;
    else if (segment.checksumIsGood === false) counts.badChecksums++;
    if (segment.hasTimestamps) this.hasTimestamps = true;
    this.identifications.seen(segment.identification);
    if ((segment.flags & TCP_FLAG.rst) === 0) this.hopLimit = segment.hopLimit;
    this.lastTime = segment.time;
  }

  readSyn({ sequence, mss, windowScale, sackPermitted }: CapturedSegment): void {
    this.hasSyn = true;
    this.initialSequence = sequence;
    this.mss = mss;
    this.windowScale = windowScale;
    this.sackPermitted = sackPermitted;
  }

  /** Of segments that carry its text: what the peer can take, or the most that was seen. */
  sendMss(peer: CapturedEnd): number {
    if (peer.mss > 0) return peer.mss - (this.hasTimestamps ? 12 : 0);
    return this.largestText > 0 ? Math.min(this.largestText, 1460) : DEFAULT_MSS;
  }

  /** What is in flight will have to be cut anew: RFC 1191 §6.4. */
  segmentsWereTooBig(): void {
    this.#tooBigBefore = this.sent.next;
  }

  /** Whether text that starts here was too big for the path. */
  isTooBig(start: Seq): boolean {
    return this.#tooBigBefore !== undefined && seqBefore(start, this.#tooBigBefore);
  }

  began(episode: "fast" | "timeout"): void {
    if (this.episode !== "none" && !(episode === "timeout" && this.episode === "fast")) return;
    this.episode = episode;
    this.#episodeEnd = this.sent.next;
  }

  /** The last `news` bytes before `ack` have arrived: text, but for SYN and FIN. */
  arrived(ack: Seq, news: number, time: number): void {
    const from = seqAdd(ack, -news);
    const syn = this.hasSyn && seqIn(this.initialSequence, from, news) ? 1 : 0;
    const fin = this.finAt !== undefined && seqIn(this.finAt, from, news) ? 1 : 0;
    this.throughput.add(news - syn - fin, time);
    if (this.episode !== "none" && seqAtOrAfter(ack, this.#episodeEnd)) this.episode = "none";
    if (this.#tooBigBefore !== undefined && seqAtOrAfter(ack, this.#tooBigBefore))
      this.#tooBigBefore = undefined;
    this.#sacked.removeBefore(ack);
  }

  /** Acknowledged; where nobody acknowledges, what was seen. */
  get textArrived(): number {
    const seen = this.counts.textBytes - this.counts.retransmittedBytes;
    return this.sent.isAcknowledged ? this.throughput.bytes : Math.max(0, seen);
  }

  /** Answers how many bytes of that are news. */
  sacked(blocks: CapturedSegment["sack"], ack: Seq): number {
    if (blocks.length === 0 || this.#sacked.count >= MOST_SACKED) return 0;
    const before = this.#sacked.size;
    for (const [start, end] of blocks) {
      if (seqAfter(start, ack) && seqAtOrBefore(end, this.sent.next)) this.#sacked.add(start, end);
    }
    return this.#sacked.size - before;
  }

  isSacked({ start, end }: SentRecord): boolean {
    return this.#sacked.covers(start, end);
  }

  sackedBeyond(end: Seq): number {
    let bytes = 0;
    for (let i = this.#sacked.count - 1; i >= 0; i--) {
      if (seqBefore(this.#sacked.start(i), end)) break;
      bytes += (this.#sacked.end(i) - this.#sacked.start(i)) | 0;
    }
    return bytes;
  }

  repeated(start: Seq, end: Seq, verdict: Verdict): void {
    this.counts.retransmissions++;
    this.counts.retransmittedBytes += (end - start) | 0;
    if (verdict.cause !== undefined) this.causes[verdict.cause] = (this.causes[verdict.cause] ?? 0) + 1;
    this.sent.retransmitted(start, end, verdict);
    this.#recent.push({ start, end, verdict });
    if (this.#recent.length > MOST_RECENT) this.#recent.shift();
  }

  /** The last repetition within a range that the peer has had twice, unless that one is known. */
  needlessWithin(start: Seq, end: Seq): Verdict | undefined {
    return this.#recent.findLast(
      each =>
        seqBefore(each.start, end) &&
        seqBefore(start, each.end) &&
        (each.verdict.marks & MARK.spurious) === 0,
    )?.verdict;
  }
}

function newCounts(): EndCounts {
  return {
    packets: 0,
    wireBytes: 0,
    textSegments: 0,
    textBytes: 0,
    retransmissions: 0,
    retransmittedBytes: 0,
    spurious: 0,
    outOfOrder: 0,
    copies: 0,
    duplicateAcks: 0,
    duplicateSacks: 0,
    zeroWindows: 0,
    windowFulls: 0,
    windowUpdates: 0,
    windowProbes: 0,
    keepalives: 0,
    gaps: 0,
    resets: 0,
    lostBehind: 0,
    lostBefore: 0,
    badChecksums: 0,
    goodChecksums: 0,
  };
}
