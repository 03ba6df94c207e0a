/**
 * The pump: the only place from which a connection's segments leave. What goes out is decided by a ladder of
 * reasons: lost segments, new text, FIN, a bare acknowledgment. RFC 9293 §3.8, §3.10.2 to §3.10.4.
 */

import { type Seq, seqAdd, seqAfter, seqBefore, seqDiff } from "../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../base/time.ts";
import { TCP_FLAG, TCP_HEADER_SIZE } from "../wire/tcp.ts";
import { REFUSED_INTERVAL } from "./closing/user-timeout.ts";
import { restartAfterIdle, startTransmission, takesFlight, validateWindow } from "./flight.ts";
import { synRoom } from "./handshake/fast-open/client-attempt.ts";
import { largestPacket } from "./input/packet-too-big.ts";
import { enterCwr, resendWithoutReduction } from "./input/recovery.ts";
import { highestUnreported, RescueRetransmission } from "./loss/dup-threshold.ts";
import { hasLeft, pacingRate, waitsForMore, waitsForPace } from "./pace.ts";
import { mostBlocks } from "./receive/sack-blocks.ts";
import type { SackCompression } from "./receive/sack-compression.ts";
import { advertise, advertiseFirst, windowMoves } from "./receiving.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import { ECN_FIELD } from "./send/ecn.ts";
import type { SentSegment } from "./send/sent-segment.ts";
import { sendableNow } from "./send/silly-window.ts";
import { type Pace, segmentsOfWindow, unitSegments } from "./send/tso-unit.ts";
import type { UnitEnd } from "./send/write-queue.ts";
import { CONNECTION_EVENT, type TcpConnection } from "./tcp-connection.ts";
import type { RetransmissionCause } from "./tcp-probe.ts";

export function pump(c: TcpConnection, writer: SegmentWriter): void {
  if (c.state === "CLOSED") return;
  if (c.state !== "TIME-WAIT") {
    followPathMtu(c);
    sendDuplicateAcks(c, writer);
    restartAfterIdle(c);
    sendHandshake(c, writer);
    const before = c.tcb.snd.nxt;
    probeTail(c, writer);
    sendNewInsteadOfLost(c, writer);
    if (!c.repairsWait) resendLost(c, writer);
    sendNew(c, writer);
    sendRescue(c, writer);
    validateWindow(c, before);
  }
  if (acknowledgmentIsDue(c)) sendAck(c, writer);
  if (c.state !== "TIME-WAIT") armTimers(c);
}

/**
 * At once: what was asked for; what a quick flow owes; every second full segment (RFC 9293 §3.8.6.3,
 * SHLD-19); and, as on Linux, anything beyond one segment, if the window moves on with it or the user waits
 * for more (SO_RCVLOWAT).
 */
function acknowledgmentIsDue(c: TcpConnection): boolean {
  const { delayedAck } = c;
  if (delayedAck.urgency !== "delayed") return delayedAck.urgency === "now";
  if (!delayedAck.takeNews()) return false;
  if (delayedAck.quick.isOn) return true;
  const mss = c.receiveMss.value;
  const owed = c.unacknowledgedText;
  if (owed >= 2 * mss || (owed > mss && (c.readable < c.receiveLowWater || windowMoves(c)))) return true;
  c.timers.delayedAck = delayedAck.deadline(c.now, c.timers.delayedAck, c.rtt.srtt);
  return c.timers.delayedAck <= c.now;
}

/** RFC 5681 §4.2; RFC 9293 §3.10.7.4 (MAY-13). */
function sendDuplicateAcks(c: TcpConnection, writer: SegmentWriter): void {
  for (let owed = c.delayedAck.takeDuplicates(); owed > 0; owed--) sendAck(c, writer);
}

/** The path takes less, or more again: RFC 9293 §3.7.1, §3.7.2. */
export function followPathMtu(c: TcpConnection): void {
  const mss = c.effectiveMss();
  if (mss === c.tcb.snd.mss) return;
  if (mss < c.tcb.snd.mss) resendTooBig(c, mss);
  c.tcb.snd.mss = mss;
  c.congestion.onSegmentSize(mss);
}

