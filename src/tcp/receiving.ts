/**
 * The receiving side of a connection as a whole: the window that it tells, and what the user's reading sets
 * going. RFC 9293 §3.8.6, §3.10.3. A conductor, as output is for the sending side.
 */
import { seqAdd, seqAfter, seqDiff } from "../base/seq.ts";
import { largestArriving, windowOfSyn } from "./segment-sizes.ts";
import { isSynchronized } from "./states.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** Linux's TCP_INIT_CWND: a flow is expected to fill so much from the beginning. */
const FIRST_FLIGHT = 10;

/** The handshake is over: buffer and window take their first sizes. */
export function beginReceiving(c: TcpConnection): void {
  const { receiveWindow, receiveBuffer, tcb } = c;
  const told = windowOfSyn(c);
  const segment = largestArriving(c);
  receiveWindow.begin(told, receiveBuffer.limit, segment, tcb.rcv.wscale);
  const space = Math.min(receiveWindow.threshold, told, FIRST_FLIGHT * segment);
  c.windowTuning.begin(c.now, tcb.rcv.nxt, space);
  c.receiveMss.begin(Math.min(segment, tcb.snd.mss), told);
}

/** The window to advertise now, in bytes. */
export function windowNow(c: TcpConnection): number {
  const { receiveWindow, receiveBuffer } = c;
  const { room, limit } = receiveBuffer;
  const window = receiveWindow.select(c.toldWindow, c.tcb.receiveWindow, room, limit, c.receiveMss.value);
  if (receiveWindow.isTight) c.delayedAck.quick.withdraw();
  return window;
}

/** Whether a new window would be at least as large as the one that was told last. */
export function windowMoves(c: TcpConnection): boolean {
  return windowNow(c) >= c.toldWindow;
}

/** The window field of a segment about to leave, and the right edge that it tells. */
export function advertise(c: TcpConnection): number {
  const { receiveWindow, tcb } = c;
  const current = tcb.receiveWindow;
  const field = receiveWindow.field(windowNow(c), current, c.receiveBuffer.room);
  const { counters } = c.owner.context;
  if (field === 0 && c.toldWindow > 0) counters.windowsClosed++;
  else if (field > 0 && c.toldWindow === 0) counters.windowsOpened++;
  const told = seqAdd(tcb.rcv.nxt, field << receiveWindow.scale);
  if (receiveWindow.mayShrink || seqAfter(told, tcb.rcv.adv)) tcb.rcv.adv = told;
  return field;
}

/** The same for a SYN: never scaled (RFC 7323 §2.2). What came with the peer's takes its room (RFC 7413). */
export function advertiseFirst(c: TcpConnection): number {
  const { rcv } = c.tcb;
  const field = Math.min(windowOfSyn(c), c.receiveBuffer.room);
  const told = seqAdd(rcv.nxt, field);
  if (seqAfter(told, rcv.adv)) rcv.adv = told;
  return field;
}

/** RECEIVE, §3.10.3: moves up to `target.length` bytes to the user; answers how many. */
export function receive(c: TcpConnection, target: Uint8Array): number {
  const count = c.receiveBuffer.read(target);
  if (count > 0) {
    textRead(c);
    c.owner.context.probe?.read?.(c, count);
  }
  return count;
}

/** The user has taken text: Linux's tcp_rcv_space_adjust and tcp_cleanup_rbuf. */
export function textRead(c: TcpConnection): void {
  c.arrivals?.forget(c.copied);
  tuneBuffer(c);
  const acknowledges = readingAcknowledges(c);
  if (!acknowledges && !windowUpdateIsDue(c)) return;
  c.delayedAck.atOnce(acknowledges ? "ack" : "window-update");
  c.owner.pumpLater(c);
}

/** What the user reads in a round trip says how large the buffer should be. */
function tuneBuffer(c: TcpConnection): void {
  const { receiveBuffer, receiveWindow, windowTuning, tcb } = c;
  const waiting = receiveBuffer.readable;
  const { outOfOrder } = receiveBuffer;
  const { count } = outOfOrder;
  const scattered = count === 0 ? 0 : seqDiff(outOfOrder.end(count - 1), tcb.rcv.nxt);
  const wanted = windowTuning.read(c.now, c.copied, waiting, c.receiverRtt.value, scattered);
  if (wanted === 0 || !c.config.moderateReceiveBuffer || receiveBuffer.isFixed) return;
  const limit = Math.min(wanted, c.config.receiveBufferLimit);
  if (limit <= receiveBuffer.limit) return;
  receiveBuffer.limit = limit;
  receiveWindow.widen(limit);
}

/** What waits for company need not wait any more: more than a segment of it, or all that the peer wrote. */
function readingAcknowledges(c: TcpConnection): boolean {
  const { delayedAck } = c;
  if (!delayedAck.isOwed) return false;
  if (c.unacknowledgedText > c.receiveMss.value) return true;
  return delayedAck.isPushed && c.receiveBuffer.readable === 0;
}

function windowUpdateIsDue(c: TcpConnection): boolean {
  if (c.isOver || c.receiveClosed || !isSynchronized(c.state)) return false;
  const current = c.tcb.receiveWindow;
  return c.receiveWindow.mayUpdate(current) && c.receiveWindow.isWorthAnUpdate(current, windowNow(c));
}
