/**
 * SEND: RFC 9293 §3.10.2. What the user gives is taken as far as there is room (send/send-space.ts), into
 * the send buffer and, as the next piece of its own, into the write queue; the pump sends it. A conductor,
 * like output and input/: it looks at several parts of the connection.
 */
import { NetError } from "../base/errors.ts";
import { type Seq, seqAdd, seqAfter, seqDiff } from "../base/seq.ts";
import { CONNECTION_EVENT } from "./connection-events.ts";
import { bytesInFlight } from "./flight.ts";
import { paceOf, segmentsOfUnit } from "./output/new-text.ts";
import { mostQueued, PIECE_COST, pieceSize } from "./send/send-space.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** What a write may ask for; bits. */
export const WRITE = {
  /** Its last byte is urgent: §3.8.5. */
  urgent: 1,
  /** More follows at once (MSG_MORE): a small segment waits for it, and nothing is pushed. */
  more: 2,
  /** A record ends with it (MSG_EOR): what follows goes into segments of its own. */
  endsRecord: 4,
  /** It is one part of memory that is not copied (MSG_ZEROCOPY). */
  fragment: 8,
  /** The bytes stay where they are, and unchanged, until the peer has acknowledged them. */
  byReference: 16,
} as const;

/** Less than this is copied sooner than it is looked after, in bytes. */
const WORTH_REFERRING = 4_096;

/** All that the user's call does. */
export function send(c: TcpConnection, bytes: Uint8Array, from: number, to: number, flags: number): number {
  if (c.isOver) throw failure(c);
  if (c.sendClosed) throw new NetError("EPIPE", { syscall: "write" });
  const taken = take(c, bytes, from, to, flags);
  if (taken < to - from) c.wantsWritable = true;
  if (taken === 0) return 0;
  if (c.fastOpen?.role === "client") c.fastOpen.isDeferred = false;
  c.owner.pumpLater(c);
  c.owner.context.probe?.written?.(c, taken);
  return taken;
}

/** What it ended with. */
function failure({ error, remote, remotePort: port }: TcpConnection): NetError {
  return new NetError(error ?? "EPIPE", { syscall: "write", address: remote.toString(), port });
}

/** Takes as much of `bytes[from, to)` as there is room for; answers how much. */
function take(c: TcpConnection, bytes: Uint8Array, from: number, to: number, flags: number): number {
  const { sendBuffer, writeQueue } = c;
  const size = pieceSize(c.tcb.snd.mss, c.tcb.snd.maxWnd);
  const isReferred = (flags & WRITE.byReference) !== 0 && to - from >= WORTH_REFERRING;
  let at = from;
  while (at < to) {
    const tail = openTail(c, size);
    if (tail === 0 && !mayBegin(c)) break;
    const count = Math.min(size - tail, to - at);
    const start = sendBuffer.end;
    if (isReferred) sendBuffer.refer(bytes, at, at + count);
    else sendBuffer.append(bytes, at, at + count);
    at += count;
    if (tail > 0) writeQueue.extend(sendBuffer.end);
    else beginPiece(c, start);
    if ((flags & WRITE.fragment) !== 0) writeQueue.refer();
    if (at < to && pushIsDue(c)) writeQueue.push();
  }
  if (at === from) return 0;
  c.busyTime.began("busy", c.now);
  finish(c, flags, at === to);
  return at - from;
}

/**
 * Bytes of the last piece, if there is room in it; 0: another has to begin. A piece that is full may go out
 * in part, and is then filled up again.
 */
function openTail(c: TcpConnection, size: number): number {
  const tail = c.writeQueue.openTail(c.tcb.snd.nxt);
  if (tail < size) return tail;
  const rest = c.writeQueue.openTail(forecast(c));
  return rest < size ? rest : 0;
}

function mayBegin(c: TcpConnection): boolean {
  const sentTo = forecast(c);
  return c.sendSpace.mayBegin(held(c, sentTo), waiting(c, sentTo), c.config.notSentLowWater);
}

function beginPiece(c: TcpConnection, start: Seq): void {
  c.writeQueue.begin(start, c.sendBuffer.end);
  c.nagle.isPushing = false;
}