/**
 * RFC 1191 §6.4: what was too big goes out again at once, in smaller pieces; the network is not congested.
 */
function resendTooBig(c: TcpConnection, mss: number): void {
  for (let i = 0; i < c.queue.count; i++) {
    const record = c.queue.at(i);
    if (record.length > mss && c.queue.markLost(record)) resendWithoutReduction(c);
  }
  // A SYN with text is one packet of two records, and goes out again without the text.
  if (c.state === "SYN-SENT" && c.queue.lostBytes > 0) c.queue.markLost(c.queue.at(0));
}

function sendHandshake(c: TcpConnection, writer: SegmentWriter): void {
  const { tcb } = c;
  if (tcb.snd.nxt === tcb.iss && (c.state === "SYN-SENT" || c.synAckDue)) {
    if (c.fastOpen?.role === "client" && c.fastOpen.isDeferred) return;
    // The peer's SYN may have come before ours went out: then it is a SYN-ACK at once.
    c.synAckDue = false;
    tcb.snd.nxt = seqAdd(tcb.iss, 1);
    takesFlight(c, c.queue.sent(tcb.iss, tcb.snd.nxt, true, false, c.now));
    emit(c, writer, tcb.iss, textWithSyn(c), true, false, false);
  } else if (c.synAckDue) {
    c.synAckDue = false;
    emit(c, writer, tcb.iss, 0, true, false, false);
  }
}

/** RFC 7413 §4.2.2: the text that goes out with the SYN. It has a record of its own, and does so but once. */
function textWithSyn(c: TcpConnection): number {
  const { fastOpen } = c;
  if (c.state !== "SYN-SENT" || fastOpen?.role !== "client") return 0;
  const length = Math.min(c.sendBuffer.length, fastOpen.room, synRoom(c.effectiveMss(), c.ours.mss, 0));
  if (length === 0) return 0;
  const start = c.tcb.snd.nxt;
  c.tcb.snd.nxt = seqAdd(start, length);
  const record = c.queue.sent(start, c.tcb.snd.nxt, false, false, c.now);
  record.push = c.writeQueue.endAt(c.tcb.snd.nxt).pushed;
  c.writeQueue.sent(c.tcb.snd.nxt);
  takesFlight(c, record);
  fastOpen.textLength = length;
  c.bytesSent += length;
  return length;
}

/** RFC 5682 §3.1 step 2b: after a timeout that may have been spurious new text goes out, if it can. */
function sendNewInsteadOfLost(c: TcpConnection, writer: SegmentWriter): void {
  if (!c.forwardRto.asksForNew || waitsForPace(c)) return;
  const before = c.tcb.snd.nxt;
  sendNew(c, writer);
  c.repairsWait = c.tcb.snd.nxt !== before;
  c.forwardRto.newTextTried(c.repairsWait);
}

/**
 * RFC 9293 §3.8.6: into a window that has shrunk goes what still lies in it (SHLD-16), and the first segment
 * always (MAY-7), but nothing new (SHLD-15, in `sendNext`).
 */
function resendLost(c: TcpConnection, writer: SegmentWriter): void {
  const { queue } = c;
  let together = 0;
  for (let i = queue.nextOwed(); i >= 0; i = queue.nextOwed()) {
    const record = queue.at(i);
    const limit = textLimit(c);
    if (textLength(record) > limit) queue.split(i, seqAdd(record.start, limit + (record.syn ? 1 : 0)));
    // What lies beyond a window that has shrunk waits, but for the first: RFC 9293 §3.8.6.
    if (i > 0 && seqAfter(record.end, seqAdd(c.tcb.snd.una, c.tcb.snd.wnd))) return;
    if (!c.retransmitAtOnce && !fitsCwnd(c, 1)) {
      c.cwndLimited = true;
      return;
    }
    if (waitsForPace(c)) return;
    c.retransmitAtOnce = false;
    const continues = unitContinues(c, i);
    together++;
    if (!resend(c, writer, record, causeOf(c, record), together > 1 && !continues)) {
      tryAgainSoon(c);
      return;
    }
    // The timer of the first segment counts from its last transmission.
    if (i === 0) c.timers.retransmit = NEVER;
    if (!continues) together = 0;
  }
}

