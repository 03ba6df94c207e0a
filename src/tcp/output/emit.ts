/**
 * One segment of a connection: its flags and numbers, and what is to be noted once it has left. RFC 9293
 * §3.1.
 */
import { type Seq, seqAdd } from "../../base/seq.ts";
import { NEVER } from "../../base/time.ts";
import { TCP_FLAG } from "../../wire/tcp.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import { startTransmission } from "../flight.ts";
import { enterCwr } from "../input/reduction.ts";
import { mostBlocks } from "../receive/sack-blocks.ts";
import type { SackCompression } from "../receive/sack-compression.ts";
import { advertise, advertiseFirst } from "../receiving.ts";
import { isSigned } from "../segment-sizes.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import { ECN_FIELD } from "../send/ecn.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { SegmentPurpose, SendReason } from "../tcp-probe.ts";
import { addOptions, addSynOptions, addUrgent } from "./segment-options.ts";

/** The largest text beside the options that a segment has now. */
export function textLimit(c: TcpConnection): number {
  const blocks = c.usesSack ? c.sackReports.blocks(c.receiveBuffer.outOfOrder, c.finAt) : 0;
  const most = mostBlocks(c.timestamps.enabled, isSigned(c));
  const sackSize = Math.min(blocks, most) === 0 ? 0 : 4 + 8 * Math.min(blocks, most);
  return Math.max(c.tcb.snd.mss - sackSize, 1);
}

/**
 * RFC 9293 §3.8.6.1, as Linux does it: an old sequence number and no text, so that the peer has to answer.
 */
export function sendProbe(c: TcpConnection, writer: SegmentWriter, why: SendReason): void {
  emitControl(c, writer, seqAdd(c.tcb.snd.una, -1), why);
}

export function sendAck(c: TcpConnection, writer: SegmentWriter, why: SendReason): void {
  emitControl(c, writer, c.tcb.snd.nxt, why);
}

function emitControl(c: TcpConnection, writer: SegmentWriter, sequence: Seq, why: SendReason): void {
  const flags = c.ecn?.echoes === true ? TCP_FLAG.ack | TCP_FLAG.ece : TCP_FLAG.ack;
  writer.begin(c, flags, sequence, c.tcb.rcv.nxt, advertise(c), why);
  if (c.signatures !== undefined) writer.sign(c.signatures.keyFor(c.remote));
  addOptions(c, writer);
  addUrgent(c, writer, sequence);
  acknowledgmentSent(c);
  noteSendError(c, writer.send(c.path));
}

/**
 * `segmentSize` above 0: a super-segment, to be cut into texts of this size. False: the device took nothing.
 */
export function emit(
  c: TcpConnection,
  writer: SegmentWriter,
  start: Seq,
  length: number,
  syn: boolean,
  fin: boolean,
  push: boolean,
  why: SegmentPurpose,
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
  writer.begin(c, flags, start, tcb.rcv.nxt, syn ? advertiseFirst(c) : advertise(c), why);
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
  c.tally.segmentsOut += segments - 1;
  c.tally.textSegmentsOut += segments;
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
  c.tally.segmentsOut++;
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
