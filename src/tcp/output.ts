/**
 * The pump: the only place from which a connection's segments leave. What goes out is decided by a ladder of
 * reasons: lost segments, new text, FIN, a bare acknowledgment. RFC 9293 §3.8, §3.10.2 to §3.10.4.
 */
import { type Seq, seqAdd, seqAfter, seqDiff } from "../base/seq.ts";
import { type Instant, NEVER } from "../base/time.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { windowField, windowToAdvertise } from "./receive/receive-window.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import type { SentSegment } from "./send/sent-segment.ts";
import { sendableNow } from "./send/silly-window.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import type { RetransmissionCause } from "./tcp-probe.ts";

export function pump(c: TcpConnection, writer: SegmentWriter): void {
  if (c.state === "CLOSED") return;
  if (c.state !== "TIME-WAIT") {
    followPathMtu(c);
    sendDuplicateAcks(c, writer);
    restartAfterIdle(c);
    sendHandshake(c, writer);
    resendLost(c, writer);
    sendNew(c, writer);
  }
  if (c.delayedAck.urgency === "now") sendAck(c, writer);
  if (c.state !== "TIME-WAIT") armTimers(c);
}

/** RFC 5681 §4.2. */
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
    if (record.length > mss && c.queue.markLost(record)) c.retransmitAtOnce = true;
  }
}

/** RFC 5681 §4.1. */
function restartAfterIdle(c: TcpConnection): void {
  if (c.queue.count > 0 || c.unsent === 0) return;
  if (c.now - c.lastSentAt > c.rto.value) c.congestion.onIdleRestart(c.now);
}

function sendHandshake(c: TcpConnection, writer: SegmentWriter): void {
  const { tcb } = c;
  if (tcb.snd.nxt === tcb.iss && (c.state === "SYN-SENT" || c.synAckDue)) {
    // The peer's SYN may have come before ours went out: then it is a SYN-ACK at once.
    c.synAckDue = false;
    tcb.snd.nxt = seqAdd(tcb.iss, 1);
    c.queue.sent(tcb.iss, tcb.snd.nxt, true, false, c.now);
    emit(c, writer, tcb.iss, 0, true, false);
  } else if (c.synAckDue) {
    c.synAckDue = false;
    emit(c, writer, tcb.iss, 0, true, false);
  }
}

function resendLost(c: TcpConnection, writer: SegmentWriter): void {
  const { queue } = c;
  for (let i = 0; queue.lostBytes > 0 && i < queue.count; i++) {
    const record = queue.at(i);
    if (!record.lost) continue;
    const limit = textLimit(c);
    if (textLength(record) > limit) queue.split(i, seqAdd(record.start, limit + (record.syn ? 1 : 0)));
    // What lies beyond a window that has shrunk waits, but for the first: RFC 9293 §3.8.6.
    if (i > 0 && seqAfter(record.end, seqAdd(c.tcb.snd.una, c.tcb.snd.wnd))) return;
    if (!c.retransmitAtOnce && !fitsCwnd(c, record.length)) {
      c.cwndLimited = true;
      return;
    }
    c.retransmitAtOnce = false;
    resend(c, writer, record, causeOf(c, record));
  }
}

function causeOf(c: TcpConnection, record: SentSegment): RetransmissionCause {
  if (record.syn) return "syn";
  if (c.recovery.phase === "loss") return "timeout";
  return c.usesSack ? "rack" : "fast";
}

/** Sends a record again, because of `cause`. */
function resend(
  c: TcpConnection,
  writer: SegmentWriter,
  record: SentSegment,
  cause: RetransmissionCause,
): void {
  c.queue.resent(record, c.now);
  c.retransmissions[cause]++;
  c.bytesRetransmitted += textLength(record);
  c.owner.context.counters.segmentsRetransmitted++;
  c.owner.context.probe?.retransmitted?.(c, cause);
  const textStart = record.syn ? seqAdd(record.start, 1) : record.start;
  emit(c, writer, record.syn ? record.start : textStart, textLength(record), record.syn, record.fin);
}

