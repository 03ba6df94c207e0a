/**
 * What happens when a timer of a connection runs out. RFC 9293 §3.10.8, RFC 6298 §5.4 to §5.7, RFC 8985 §6.3
 * and §7.3. Like an arriving segment it changes state only; the pump sends.
 */
import { seqAdd, seqAfter } from "../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../base/time.ts";
import { detectByTime } from "./input/loss-detection.ts";
import { followPathMtu, resendLast, sendNext, sendProbe } from "./output.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import type { SentSegment } from "./send/sent-segment.ts";
import type { TcpConfig } from "./tcp-config.ts";
import type { TcpConnection } from "./tcp-connection.ts";

export function timersExpired(c: TcpConnection, writer: SegmentWriter): void {
  const { timers, now } = c;
  // Probes do not wait for the pump.
  followPathMtu(c);
  if (timers.finWait2 <= now) {
    timers.finWait2 = NEVER;
    c.end(undefined);
    return;
  }
  if (timers.delayedAck <= now) delayedAckExpired(c);
  if (timers.reordering <= now) reorderingExpired(c);
  if (timers.tailLossProbe <= now) tailLossProbeExpired(c, writer);
  if (timers.retransmit <= now) retransmissionExpired(c);
  if (timers.persist <= now) persistExpired(c, writer);
  if (timers.keepalive <= now) keepaliveExpired(c, writer);
  c.owner.pumpLater(c);
}

function delayedAckExpired(c: TcpConnection): void {
  c.timers.delayedAck = NEVER;
  c.delayedAck.expired(c.rto.value);
  c.owner.context.counters.delayedAcks++;
}

function reorderingExpired(c: TcpConnection): void {
  c.timers.reordering = NEVER;
  c.sample.priorInFlight = c.inFlight;
  detectByTime(c);
}

/** RFC 8985 §7.3: new text if there is some, else the last segment once more. */
function tailLossProbeExpired(c: TcpConnection, writer: SegmentWriter): void {
  c.timers.tailLossProbe = NEVER;
  const isNew = c.unsent > 0 && sendNext(c, writer);
  if (!isNew) resendLast(c, writer);
  c.tailLossProbe.sent(c.tcb.snd.nxt, !isNew);
  c.owner.context.counters.tailLossProbes++;
  c.timers.retransmit = (c.now + c.rto.value) as Instant;
}

function retransmissionExpired(c: TcpConnection): void {
  const { queue, timers } = c;
  timers.retransmit = NEVER;
  const first = queue.first;
  if (first === undefined) return;
  c.owner.context.counters.timeouts++;
  if (first.syn) {
    if (first.transmissions > c.config.synRetries) {
      c.end(c.softError ?? "ETIMEDOUT");
      return;
    }
  } else if (c.now - first.firstSentAt >= giveUpAfter(c.config) && !isHeldBack(c, first)) {
    // R2: RFC 9293 §3.8.3 (MUST-20)
    c.abort(c.softError ?? "ETIMEDOUT");
    return;
  }
  const inFlight = c.inFlight;
  // A peer that reports its first missing segment as arrived has thrown it away: RFC 2018 §8.
  if (first.sacked) queue.forgetSacked();
  queue.markAllLost();
  c.congestion.onTimeout(c.rto.backoff === 0 ? inFlight : 0, c.now);
  c.recovery.entered("loss", c.tcb.snd.nxt);
  c.duplicateAcks.reset();
  c.tailLossProbe.cancel();
  timers.tailLossProbe = NEVER;
  timers.reordering = NEVER;
  c.rto.expired();
  c.retransmitAtOnce = true;
}

/**
 * The peer took back the window that this was sent into, and still answers for it: RFC 9293 §3.8.6 (SHLD-17).
 */
function isHeldBack(c: TcpConnection, first: SentSegment): boolean {
  const { una, wnd } = c.tcb.snd;
  return seqAfter(first.end, seqAdd(una, wnd)) && c.now - c.lastHeardAt <= 2 * c.config.maxRto;
}

/** R2 as a time: Linux counts `retries2` doublings from the least RTO, whatever the real one is. */
export function giveUpAfter(config: TcpConfig): Duration {
  let total = 0;
  let timeout: number = config.minRto;
  for (let i = 0; i <= config.retries2; i++) {
    total += timeout;
    timeout = Math.min(timeout * 2, config.maxRto);
  }
  return total as Duration;
}

function persistExpired(c: TcpConnection, writer: SegmentWriter): void {
  c.timers.persist = NEVER;
  if (c.persist.unanswered > c.config.retries2) {
    c.abort(c.softError ?? "ETIMEDOUT");
    return;
  }
  c.persist.probed();
  if (sendNext(c, writer)) return;
  sendProbe(c, writer);
  c.windowProbes++;
  c.owner.context.counters.windowProbes++;
}

function keepaliveExpired(c: TcpConnection, writer: SegmentWriter): void {
  const { keepalive, timers, now } = c;
  timers.keepalive = NEVER;
  if (!keepalive.enabled) return;
  if (c.queue.count > 0) {
    // Text in flight has its own timer to find out.
    timers.keepalive = (now + keepalive.idle) as Instant;
    return;
  }
  if (keepalive.probes === 0 && now - c.lastHeardAt < keepalive.idle) return;
  if (keepalive.isExhausted) {
    c.abort(c.softError ?? "ETIMEDOUT");
    return;
  }
  keepalive.probed();
  c.owner.context.counters.keepaliveProbes++;
  sendProbe(c, writer);
}
