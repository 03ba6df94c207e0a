/**
 * What is in flight, and what the congestion control hears of sending: a conductor of the pump's. Whether the
 * window is used (RFC 7661), whether it is old (RFC 5681 §4.1), and what the delivery rate has to remember of
 * each segment.
 */
import type { Seq } from "../base/seq.ts";
import type { Duration } from "../base/time.ts";
import { LostSegment } from "./congestion/congestion-control.ts";
import type { RecordObserver } from "./parts-at-work.ts";
import type { SentRange } from "./send/sent-range.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import type { RetransmissionCause } from "./tcp-probe.ts";

/** For the congestion window, in bytes, each segment as a full one: docs/decisions/whole-segments.md. */
export function bytesInFlight(c: TcpConnection): number {
  return segmentsInFlight(c) * c.tcb.snd.mss;
}

/** Without SACK each duplicate ACK stands for a segment that arrived. */
function segmentsInFlight(c: TcpConnection): number {
  const segments = c.queue.segmentsInFlight - synAckInFlight(c);
  return c.usesSack ? segments : Math.max(0, segments - c.duplicateAcks.count);
}

/** The SYN-ACK of a Fast Open request takes nothing of the window that its text is sent into: as on Linux. */
function synAckInFlight(c: TcpConnection): number {
  const { first } = c.queue;
  return c.isFastOpenRequest && first?.syn === true && !first.lost ? 1 : 0;
}

/** RFC 5681 §4.1. */
export function restartAfterIdle(c: TcpConnection): void {
  const mayStart = c.queue.segments === 0 && c.unsent > 0 && c.tcb.snd.wnd > 0;
  if (!mayStart || !c.config.slowStartAfterIdle) return;
  const idle = (c.now - c.lastSentAt) as Duration;
  if (idle <= c.rto.value) return;
  c.congestion.onIdleRestart(idle, c.rto.value);
  c.cwndValidation.full(c.now);
}

/** Whether the window is used: RFC 7661. Only new text tells. */
export function validateWindow(c: TcpConnection, before: Seq): void {
  const { queue, congestion, cwndValidation, now } = c;
  const { una, nxt, mss } = c.tcb.snd;
  const inFlight = segmentsInFlight(c);
  const window = congestion.cwnd / mss;
  const isFull = inFlight >= window;
  const hasSent = nxt !== before;
  const isLimited = c.cwndLimited || (isFull && (hasSent || c.unsent > 0));
  c.cwndLimited = false;
  if (hasSent || c.unsent > 0) noteWindow(c);
  if (isLimited || hasSent) {
    cwndValidation.sent(isLimited, queue.segments, una, nxt);
    if (cwndValidation.isLimited(window, congestion.cwnd < congestion.ssthresh)) cwndValidation.full(now);
    else {
      shrinkUnused(c, cwndValidation.underused(queue.segments, now, c.rto.value));
      if (isStarved(c)) c.busyTime.began("buffer", now);
    }
  }
  if (c.unsent < mss && !isFull && queue.owedBytes === 0) c.deliveryRate.ranOut(inFlight);
}

/** Whether the peer's window is what holds text back. */
function noteWindow(c: TcpConnection): void {
  if (c.windowLimited) c.busyTime.began("window", c.now);
  else c.busyTime.ended("window", c.now);
  c.windowLimited = false;
}

/** The user has more, and the window would take it, but there is no room in the send buffer. */
function isStarved(c: TcpConnection): boolean {
  return c.unsent === 0 && c.wantsWritable && !c.sendClosed;
}

function shrinkUnused(c: TcpConnection, used: number | undefined): void {
  // With a full send buffer the user is not what holds it back.
  if (used === undefined || !c.config.slowStartAfterIdle || !c.recovery.isOpen || c.wantsWritable) return;
  c.congestion.onUnderused(used * c.tcb.snd.mss);
}

/** A segment is about to leave; if it is the only one, the time before it was idle. */
export function startTransmission(c: TcpConnection): void {
  if (c.queue.segmentsInFlight > 0) return;
  c.congestion.onTransmissionStart(c.now, c.lastSentAt, c.deliveryRate.isAppLimited);
}

/** A record is about to be held for lost: each of its segments is a loss. */
export function rangeLost(c: TcpConnection, record: SentRange, cause: RetransmissionCause): void {
  c.owner.context.probe?.lost?.(c, record.start, record.end, cause);
  const { congestion, queue } = c;
  if (congestion.onLost === undefined) return;
  c.lostSegment ??= new LostSegment();
  const lost = c.lostSegment;
  const { mss } = c.tcb.snd;
  lost.now = c.now;
  lost.appLimited = record.isAppLimited;
  lost.delivered = c.deliveryRate.delivered * mss;
  lost.inRecovery = c.recovery.isRepairing;
  lost.hasSack = c.usesSack;
  for (let i = 0; i < record.segments; i++) {
    lost.sentInFlight = (record.sentInFlight + i) * mss;
    lost.lostSinceSent = (queue.everLost + 1 + i - record.lostBefore) * mss;
    congestion.onLost(lost);
  }
}

/** What finds the losses that acknowledgments show. */
export function detectorOf({ usesSack, config }: TcpConnection): "rack" | "fast" {
  return usesSack && config.rack ? "rack" : "fast";
}

/** A record has just been put into flight. */
export function takesFlight(c: TcpConnection, record: SentRange): void {
  const { deliveryRate, queue, now } = c;
  const isFirst = queue.segments === record.segments && record.transmissions === 1;
  const inFlight = queue.segmentsInFlight - (record.segments - 1);
  deliveryRate.sent(record, now, isFirst, inFlight, queue.everLost);
}

/**
 * What hears of a connection's delivered, reported and lost records: functions that are made with the parts,
 * so that no acknowledgment allocates.
 */
export class RecordNews implements RecordObserver {
  connection: TcpConnection;

  constructor(connection: TcpConnection) {
    this.connection = connection;
  }

  readonly delivered = (record: SentRange): void => {
    const c = this.connection;
    const { echo } = c.owner.news;
    const isOriginal = echo !== undefined && c.timestamps.isBefore(echo, record.sentAt);
    c.rack.delivered(record, c.now, c.rtt.min, isOriginal);
    c.deliveryRate.received(record);
    if (record.largest > c.largestDelivered) {
      c.largestDelivered = Math.min(record.largest, c.tcb.snd.mss);
    }
  };

  readonly reported = (record: SentRange): void => {
    this.delivered(record);
    this.connection.owner.news.reported(record);
  };

  readonly lost = (record: SentRange): void => {
    const { owner } = this.connection;
    owner.news.losing(record);
    rangeLost(this.connection, record, detectorOf(this.connection));
    if (record.retransmitted) owner.context.counters.lostRetransmissions += record.segments;
  };
}
