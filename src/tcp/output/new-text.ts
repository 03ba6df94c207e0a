/**
 * New text, in units: how much of it the windows, the pace, Nagle (RFC 9293 §3.7.4) and the silly window
 * (§3.8.6.2.1) let out, and FIN behind it.
 */
import { type Seq, seqAdd, seqAfter, seqDiff } from "../../base/seq.ts";
import { type Duration, NEVER } from "../../base/time.ts";
import { bytesInFlight, takesFlight } from "../flight.ts";
import { hasLeft, pacingRate, waitsForMore, waitsForPace } from "../pace.ts";
import { isSigned } from "../segment-sizes.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import type { SentRange } from "../send/sent-range.ts";
import { sendableNow } from "../send/silly-window.ts";
import { type Pace, segmentsOfWindow, unitSegments } from "../send/tso-unit.ts";
import type { UnitEnd } from "../send/write-queue.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { SendReason } from "../tcp-probe.ts";
import { emit, textLimit } from "./emit.ts";

/** How many more the congestion window lets out; below 0: too many did. Small ones count as full ones. */
function segmentsThatFit(c: TcpConnection): number {
  const inFlight = bytesInFlight(c);
  if (inFlight === 0) return Number.POSITIVE_INFINITY;
  return Math.floor((c.congestion.cwnd - inFlight) / c.tcb.snd.mss);
}

export function fitsCwnd(c: TcpConnection, segments: number): boolean {
  return segmentsThatFit(c) >= segments;
}

export function sendNew(c: TcpConnection, writer: SegmentWriter): void {
  if (!maySendNew(c)) return;
  while (sendUnit(c, writer));
}

export function maySendNew(c: TcpConnection): boolean {
  switch (c.state) {
    case "ESTABLISHED":
    case "CLOSE-WAIT":
    case "FIN-WAIT-1":
    case "LAST-ACK":
    case "CLOSING":
      return !c.finSent;
    case "SYN-RECEIVED":
      // RFC 7413 §4.2.2: the server answers before the handshake is complete.
      return c.isFastOpenRequest && !c.sendClosed;
    default:
      return false;
  }
}

/** The next unit of new text, with FIN if that is due, if it may go out now. */
function sendUnit(c: TcpConnection, writer: SegmentWriter): boolean {
  const { snd } = c.tcb;
  const { unsent } = c;
  const closes = c.sendClosed && !c.finSent;
  if (unsent === 0 && !closes) return false;
  const usable = seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt);
  const limit = textLimit(c);
  // FIN needs a place in the window too, and takes a small last segment with it.
  const closesAfterAll = closes && usable > unsent;
  const size = unitSize(c, usable, limit, closesAfterAll);
  const fin = closesAfterAll && size === unsent && (size > 0 || fitsCwnd(c, 0));
  if ((size === 0 && !fin) || waitsForPace(c)) return false;
  const ends = c.writeQueue.endAt(seqAdd(snd.nxt, size));
  // A super-segment is one for the device; for us it is the segments that it will be cut into. Each of them
  // would need a signature of its own (RFC 2385 §2.0).
  const isSuper = size > limit && c.path.offload.maxSuperSegment > 0 && !isSigned(c);
  const record = isSuper
    ? sendSuperSegment(c, writer, size, limit, fin)
    : sendSegments(c, writer, size, limit, fin, size > limit || (ends.pushed && size > 0));
  if (record === undefined) return false;
  endUnit(record, ends);
  if (size % limit !== 0) c.nagle.smallSent(snd.nxt);
  hasLeft(c, size, Math.ceil(size / limit));
  return true;
}

/** A unit as the device will cut it. Undefined: the device took nothing. */
function sendSuperSegment(
  c: TcpConnection,
  writer: SegmentWriter,
  size: number,
  limit: number,
  fin: boolean,
): SentRange | undefined {
  if (!emit(c, writer, c.tcb.snd.nxt, size, false, fin, true, "text", limit)) return undefined;
  return textSent(c, size, limit, fin);
}

/** A unit segment by segment, the last pushed if that is due. Undefined: the device did not take it all. */
function sendSegments(
  c: TcpConnection,
  writer: SegmentWriter,
  size: number,
  limit: number,
  fin: boolean,
  pushes: boolean,
): SentRange | undefined {
  let record: SentRange | undefined;
  let left = size;
  do {
    const length = Math.min(limit, left);
    left -= length;
    const isLast = left === 0;
    const why = length > 0 ? "text" : "fin";
    if (!emit(c, writer, c.tcb.snd.nxt, length, false, isLast && fin, isLast && pushes, why))
      return undefined;
    if (record === undefined) record = textSent(c, length, limit, isLast && fin);
    else textFollowed(c, record, length, isLast && fin);
  } while (left > 0);
  return record;
}

/**
 * The text of the next unit: full segments, and a small one at its end if neither Nagle nor the window
 * minds. It does not reach beyond the end of a record (MSG_EOR), where a small segment need not wait.
 */
