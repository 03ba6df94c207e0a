/**
 * One captured connection, segment by segment. The conductor: it alone touches both ends. What a segment of
 * one end says of text belongs to that end; what it acknowledges, to the other.
 */
import { type Seq, seqAfter, seqBefore } from "../base/seq.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { judgeAcknowledgment, windowOf } from "./bare-ack.ts";
import { CapturedEnd } from "./captured-end.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import { type FindingCode, Findings, type FindingValues } from "./findings.ts";
import { judgeText } from "./judge-text.ts";
import { Lifetime, type Side, type StateChange } from "./lifetime.ts";
import { MARK, type Verdict } from "./marks.ts";
import type { PathError } from "./path-error.ts";
import { HomePlace } from "./places.ts";
import { readAcknowledgment } from "./read-acknowledgment.ts";

/** Who wants to know each thing that happened, and when. */
export interface ConnectionObserver {
  segment(segment: CapturedSegment, verdict: Verdict): void;
  /** It was seen at another place of the capture, too. */
  elsewhere(segment: CapturedSegment, side: Side): void;
  state(time: number, change: StateChange): void;
  finding(time: number, code: FindingCode, side: Side | undefined, values: FindingValues): void;
}

export class CapturedConnection {
  readonly number: number;
  /** Who opened it, as far as that shows, and whom it called. */
  readonly ends: readonly [CapturedEnd, CapturedEnd];
  readonly lifetime: Lifetime;
  readonly findings = new Findings();
  readonly firstTime: number;
  readonly firstPacket: number;
  /** The capture has its first SYN. */
  readonly isFromStart: boolean;
  lastTime: number;
  packets = 0;
  /** A verdict is there, or has changed. */
  onVerdict: ((verdict: Verdict) => void) | undefined;
  readonly #observer: ConnectionObserver | undefined;
  readonly #place: HomePlace;

  constructor(number: number, first: CapturedSegment, observer?: ConnectionObserver) {
    this.number = number;
    const { source, sourcePort, destination, destinationPort, flags, time, packet } = first;
    const sender = new CapturedEnd(source, sourcePort);
    const receiver = new CapturedEnd(destination, destinationPort);
    this.ends = isFromListener(first) ? [receiver, sender] : [sender, receiver];
    this.isFromStart = (flags & (TCP_FLAG.syn | TCP_FLAG.ack)) === TCP_FLAG.syn;
    this.firstTime = this.lastTime = time;
    this.firstPacket = packet;
    this.#observer = observer;
    this.#place = new HomePlace(first.place);
    this.lifetime = new Lifetime(change => observer?.state(this.lastTime, change));
  }

  sideOf({ source, sourcePort }: Pick<CapturedSegment, "source" | "sourcePort">): Side {
    const [opener] = this.ends;
    return opener.port === sourcePort && opener.address.equals(source) ? 0 : 1;
  }

  /** Undefined: it was seen at another place, too. */
  segment(segment: CapturedSegment): Verdict | undefined {
    const side = this.sideOf(segment);
    if (!this.#place.counts(segment.place, side)) {
      this.#observer?.elsewhere(segment, side);
      return undefined;
    }
    const me = this.ends[side];
    const peer = this.ends[side === 0 ? 1 : 0];
    const verdict: Verdict = newVerdict(this.number, side, segment);
    this.lastTime = segment.time;
    this.packets++;
    me.count(segment);
    if ((segment.flags & TCP_FLAG.syn) !== 0) me.readSyn(segment);
    if ((segment.flags & TCP_FLAG.rst) !== 0) me.counts.resets++;
    else this.#exchange(me, peer, segment, verdict);
    this.lifetime.segment(side, segment);
    me.lastMarks = verdict.marks;
    verdict.reason = reasonOf(segment, verdict);
    this.onVerdict?.(verdict);
    this.#observer?.segment(segment, verdict);
    return verdict;
  }

  /** Somebody on the path has dropped a segment, and says so. */
  pathError({ code, quoted, reporter, what, mtu }: PathError, at: { packet: number; time: number }): void {
    const side = this.sideOf(quoted);
    if (code === "too-big") this.ends[side].segmentsWereTooBig();
    this.found(code, side, at, { reporter: reporter.toString(), what, mtu });
  }

  /** One more of a kind of findings. */
  found(
    code: FindingCode,
    side: Side | undefined,
    at: { readonly packet: number; readonly time: number },
    values: FindingValues = {},
  ): void {
    this.findings.add(code, side, at, values);
    this.#observer?.finding(at.time, code, side, values);
  }

