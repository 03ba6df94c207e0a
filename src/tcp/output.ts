/**
 * The pump: the only place from which a connection's segments leave. What goes out is decided by a ladder of
 * reasons: lost segments, new text, FIN, a bare acknowledgment. RFC 9293 §3.8, §3.10.2 to §3.10.4.
 */
import { seqDiff } from "../base/seq.ts";
import { type Instant, NEVER } from "../base/time.ts";
import { restartAfterIdle, validateWindow } from "./flight.ts";
import { resendWithoutReduction } from "./input/reduction.ts";
import { sendAck } from "./output/emit.ts";
import { sendHandshake } from "./output/handshake.ts";
import { probeTail, resendLost, sendNewInsteadOfLost, sendRescue } from "./output/lost-text.ts";
import { sendMtuProbe } from "./output/mtu-probe.ts";
import { maySendNew, sendNew } from "./output/new-text.ts";
import { windowMoves } from "./receiving.ts";
import { effectiveMss } from "./segment-sizes.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import type { TcpConnection } from "./tcp-connection.ts";

export function pump(c: TcpConnection, writer: SegmentWriter): void {
  if (c.state === "CLOSED") return;
  if (!c.sendBuffer.isThere) {
    // Its user transferred memory to another thread: what was promised to the peer is gone.
    c.abort("EFAULT", "text to be sent is gone");
    return;
  }
  if (c.state !== "TIME-WAIT") {
    followPathMtu(c);
    sendDuplicateAcks(c, writer);
    restartAfterIdle(c);
    sendHandshake(c, writer);
    const before = c.tcb.snd.nxt;
    probeTail(c, writer);
    sendNewInsteadOfLost(c, writer);
    if (!c.repairsWait) resendLost(c, writer);
    // RFC 4821 §7.5: a probe for a larger packet goes first, or keeps new text waiting for it.
    if (maySendNew(c) && sendMtuProbe(c, writer) !== "wait") sendNew(c, writer);
    sendRescue(c, writer);
    validateWindow(c, before);
  }
  if (acknowledgmentIsDue(c)) acknowledge(c, writer);
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
  const owed = c.delayedAck.takeDuplicates();
  for (let i = 0; i < owed; i++) sendAck(c, writer, "duplicate-ack");
  if (owed > 0) reportRest(c, writer);
}

function acknowledge(c: TcpConnection, writer: SegmentWriter): void {
  sendAck(c, writer, c.delayedAck.reason);
  reportRest(c, writer);
}

/** A burst may have begun more ranges than one ACK reports: RFC 2018 §4. */
function reportRest(c: TcpConnection, writer: SegmentWriter): void {
  while (c.usesSack && c.sackReports.untold > 0) sendAck(c, writer, "duplicate-ack");
}

/** The path takes less, or more again: RFC 9293 §3.7.1, §3.7.2. */
export function followPathMtu(c: TcpConnection): void {
  const mss = effectiveMss(c);
  if (mss === c.tcb.snd.mss) return;
  if (mss < c.tcb.snd.mss) resendTooBig(c, mss);
  c.tcb.snd.mss = mss;
  c.congestion.onSegmentSize(mss);
}

/**
 * RFC 1191 §6.4: what was too big goes out again at once, in smaller pieces; the network is not congested.
 */
function resendTooBig(c: TcpConnection, mss: number): void {
  const { queue } = c;
  for (let record = queue.first; record !== undefined; record = record.next) {
    if (record.largest <= mss || record.sacked) continue;
    // A small one at the end may have arrived.
    const hasSmall = record.segments > 1 && seqDiff(record.end, record.lastStart) <= mss;
    if (hasSmall) queue.cut(record, record.segments - 1);
    if (!queue.markLost(record)) continue;
    c.owner.context.probe?.lost?.(c, record.start, record.end, "size");
    resendWithoutReduction(c);
  }
  // A SYN with text is one packet of two records, and goes out again without the text.
  if (c.state === "SYN-SENT" && queue.lostBytes > 0 && queue.first !== undefined) queue.markLost(queue.first);
}

function armTimers(c: TcpConnection): void {
  const { timers, queue, now } = c;
  if (queue.segments === 0) {
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
    const timeout = probe.timeout(c.rtt.srtt, queue.segments === 1, c.rto.value, config.minRto);
    timers.tailLossProbe = Math.min(c.now + timeout, timers.retransmit) as Instant;
  }
}