/** The device took nothing: the retransmission timer had no effect, and does not back off for that. */
function tryAgainSoon(c: TcpConnection): void {
  if (c.userTimeout.timeouts === 0 || c.timers.retransmit !== NEVER) return;
  c.rto.refused();
  c.timers.retransmit = (c.now + REFUSED_INTERVAL) as Instant;
}

/** What left as a unit and is lost leaves as one again, as far as the congestion window takes it. */
function unitContinues(c: TcpConnection, index: number): boolean {
  const record = c.queue.at(index);
  if (!record.continues || index + 1 >= c.queue.count) return false;
  const next = c.queue.at(index + 1);
  return next.isOwed && fitsCwnd(c, 2);
}

function causeOf(c: TcpConnection, record: SentSegment): RetransmissionCause {
  if (record.syn) return "syn";
  if (c.recovery.state === "loss") return c.recovery.isOfSize ? "size" : "timeout";
  return c.usesSack ? "rack" : "fast";
}

/** Sends a record again, because of `cause`. False: the device took nothing. */
function resend(
  c: TcpConnection,
  writer: SegmentWriter,
  record: SentSegment,
  cause: RetransmissionCause,
  pushes = false,
): boolean {
  if (record.syn && c.config.ecnFallback) c.asksForEcn = false;
  if (cause !== "tlp") c.userTimeout.retransmitted(record.syn ? record.firstSentAt : c.now);
  const textStart = record.syn ? seqAdd(record.start, 1) : record.start;
  const start = record.syn ? record.start : textStart;
  const push = record.push || pushes;
  if (!emit(c, writer, start, textLength(record), record.syn, record.fin, push)) return false;
  if (cause === "tlp") {
    c.queue.probed(record, c.now);
  } else {
    c.queue.resent(record, c.now);
    c.undo.retransmitted(c.now, c.timestamps.value(c.now));
    c.reduction?.sent(c.tcb.snd.mss);
  }
  takesFlight(c, record);
  hasLeft(c, textLength(record), 1);
  c.retransmissions[cause]++;
  c.bytesRetransmitted += textLength(record);
  c.owner.context.counters.segmentsRetransmitted++;
  c.owner.context.probe?.retransmitted?.(c, cause);
  return true;
}

/** RFC 8985 §7.3: new text if there is some, else the last segment once more. */
function probeTail(c: TcpConnection, writer: SegmentWriter): void {
  if (!c.tailLossProbe.takeDue()) return;
  const isNew = c.unsent > 0 && sendNext(c, writer);
  if (!isNew && !resendLast(c, writer)) return;
  c.tailLossProbe.sent(c.tcb.snd.nxt, !isNew);
  c.owner.context.counters.tailLossProbes++;
  c.timers.retransmit = NEVER;
}

/** RFC 8985 §7.3: the last segment once more, or as much of its end as a segment takes now. */
function resendLast(c: TcpConnection, writer: SegmentWriter): boolean {
  const { queue } = c;
  const last = queue.last;
  if (last === undefined || last.isOwed || last.sacked) return false;
  const limit = textLimit(c);
  if (textLength(last) > limit) queue.split(queue.count - 1, seqAdd(last.end, -limit - (last.fin ? 1 : 0)));
  return resend(c, writer, queue.last ?? last, "tlp");
}

/** RFC 6675 §4, NextSeg() (4), where RACK is off. */
function sendRescue(c: TcpConnection, writer: SegmentWriter): void {
  const { recovery, queue } = c;
  if (c.config.rack || !c.usesSack || recovery.state !== "recovery" || queue.owedBytes > 0) return;
  c.rescue ??= new RescueRetransmission();
  const record = highestUnreported(queue);
  if (record === undefined || !c.rescue.mayGo(c.tcb.snd.una) || !fitsCwnd(c, 1)) return;
  if (resend(c, writer, record, "fast")) c.rescue.sent(recovery.point);
}

