/**
 * Segment text: RFC 9293 §3.10.7.4, seventh step. The segment has been trimmed to the window.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { type Seq, seqAdd, seqMax, seqMin } from "../../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../../base/time.ts";
import { TCP_FLAG, TCP_HEADER_SIZE } from "../../wire/tcp.ts";
import { enterClosed } from "../closing/end.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import { mostBlocks } from "../receive/sack-blocks.ts";
import { SackCompression } from "../receive/sack-compression.ts";
import type { Segment } from "../segment.ts";
import { isSigned, largestArriving, usualOptions } from "../segment-sizes.ts";
import { mayReceiveText } from "../states.ts";
import type { TcpConnection } from "../tcp-connection.ts";

const ACKS_AFTER_MARK = 2;
const REASONS_TO_BE_SMALL = TCP_FLAG.fin | TCP_FLAG.urg | TCP_FLAG.syn | TCP_FLAG.psh;

export function textArrives(c: TcpConnection, segment: Segment): DropReason | undefined {
  const length = segment.textLength;
  // A FIN beyond RCV.NXT tells of text in front of it.
  const tellsOfText = length > 0 || (segment.isFin && segment.seq !== c.tcb.rcv.nxt && !c.receiveClosed);
  if (!tellsOfText) {
    noteEcho(c, segment);
    return undefined;
  }
  if (!mayReceiveText(c.state)) return "tcp-after-close";
  if (c.refusesText) {
    // RFC 9293 §3.6.1 (SHLD-3): text that nobody will read; the peer must learn that it was lost. The RST has
    // the number that the peer waits for, which may lie before our FIN.
    c.owner.resetFor(segment, c);
    enterClosed(c, "ECONNRESET", "text received that nobody reads, RST sent");
    return "tcp-after-close";
  }
  if (length === 0) return undefined;
  if (!c.receiveBuffer.takes(segment.seq, c.tcb.rcv.nxt)) {
    c.delayedAck.atOnce();
    return "tcp-receive-buffer-full";
  }
  place(c, segment, length);
  return undefined;
}

/** The peer may rest between an ACK and text: the same echo in the text would measure the rest too. */
function noteEcho(c: TcpConnection, { options }: Segment): void {
  if (c.timestamps.enabled && options.hasTimestamps) c.receiverRtt.isNews(options.timestampEcho);
}

/** RFC 2883 §4: what of the segment is here already; of several pieces, the first. */
function reportOverlap(c: TcpConnection, start: Seq, end: Seq): void {
  const { outOfOrder } = c.receiveBuffer;
  const index = outOfOrder.firstWithin(start, end);
  if (index < 0) return;
  c.sackReports.duplicateArrived(seqMax(start, outOfOrder.start(index)), seqMin(end, outOfOrder.end(index)));
}

function place(c: TcpConnection, segment: Segment, length: number): void {
  const { rcv } = c.tcb;
  const { receiveBuffer, delayedAck } = c;
  const { outOfOrder } = receiveBuffer;
  const end = seqAdd(segment.seq, length);
  const hadHoles = outOfOrder.count > 0;
  if (hadHoles && outOfOrder.covers(segment.seq, end)) c.tally.duplicateSegments++;
  if (hadHoles && c.reportsDuplicates) reportOverlap(c, segment.seq, end);
  measureRoundTrip(c, segment, length);
  const hasCwr = (segment.flags & TCP_FLAG.cwr) !== 0;
  if (c.ecn?.textArrived(segment.trafficClass, hasCwr) === true) markArrived(c);
  if (looksPushed(c, segment, length)) delayedAck.pushed();
  const moved = receiveBuffer.place(segment.seq, segment.text, 0, length, rcv.nxt);
  c.arrivals?.arrived(end, c.now);
  if (moved === 0) {
    c.tally.outOfOrderSegments += segment.pieces;
    // Without SACK the sender counts duplicate ACKs, and a new window is none: RFC 5681 §2.
    if (c.usesSack) {
      c.sackReports.arrived(segment.seq, outOfOrder);
      widenWindow(c, length);
    }
    acknowledgeOutOfOrder(c);
    return;
  }
  rcv.nxt = seqAdd(rcv.nxt, moved);
  c.tally.bytesReceived += moved;
  c.receiverRtt.textArrived(c.now, rcv.nxt, c.toldWindow);
  // RFC 5681 §4.2: what fills a hole, in part or in whole, is acknowledged at once.
  delayedAck.textArrived(c.now, c.rto.value, c.toldWindow, c.receiveMss.value);
  widenWindow(c, length);
  if (hadHoles) delayedAck.holeFilled();
  c.raise(CONNECTION_EVENT.readable);
}

/** ACKs wait for company no longer than one of them has room for all that there is to report. */
function acknowledgeOutOfOrder(c: TcpConnection): void {
  const { delayedAck, timers } = c;
  const wait = c.usesSack && !delayedAck.quick.isOn ? compressionDelay(c) : 0;
  if (wait === 0) delayedAck.outOfOrder();
  else if (c.sackReports.untold > mostBlocks(c.timestamps.enabled, isSigned(c)))
    delayedAck.atOnce("duplicate-ack");
  else if (timers.compressedAck === NEVER) timers.compressedAck = (c.now + wait) as Instant;
}

/** The shorter of the two round trips that we know of. */
function compressionDelay(c: TcpConnection): Duration {
  c.sackCompression ??= new SackCompression();
  const { value } = c.receiverRtt;
  const rtt = c.rtt.isMeasured ? (Math.min(value, c.rtt.srtt) as Duration) : value;
  return c.sackCompression.arrived(c.tcb.rcv.nxt, rtt, c.config);
}

/** A flow that is there to use it opens the window, which the next ACK tells at once. */
function widenWindow(c: TcpConnection, length: number): void {
  const { room } = c.receiveBuffer;
  if (c.receiveWindow.arrived(length, room, largestArriving(c))) c.delayedAck.quick.grantOne();
}

/** The echo of our timestamps: RFC 7323 §4.1. */
function measureRoundTrip(c: TcpConnection, segment: Segment, length: number): void {
  const { options } = segment;
  if (!c.timestamps.enabled || !options.hasTimestamps || !c.receiverRtt.isNews(options.timestampEcho)) return;
  if (options.timestampEcho === 0 || length < c.receiveMss.value) return;
  const elapsed = c.timestamps.elapsedSince(options.timestampEcho, c.now);
  if (elapsed !== undefined) c.receiverRtt.echoed(elapsed, c.receiveBuffer.readable === 0);
}

/** RFC 3168 §6.1.3: the sender's window may be small, and it waits for our answer. */
function markArrived(c: TcpConnection): void {
  c.delayedAck.disturbed(c.toldWindow, c.receiveMss.value, ACKS_AFTER_MARK);
}

/** What the segment's size says of the peer's full segments, and whether it ends a write. */
function looksPushed(c: TcpConnection, segment: Segment, length: number): boolean {
  const options = segment.header.dataOffset - TCP_HEADER_SIZE;
  const isMarked = (segment.header.flags & REASONS_TO_BE_SMALL) !== 0;
  const isPushed = (segment.header.flags & TCP_FLAG.psh) !== 0;
  const size = segment.segmentSize === 0 ? length : Math.min(segment.segmentSize, length);
  return c.receiveMss.arrived(size, options, usualOptions(c), isMarked, isPushed, largestArriving(c));
}