/** RFC 8985 §7.3: the last segment once more, or as much of its end as a segment takes now. */
export function resendLast(c: TcpConnection, writer: SegmentWriter): void {
  const { queue } = c;
  const last = queue.last;
  if (last === undefined || last.lost || last.sacked) return;
  const limit = textLimit(c);
  if (textLength(last) > limit) queue.split(queue.count - 1, seqAdd(last.end, -limit - (last.fin ? 1 : 0)));
  resend(c, writer, queue.last ?? last, "tlp");
}

function textLength(record: SentSegment): number {
  return record.length - (record.syn ? 1 : 0) - (record.fin ? 1 : 0);
}

function fitsCwnd(c: TcpConnection, size: number): boolean {
  const { inFlight } = c;
  return inFlight === 0 || inFlight + size <= c.congestion.cwnd;
}

function sendNew(c: TcpConnection, writer: SegmentWriter): void {
  if (!maySendNew(c)) return;
  while (sendNext(c, writer, false));
}

function maySendNew(c: TcpConnection): boolean {
  switch (c.state) {
    case "ESTABLISHED":
    case "CLOSE-WAIT":
    case "FIN-WAIT-1":
    case "LAST-ACK":
    case "CLOSING":
      return !c.finSent;
    default:
      return false;
  }
}

/**
 * The next new segment, if one may go out now. `override`: the persist timer has run out, any window will do.
 */
export function sendNext(c: TcpConnection, writer: SegmentWriter, override: boolean): boolean {
  const { snd } = c.tcb;
  const { unsent } = c;
  const closes = c.sendClosed && !c.finSent;
  if (unsent === 0 && !closes) return false;
  const usable = seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt);
  const limit = textLimit(c);
  const size = override ? Math.min(unsent, usable, limit) : sendableNow(unsent, usable, limit, snd.maxWnd);
  // FIN needs a place in the window too.
  const fin = closes && size === unsent && usable > size;
  if (size <= 0 && !fin) return false;
  if (!override) {
    if (size < limit && !fin && c.nagle.holds(snd.una)) return false;
    if (!fitsCwnd(c, size)) {
      c.cwndLimited = true;
      return false;
    }
  }
  const start = snd.nxt;
  snd.nxt = seqAdd(start, size + (fin ? 1 : 0));
  c.finSent = fin;
  c.queue.sent(start, snd.nxt, false, fin, c.now);
  // RFC 8985 §7.2: the probe's timeout counts from the last new text.
  c.timers.tailLossProbe = NEVER;
  c.bytesSent += size;
  if (size < limit) c.nagle.smallSent(snd.nxt);
  emit(c, writer, start, size, false, fin);
  return true;
}

/** The largest text beside the options that a segment has now. */
function textLimit(c: TcpConnection): number {
  const blocks = c.usesSack && !c.sackReports.isEmpty ? Math.min(c.receiveBuffer.outOfOrder.count + 1, 4) : 0;
  const sackSize = blocks === 0 ? 0 : 4 + 8 * Math.min(blocks, c.timestamps.enabled ? 3 : 4);
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
  writer.begin(c.localPort, c.remotePort, TCP_FLAG.ack, sequence, c.tcb.rcv.nxt, advertise(c, false));
  addOptions(c, writer);
  addUrgent(c, writer, sequence);
  acknowledgmentSent(c);
  noteSendError(c, writer.send(c.path));
}

function emit(
  c: TcpConnection,
  writer: SegmentWriter,
  start: Seq,
  length: number,
  syn: boolean,
  fin: boolean,
): void {
  const { tcb } = c;
  const acks = c.state !== "SYN-SENT";
  const textEnd = seqAdd(start, length);
  let flags = acks ? TCP_FLAG.ack : 0;
  if (syn) flags |= TCP_FLAG.syn;
  if (fin) flags |= TCP_FLAG.fin;
  // RFC 9293 §3.9.1.2 (MUST-60, MUST-61): the last of what the user gave is pushed.
  if (length > 0 && textEnd === c.sendBuffer.end) flags |= TCP_FLAG.psh;
  writer.begin(c.localPort, c.remotePort, flags, start, tcb.rcv.nxt, advertise(c, syn));
  if (syn) addSynOptions(c, writer);
  else addOptions(c, writer);
  addUrgent(c, writer, start);
  if (acks) acknowledgmentSent(c);
  c.lastSentAt = c.now;
  noteSendError(c, writer.send(c.path, c.sendBuffer, start, length));
}