function textLength(record: SentSegment): number {
  return record.length - (record.syn ? 1 : 0) - (record.fin ? 1 : 0);
}

/** Segments of any size take the place of full ones. */
function fitsCwnd(c: TcpConnection, segments: number): boolean {
  const { inFlight } = c;
  return inFlight === 0 || inFlight + segments * c.tcb.snd.mss <= c.congestion.cwnd;
}

function sendNew(c: TcpConnection, writer: SegmentWriter): void {
  if (!maySendNew(c) || sendMtuProbe(c, writer) === "wait") return;
  while (sendUnit(c, writer));
}

/** Segments that must be able to leave behind a probe, so that its loss is seen: RFC 4821 §7.4. */
const AFTER_PROBE = 4;
/** In segments: a smaller window would not grow again soon. */
const LEAST_WINDOW_FOR_PROBE = 11;

/**
 * RFC 4821 §7.5: a segment of new text larger than the others, where what follows it can tell whether it has
 * arrived. "wait": it could go out once more has been acknowledged.
 */
function sendMtuProbe(c: TcpConnection, writer: SegmentWriter): "sent" | "none" | "wait" {
  const { probing, config } = c;
  if (probing === undefined) return "none";
  const packet = probing.next(c.path.mtu, config.mtuProbeThreshold);
  if (packet === 0) {
    probing.searchAgain(largestPacket(c), config.mtuProbeInterval, c.now);
    return "none";
  }
  const { snd } = c.tcb;
  const { cwnd } = c.congestion;
  const isQuiet = c.recovery.isOpen && c.sackReports.isEmpty;
  if (!isQuiet || cwnd < LEAST_WINDOW_FOR_PROBE * snd.mss) return "none";
  const size = packet - c.headersSize;
  const needed = size + AFTER_PROBE * snd.mss;
  if (c.unsent < needed || snd.wnd < needed) return "none";
  if (seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt) < needed) return "wait";
  if (c.inFlight + size + snd.mss > cwnd) return c.inFlight > 0 ? "wait" : "none";
  const start = snd.nxt;
  const end = seqAdd(start, size);
  c.writeQueue.join(start, end);
  const { edge } = c.writeQueue;
  if (edge !== undefined && seqBefore(edge, end)) return "none";
  if (!sendText(c, writer, size, false, c.writeQueue.endAt(end), false)) return "wait";
  probing.sent(packet, start, end);
  c.owner.context.counters.mtuProbes++;
  return "sent";
}

function maySendNew(c: TcpConnection): boolean {
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
  const isSuper = size > limit && c.path.offload.maxSuperSegment > 0;
  // A super-segment is one for the device; for us it is the segments that it will be cut into.
  if (isSuper && !emit(c, writer, snd.nxt, size, false, fin, true, limit)) return false;
  for (let at = 0; at < size || at === 0; at += limit) {
    const length = Math.min(limit, size - at);
    const isLast = at + length >= size;
    const push = isLast && (size > limit || (ends.pushed && size > 0));
    if (!isSuper && !emit(c, writer, snd.nxt, length, false, isLast && fin, push)) return false;
    const record = textSent(c, length, isLast && fin, !isLast);
    if (isLast) endUnit(record, ends);
  }
  if (size % limit !== 0) c.nagle.smallSent(snd.nxt);
  hasLeft(c, size, Math.ceil(size / limit));
  return true;
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
  let size = 0;
  for (let count = 0; count < (isUrgent ? 1 : most); count++) {
    const next = sendableNow(there - size, usable - size, limit, snd.maxWnd);
    if (next === 0) {
      c.windowLimited = there > size && fitsCwnd(c, count + 1);
      break;
    }
    if (next < limit && !mayBeSmall && c.nagle.holds(snd.una)) break;
    if (!fitsCwnd(c, count + 1)) {
      c.cwndLimited = true;
      break;
    }
    size += next;
    if (next < limit) break;
  }
  return size;
}