  #exchange(me: CapturedEnd, peer: CapturedEnd, segment: CapturedSegment, verdict: Verdict): void {
    const { flags, sequence, length, acknowledgment } = segment;
    const isBare = length === 0 && (flags & (TCP_FLAG.syn | TCP_FLAG.fin)) === 0;
    const nextBefore = me.sent.next;
    judgeText(me, peer, segment, verdict);
    if ((flags & TCP_FLAG.ack) === 0) return;
    const news = readAcknowledgment(me, peer, segment, verdict, spurious => this.#needless(peer, spurious));
    if (isBare) judgeAcknowledgment(me, peer, segment, verdict, news, nextBefore);
    this.#windowIsFull(me, peer, segment, verdict);
    if (!me.hasAcknowledged || !seqBefore(acknowledgment, me.acknowledgment)) {
      this.#told(me, segment, verdict);
    }
    const flight = me.sent.inFlight;
    if (seqAfter(((sequence + length) | 0) as Seq, nextBefore))
      me.largestFlight = Math.max(me.largestFlight, flight);
  }

  /** A repetition turned out to have been for nothing. */
  #needless(sender: CapturedEnd, verdict: Verdict): void {
    if ((verdict.marks & MARK.spurious) !== 0) return;
    verdict.marks |= MARK.spurious;
    sender.counts.spurious++;
    this.onVerdict?.(verdict);
  }

  #windowIsFull(me: CapturedEnd, peer: CapturedEnd, segment: CapturedSegment, verdict: Verdict): void {
    const { flags, sequence, length } = segment;
    if (length === 0 || !peer.hasAcknowledged || (flags & (TCP_FLAG.syn | TCP_FLAG.fin)) !== 0) return;
    const window = windowOf(peer, me);
    if (window === undefined || (verdict.marks & MARK.zeroWindowProbe) !== 0) return;
    if (((sequence + length) | 0) !== ((peer.acknowledgment + window) | 0)) return;
    verdict.marks |= MARK.windowFull;
    me.counts.windowFulls++;
  }

  #told(me: CapturedEnd, { acknowledgment, window, time, flags }: CapturedSegment, verdict: Verdict): void {
    me.hasAcknowledged = true;
    me.acknowledgment = acknowledgment;
    me.window = window;
    if ((flags & TCP_FLAG.syn) === 0) {
      const peer = this.ends[verdict.side === 0 ? 1 : 0];
      me.largestWindow = Math.max(me.largestWindow, windowOf(me, peer) ?? window);
    }
    if (window === 0 && (flags & TCP_FLAG.syn) === 0) me.zeroWindowSince ??= time;
    else if (me.zeroWindowSince !== undefined) {
      me.zeroWindowTime += time - me.zeroWindowSince;
      me.zeroWindowSince = undefined;
    }
  }
}

/** How findings name an end and its peer. */
export function endNames({ ends }: CapturedConnection, side: Side): [string, string] {
  return [ends[side].name, ends[side === 0 ? 1 : 0].name];
}

/** In mid-connection the lower port is taken for the listener's. */
function isFromListener({ flags, sourcePort, destinationPort }: CapturedSegment): boolean {
  if ((flags & TCP_FLAG.syn) !== 0) return (flags & TCP_FLAG.ack) !== 0;
  return sourcePort < destinationPort;
}

function newVerdict(connection: number, side: Side, { packet }: CapturedSegment): Verdict {
  return {
    packet,
    connection,
    side,
    marks: 0,
    reason: "ack",
    cause: undefined,
    acknowledged: 0,
    sackedBytes: 0,
    rtt: undefined,
    duplicateAcks: 0,
  };
}

function reasonOf({ flags, length }: CapturedSegment, { marks, cause }: Verdict): Verdict["reason"] {
  if ((flags & TCP_FLAG.rst) !== 0) return "reset";
  if ((marks & MARK.retransmission) !== 0) return cause === "tlp" ? "tail-loss-probe" : "retransmission";
  if ((flags & TCP_FLAG.syn) !== 0) return "handshake";
  if ((marks & MARK.zeroWindowProbe) !== 0) return "window-probe";
  if ((marks & MARK.keepalive) !== 0) return "keepalive";
  if (length > 0) return "text";
  if ((flags & TCP_FLAG.fin) !== 0) return "fin";
  if ((marks & MARK.duplicateAck) !== 0) return "duplicate-ack";
  return (marks & MARK.windowUpdate) !== 0 ? "window-update" : "ack";
}