/** A segment that could not leave is a lost one; what a later timeout reports is why. */
function noteSendError(c: TcpConnection, error: ReturnType<SegmentWriter["send"]>): void {
  c.segmentsOut++;
  if (error !== undefined) c.softError = error;
}

function acknowledgmentSent(c: TcpConnection): void {
  c.delayedAck.sent();
  c.timers.delayedAck = NEVER;
  c.lastAckSent = c.tcb.rcv.nxt;
}

/** The window field, and the right edge that it tells. In a SYN it is never scaled: RFC 7323 §2.2. */
function advertise(c: TcpConnection, syn: boolean): number {
  const { rcv } = c.tcb;
  const current = c.tcb.receiveWindow;
  const { room, limit } = c.receiveBuffer;
  const window = windowToAdvertise(current, room, limit, c.receiveMss);
  const shift = syn ? 0 : rcv.wscale;
  const field = windowField(window, current, shift, room);
  const told = seqAdd(rcv.nxt, field << shift);
  if (seqAfter(told, rcv.adv)) rcv.adv = told;
  return field;
}

function addSynOptions(c: TcpConnection, writer: SegmentWriter): void {
  const offer = c.ours;
  const { options } = writer;
  options.mss = offer.mss;
  // A SYN-ACK offers only what was offered: RFC 7323 §1.3.
  const agreement = c.state === "SYN-SENT" ? undefined : c.agreement;
  if (agreement?.windowScaling ?? true) options.windowScale = offer.windowScale;
  options.sackPermitted = offer.sack && (agreement?.sack ?? true);
  if (offer.timestamps && (agreement?.timestamps ?? true)) {
    writer.timestamps(c.timestamps.value(c.now), c.timestamps.recent);
  }
}

function addOptions(c: TcpConnection, writer: SegmentWriter): void {
  if (c.timestamps.enabled) writer.timestamps(c.timestamps.value(c.now), c.timestamps.recent);
  if (c.usesSack && !c.sackReports.isEmpty) {
    c.sackReports.fill(writer.options, c.receiveBuffer.outOfOrder, c.tcb.rcv.nxt);
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
    if (timers.retransmit === NEVER) timers.retransmit = (now + c.rto.value) as Instant;
    armTailLossProbe(c);
  }
  if (c.delayedAck.urgency === "delayed" && timers.delayedAck === NEVER) {
    timers.delayedAck = (now + c.config.delayedAck) as Instant;
  }
  if (c.keepalive.enabled && timers.keepalive === NEVER && c.agreement !== undefined) {
    timers.keepalive = c.keepalive.deadline(c.lastHeardAt, now);
  }
}

/** Nothing in flight, and still something to send: only the peer's window can be what holds it back. */
function armPersist(c: TcpConnection): void {
  const waiting = maySendNew(c) && (c.unsent > 0 || c.sendClosed);
  if (!waiting) c.timers.persist = NEVER;
  else if (c.timers.persist === NEVER) {
    c.timers.persist = (c.now + c.persist.delay(c.rto.value, c.config.maxRto)) as Instant;
  }
}

/** RFC 8985 §7.2. */
function armTailLossProbe(c: TcpConnection): void {
  const { timers, tailLossProbe: probe, queue } = c;
  const wanted =
    c.config.tailLossProbe &&
    c.usesSack &&
    c.recovery.isOpen &&
    !probe.isOutstanding &&
    queue.sackedBytes === 0 &&
    queue.first?.syn === false;
  if (!wanted) {
    timers.tailLossProbe = NEVER;
  } else if (timers.tailLossProbe === NEVER) {
    const timeout = probe.timeout(c.rtt.srtt, queue.count === 1, c.rto.value);
    timers.tailLossProbe = Math.min(c.now + timeout, timers.retransmit) as Instant;
  }
}