/** More acknowledgments are due at once: what they let out together leaves together. */
function defersUnit(c: TcpConnection, usable: number, limit: number, closes: boolean): boolean {
  if (!c.config.tsoUnits || usable < limit || !fitsCwnd(c, 1)) return false;
  return waitsForMore(c, usable, limit * unitSegments(paceOf(c), limit, c.config), closes);
}

function mostWithinCwnd(c: TcpConnection, most: number, limit: number): number {
  return Math.max(0, Math.min(most, Math.floor((c.congestion.cwnd - c.inFlight) / limit)));
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
function sendText(
  c: TcpConnection,
  writer: SegmentWriter,
  size: number,
  fin: boolean,
  ends: UnitEnd,
  pushes: boolean,
): boolean {
  const push = pushes || (ends.pushed && size > 0);
  if (!emit(c, writer, c.tcb.snd.nxt, size, false, fin, push)) return false;
  endUnit(textSent(c, size, fin, false), ends);
  return true;
}

/** A segment of new text has left; `continues`: it is not its unit's last. */
function textSent(c: TcpConnection, size: number, fin: boolean, continues: boolean): SentSegment {
  const { snd } = c.tcb;
  const start = snd.nxt;
  const textEnd = seqAdd(start, size);
  snd.nxt = fin ? seqAdd(textEnd, 1) : textEnd;
  c.finSent = fin;
  c.writeQueue.sent(textEnd);
  const record = c.queue.sent(start, snd.nxt, false, fin, c.now, continues);
  takesFlight(c, record);
  c.reduction?.sent(snd.mss);
  // RFC 8985 §7.2: the probe's timeout counts from the last new text.
  c.timers.tailLossProbe = NEVER;
  c.bytesSent += size;
  return record;
}

function endUnit(record: SentSegment, { pushed, closed }: UnitEnd): void {
  record.push = pushed && record.length > (record.fin ? 1 : 0);
  record.endsRecord = closed;
}

/**
 * The next new segment whatever the congestion window says: a probe for the tail, or the persist timer has
 * run out and any window will do.
 */
export function sendNext(c: TcpConnection, writer: SegmentWriter, pushes = false): boolean {
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
  if (!sendText(c, writer, size, fin, ends, pushes)) return false;
  if (size < limit) c.nagle.smallSent(snd.nxt);
  return true;
}

/** The largest text beside the options that a segment has now. */
function textLimit(c: TcpConnection): number {
  const blocks = c.usesSack ? c.sackReports.blocks(c.receiveBuffer.outOfOrder, c.finAt) : 0;
  const most = mostBlocks(c.timestamps.enabled, c.isSigned);
  const sackSize = Math.min(blocks, most) === 0 ? 0 : 4 + 8 * Math.min(blocks, most);
  return Math.max(c.tcb.snd.mss - sackSize, 1);
}

/**
 * RFC 9293 §3.8.6.1, as Linux does it: an old sequence number and no text, so that the peer has to answer.
 */
export function sendProbe(c: TcpConnection, writer: SegmentWriter): void {
  emitControl(c, writer, seqAdd(c.tcb.snd.una, -1));
}

function sendAck(c: TcpConnection, writer: SegmentWriter): void {
  emitControl(c, writer, c.tcb.snd.nxt);
}

function emitControl(c: TcpConnection, writer: SegmentWriter, sequence: Seq): void {
  const flags = c.ecn?.echoes === true ? TCP_FLAG.ack | TCP_FLAG.ece : TCP_FLAG.ack;
  writer.begin(c.localPort, c.remotePort, flags, sequence, c.tcb.rcv.nxt, advertise(c));
  if (c.signatures !== undefined) writer.sign(c.signatures.keyFor(c.remote));
  addOptions(c, writer);
  addUrgent(c, writer, sequence);
  acknowledgmentSent(c);
  noteSendError(c, writer.send(c.path));
}

/**
 * `segmentSize` above 0: a super-segment, to be cut into texts of this size. False: the device took nothing.
 */
function emit(
  c: TcpConnection,
  writer: SegmentWriter,
  start: Seq,
  length: number,
  syn: boolean,
  fin: boolean,
  push: boolean,
  segmentSize = 0,
): boolean {
  const { tcb } = c;
  const acks = c.state !== "SYN-SENT";
  let flags = acks ? TCP_FLAG.ack : 0;
  if (syn) flags |= TCP_FLAG.syn | ecnFlagsOfSyn(c);
  if (fin) flags |= TCP_FLAG.fin;
  if (push) flags |= TCP_FLAG.psh;
  const isMarked = c.ecn !== undefined && length > 0 && !syn && start === tcb.snd.nxt;
  if (c.ecn?.echoes === true && !syn) flags |= TCP_FLAG.ece;
  if (isMarked && c.ecn?.owesCwr === true) flags |= TCP_FLAG.cwr;
  writer.begin(c.localPort, c.remotePort, flags, start, tcb.rcv.nxt, syn ? advertiseFirst(c) : advertise(c));
  if (c.signatures !== undefined) writer.sign(c.signatures.keyFor(c.remote));
  if (syn) addSynOptions(c, writer);
  else addOptions(c, writer);
  addUrgent(c, writer, start);
  if (acks) acknowledgmentSent(c);
  if (length > 0) c.delayedAck.textSent(c.now);
  startTransmission(c);
  if (length > 0) c.lastSentAt = c.now;
  if (fin) c.busyTime.began("busy", c.now);
  const textStart = syn ? seqAdd(start, 1) : start;
  if (isMarked) c.path.trafficClass |= ECN_FIELD.ect0;
  noteSendError(c, writer.send(c.path, c.sendBuffer, textStart, length, segmentSize));
  c.path.trafficClass &= ~ECN_FIELD.mask;
  if (c.isRefused) {
    if (length > 0) enterCwr(c);
    return false;
  }
  if (isMarked) c.ecn?.cwrSent();
  if (length > 0) noteText(c, textStart, length, segmentSize);
  return true;
}

function noteText(c: TcpConnection, start: Seq, length: number, segmentSize: number): void {
  const segments = segmentSize === 0 ? 1 : Math.ceil(length / segmentSize);
  c.segmentsOut += segments - 1;
  c.textSegmentsOut += segments;
  if (c.stamps?.left(start, seqAdd(start, length), c.now) === true) c.raise(CONNECTION_EVENT.stamped);
}

/** RFC 3168 §6.1.1: ECE and CWR ask for ECN, ECE agrees. SYN and SYN-ACK themselves are not marked. */
function ecnFlagsOfSyn(c: TcpConnection): number {
  if (c.state === "SYN-SENT") return c.asksForEcn ? TCP_FLAG.ece | TCP_FLAG.cwr : 0;
  return c.ecn === undefined ? 0 : TCP_FLAG.ece;
}

/**
 * What the device had no room for has not been sent. What cannot leave for another reason is a lost segment,
 * and a later timeout reports why.
 */
function noteSendError(c: TcpConnection, error: ReturnType<SegmentWriter["send"]>): void {
  c.isRefused = error === "ENOBUFS";
  if (c.isRefused) return;
  c.segmentsOut++;
  if (error !== undefined) c.softError = error;
}

function acknowledgmentSent(c: TcpConnection): void {
  c.delayedAck.sent();
  c.timers.delayedAck = NEVER;
  if (c.sackCompression !== undefined && c.sackCompression.waiting > 0)
    compressedAckSent(c, c.sackCompression);
  c.lastAckSent = c.tcb.rcv.nxt;
}

/** It said what all of them would have said. */
function compressedAckSent(c: TcpConnection, compression: SackCompression): void {
  c.timers.compressedAck = NEVER;
  c.owner.context.counters.acksCompressed += compression.sent() - 1;
}

/** Every SYN has the MSS option (RFC 9293 §3.7.1, SHLD-5, MAY-3), and no other segment (MUST-65). */
function addSynOptions(c: TcpConnection, writer: SegmentWriter): void {
  const offer = c.ours;
  const { options } = writer;
  options.mss = Math.min(offer.mss, c.path.mtu - c.path.headerSize - TCP_HEADER_SIZE);
  // A SYN-ACK offers only what was offered: RFC 7323 §1.3.
  const agreement = c.state === "SYN-SENT" ? undefined : c.agreement;
  if (agreement?.windowScaling ?? true) options.windowScale = offer.windowScale;
  options.sackPermitted = offer.sack && (agreement?.sack ?? true);
  if (offer.timestamps && (agreement?.timestamps ?? true)) {
    writer.timestamps(c.timestamps.value(c.now), c.timestamps.recent);
  }
  addFastOpen(c, writer);
}

/** RFC 7413 §4.1.1, in the first SYN or SYN-ACK only: what goes out again may be what was not let through. */
function addFastOpen({ fastOpen }: TcpConnection, writer: SegmentWriter): void {
  if (fastOpen?.option === undefined) return;
  const fits = writer.options.offerFastOpen(fastOpen.option, fastOpen.isExperimental);
  fastOpen.option = undefined;
  if (fastOpen.role === "client") fastOpen.wasShown = fits;
}

function addOptions(c: TcpConnection, writer: SegmentWriter): void {
  if (c.timestamps.enabled) writer.timestamps(c.timestamps.value(c.now), c.timestamps.recent);
  if (c.usesSack && !c.sackReports.isEmpty) {
    c.sackReports.fill(writer.options, c.receiveBuffer.outOfOrder, c.tcb.rcv.nxt, c.finAt);
  }
}

/**
 * RFC 9293 §3.8.5, RFC 6093: as long as the urgent data is not acknowledged, every segment points to its end.
 */
function addUrgent(c: TcpConnection, writer: SegmentWriter, sequence: Seq): void {
  const distance = seqDiff(c.tcb.snd.up, sequence);
  if (distance > 0 && distance <= 0xffff && seqAfter(c.tcb.snd.up, c.tcb.snd.una)) writer.urgent(distance);
}

function armTimers(c: TcpConnection): void {
  const { timers, queue, now } = c;
  if (queue.count === 0) {
    timers.retransmit = NEVER;
    timers.tailLossProbe = NEVER;
    timers.reordering = NEVER;
    armPersist(c);
  } else {
    timers.persist = NEVER;
    // RFC 6298 §5.1
    if (timers.retransmit === NEVER)
      timers.retransmit = (now + c.userTimeout.clamp(c.rto.value, now)) as Instant;
    armTailLossProbe(c);
  }
  if (c.keepalive.enabled && timers.keepalive === NEVER && c.agreement !== undefined) {
    timers.keepalive = c.keepalive.deadline(c.lastHeardAt, now);
  }
}

/** Nothing in flight, and still something to send: only the peer's window can be what holds it back. */
function armPersist(c: TcpConnection): void {
  const waiting = maySendNew(c) && (c.unsent > 0 || c.sendClosed) && c.timers.pacing === NEVER;
  if (!waiting) c.timers.persist = NEVER;
  else if (c.timers.persist === NEVER) {
    const delay = c.persist.delay(c.rto.value, c.config.maxRto);
    c.timers.persist = (c.now + c.userTimeout.clampFrom(c.persist.since, delay, c.now)) as Instant;
  }
}

/** RFC 8985 §7.2. Reports do not stop a probe that is due: until recovery begins they prove nothing. */
function armTailLossProbe(c: TcpConnection): void {
  const { timers, tailLossProbe: probe, queue, recovery, config } = c;
  if (recovery.state === "disorder") return;
  const wanted =
    config.tailLossProbe &&
    c.usesSack &&
    !recovery.isRepairing &&
    !probe.isOutstanding &&
    queue.first?.syn === false;
  if (!wanted) {
    timers.tailLossProbe = NEVER;
  } else if (timers.tailLossProbe === NEVER) {
    const timeout = probe.timeout(c.rtt.srtt, queue.count === 1, c.rto.value, config.minRto);
    timers.tailLossProbe = Math.min(c.now + timeout, timers.retransmit) as Instant;
  }
}