function finish(c: TcpConnection, flags: number, isAll: boolean): void {
  const { writeQueue, sendBuffer, nagle } = c;
  const more = (flags & WRITE.more) !== 0 && isAll;
  if (!more || pushIsDue(c)) writeQueue.push();
  nagle.moreFollows = more;
  if (!isAll) return;
  if ((flags & WRITE.urgent) !== 0) c.tcb.snd.up = sendBuffer.end;
  if ((flags & WRITE.endsRecord) !== 0) writeQueue.close();
}

/** Half of the peer's window has been written since the last push: Linux's forced_push. */
function pushIsDue(c: TcpConnection): boolean {
  const { writeQueue, sendBuffer, tcb } = c;
  return seqAfter(sendBuffer.end, seqAdd(writeQueue.pushedTo, tcb.snd.maxWnd >> 1));
}

/** Whether a write would be worth a try: Linux's sk_stream_is_writeable. */
export function isWritable(c: TcpConnection): boolean {
  const sentTo = forecast(c);
  return c.sendSpace.isWritable(held(c, sentTo), waiting(c, sentTo), c.config.notSentLowWater);
}

/** There may be room again: who was refused hears of it. Linux's tcp_check_space. */
export function tellRoom(c: TcpConnection): void {
  if (!c.wantsWritable) return;
  tuneSendBuffer(c);
  if (!isWritable(c)) return;
  c.wantsWritable = false;
  c.busyTime.ended("buffer", c.now);
  c.raise(CONNECTION_EVENT.writable);
}

/** The buffer holds back a congestion window that is not full: it grows. Linux's tcp_new_space. */
function tuneSendBuffer(c: TcpConnection): void {
  const { congestion, tcb, config } = c;
  const leaving = Math.min(seqDiff(forecast(c), tcb.snd.nxt), mostQueued(paceOf(c), unitSize(c)));
  if (bytesInFlight(c) + leaving + tcb.snd.mss > congestion.cwnd) return;
  c.sendSpace.tune(Math.floor(congestion.cwnd / tcb.snd.mss), peerMss(c), config.sendBufferLimit);
}

/**
 * The connection is established: there is to be room for the initial window. Linux's tcp_init_buffer_space.
 */
export function prepareSendBuffer(c: TcpConnection): void {
  const segments = Math.floor(c.congestion.cwnd / c.tcb.snd.mss);
  c.sendSpace.tune(segments, peerMss(c), c.config.sendBufferLimit);
}

function peerMss(c: TcpConnection): number {
  return Math.max(c.agreement?.peerMss ?? 0, c.tcb.snd.mss);
}

function unitSize(c: TcpConnection): number {
  return c.tcb.snd.mss * segmentsOfUnit(c, c.tcb.snd.mss);
}

/** Bytes of memory that count against SO_SNDBUF, when everything before `sentTo` has gone out. */
function held(c: TcpConnection, sentTo: Seq): number {
  const { queue, writeQueue, sendBuffer, tcb } = c;
  const leaving = Math.max(0, seqDiff(sentTo, tcb.snd.nxt));
  const units = leaving === 0 ? 0 : Math.ceil(leaving / unitSize(c));
  return sendBuffer.length + PIECE_COST * (queue.units + units + writeQueue.countAfter(sentTo));
}

/** Bytes that are not sent when everything before `sentTo` is. */
function waiting(c: TcpConnection, sentTo: Seq): number {
  return Math.max(0, seqDiff(c.sendBuffer.end, sentTo));
}

/** How far the next pump will send: it comes after the write, Linux sends within. */
function forecast(c: TcpConnection): Seq {
  const { snd } = c.tcb;
  const { unsent } = c;
  const window = snd.wnd - c.tcb.outstanding;
  const allowed = Math.min(unsent, c.congestion.cwnd - bytesInFlight(c), window);
  if (allowed <= 0) return snd.nxt;
  const small = allowed % snd.mss;
  const stays = small > 0 && (allowed < unsent || c.nagle.holds(snd.una));
  return seqAdd(snd.nxt, stays ? allowed - small : allowed);
}