function unitSize(c: TcpConnection, usable: number, limit: number, closes: boolean): number {
  const { snd } = c.tcb;
  const { unsent, writeQueue } = c;
  const most = segmentsOfUnit(c, limit);
  writeQueue.join(snd.nxt, seqAdd(snd.nxt, limit * mostWithinCwnd(c, most, limit)));
  const edge = writeQueue.edge;
  const there = edge === undefined ? unsent : Math.min(unsent, seqDiff(edge, snd.nxt));
  const isUrgent = seqAfter(snd.up, snd.una);
  const mayBeSmall = closes || isUrgent || there < unsent;
  if (defersUnit(c, usable, limit, closes)) return 0;
  const fits = segmentsThatFit(c);
  const full = Math.floor(Math.min(there, usable) / limit);
  const count = Math.max(0, Math.min(full, fits, isUrgent ? 1 : most));
  const size = count * limit;
  if (count === (isUrgent ? 1 : most)) return size;
  // One more, which is small unless only the congestion window keeps it.
  const next = sendableNow(there - size, usable - size, limit, snd.maxWnd);
  if (next === 0) c.windowLimited = there > size && count < fits;
  if (next === 0 || (next < limit && !mayBeSmall && c.nagle.holds(snd.una))) return size;
  if (count < fits) return size + next;
  c.cwndLimited = true;
  return size;
}

/** More acknowledgments are due at once: what they let out together leaves together. */
function defersUnit(c: TcpConnection, usable: number, limit: number, closes: boolean): boolean {
  if (!c.config.tsoUnits || usable < limit || !fitsCwnd(c, 1)) return false;
  return waitsForMore(c, usable, limit * unitSegments(paceOf(c), limit, c.config), closes);
}

function mostWithinCwnd(c: TcpConnection, most: number, limit: number): number {
  return Math.max(0, Math.min(most, Math.floor((c.congestion.cwnd - bytesInFlight(c)) / limit)));
}

/** The text of a super-segment: with its headers it stays below what IP can carry. */
const LARGEST_SUPER_SEGMENT = 65_000;

/** Full segments that leave as one unit. */
export function segmentsOfUnit(c: TcpConnection, limit: number): number {
  if (!c.config.tsoUnits) return 1;
  const most = Math.max(1, Math.floor(LARGEST_SUPER_SEGMENT / limit));
  return Math.min(unitSegments(paceOf(c), limit, c.config), segmentsOfWindow(c.congestion.cwnd, limit), most);
}

/** How fast the connection sends, for the size of units. Before the first round trip nothing limits it. */
export function paceOf(c: TcpConnection): Pace {
  pace.rate = c.rtt.isMeasured ? pacingRate(c) : Number.POSITIVE_INFINITY;
  pace.minRtt = c.rtt.min;
  return pace;
}

/** One for all: no connection keeps it. */
const pace = { rate: 0, minRtt: 0 as Duration };

/**
 * One segment of new text, whatever the windows say. `pushes`: even where no write ends. False: the device
 * took nothing.
 */
export function sendText(
  c: TcpConnection,
  writer: SegmentWriter,
  size: number,
  fin: boolean,
  ends: UnitEnd,
  pushes: boolean,
  why: SendReason,
): boolean {
  const push = pushes || (ends.pushed && size > 0);
  if (!emit(c, writer, c.tcb.snd.nxt, size, false, fin, push, why)) return false;
  endUnit(textSent(c, size, Math.max(size, 1), fin), ends);
  return true;
}

/** New text has left, in segments of `limit` bytes. */
export function textSent(c: TcpConnection, size: number, limit: number, fin: boolean): SentRange {
  const { nxt } = c.tcb.snd;
  const record = c.queue.sent(nxt, seqAdd(nxt, fin ? size + 1 : size), limit, false, fin, c.now);
  advance(c, record.end, size, record.segments);
  takesFlight(c, record);
  return record;
}

/** One more segment of the same unit has left. */
function textFollowed(c: TcpConnection, record: SentRange, size: number, fin: boolean): void {
  c.queue.followed(record, seqAdd(record.end, fin ? size + 1 : size), fin);
  advance(c, record.end, size, 1);
}

function advance(c: TcpConnection, nxt: Seq, size: number, segments: number): void {
  const { snd } = c.tcb;
  const textEnd = seqAdd(snd.nxt, size);
  snd.nxt = nxt;
  c.finSent = nxt !== textEnd;
  c.writeQueue.sent(textEnd);
  c.reduction?.sent(segments * snd.mss);
  // RFC 8985 §7.2: the probe's timeout counts from the last new text.
  c.timers.tailLossProbe = NEVER;
  c.tally.bytesSent += size;
}

function endUnit(record: SentRange, { pushed, closed }: UnitEnd): void {
  record.push = pushed && record.length > (record.fin ? 1 : 0);
  record.endsRecord = closed;
}

/**
 * The next new segment whatever the congestion window says: a probe for the tail, or the persist timer has
 * run out and any window will do.
 */
export function sendNext(c: TcpConnection, writer: SegmentWriter, why: SendReason, pushes = false): boolean {
  const { snd } = c.tcb;
  const { unsent } = c;
  const closes = c.sendClosed && !c.finSent;
  if (unsent === 0 && !closes) return false;
  const usable = seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt);
  const limit = textLimit(c);
  const size = Math.min(unsent, usable, limit);
  const fin = closes && size === unsent && usable > size;
  if (size <= 0 && !fin) return false;
  const ends = c.writeQueue.endAt(seqAdd(snd.nxt, size));
  if (!sendText(c, writer, size, fin, ends, pushes, why)) return false;
  if (size < limit) c.nagle.smallSent(snd.nxt);
  return true;
}
