/**
 * What happens when a timer of a connection runs out. RFC 9293 §3.10.8, RFC 6298 §5.4 to §5.7, RFC 8985 §6.3
 * and §7.3. Like an arriving segment it changes state only; the pump sends.
 */
import { seqAdd, seqAfter } from "../base/seq.ts";
import { type Duration, elapsed, type Instant, NEVER } from "../base/time.ts";
import { enterClosed } from "./closing/end.ts";
import { orphanRetries } from "./closing/orphans.ts";
import { giveUpAfter, REFUSED_INTERVAL } from "./closing/user-timeout.ts";
import { bytesInFlight } from "./flight.ts";
import { fastOpenTimedOut } from "./input/fast-open-client.ts";
import { detectByTime } from "./input/loss-detection.ts";
import { sizesTimedOut } from "./input/packet-too-big.ts";
import { enterLoss, enterRecovery } from "./input/reduction.ts";
import { sendProbe } from "./output/emit.ts";
import { sendNext } from "./output/new-text.ts";
import { followPathMtu } from "./output.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import type { SentRange } from "./send/sent-range.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import type { TimerName } from "./tcp-probe.ts";

/** TCP_THIN_LINEAR_TIMEOUTS: how few segments are thin, and how many timeouts are linear. As on Linux. */
const THIN_SEGMENTS = 4;
const THIN_RETRIES = 6;

export function timersExpired(c: TcpConnection, writer: SegmentWriter): void {
  const { timers } = c;
  // Probes do not wait for the pump.
  followPathMtu(c);
  if (isDue(c, "fin-wait-2", timers.finWait2)) {
    timers.finWait2 = NEVER;
    enterClosed(c, undefined, "FIN-WAIT-2 timeout");
    return;
  }
  if (isDue(c, "delayed-ack", timers.delayedAck)) delayedAckExpired(c);
  if (isDue(c, "compressed-ack", timers.compressedAck)) compressedAckExpired(c);
  if (isDue(c, "pacing", timers.pacing)) timers.pacing = NEVER;
  if (isDue(c, "reordering", timers.reordering)) reorderingExpired(c);
  if (isDue(c, "tail-loss-probe", timers.tailLossProbe)) tailLossProbeExpired(c);
  if (isDue(c, "retransmit", timers.retransmit)) retransmissionExpired(c);
  if (isDue(c, "persist", timers.persist)) persistExpired(c, writer);
  if (isDue(c, "keepalive", timers.keepalive)) keepaliveExpired(c, writer);
  c.owner.pumpLater(c);
}

function isDue(c: TcpConnection, timer: TimerName, at: Instant): boolean {
  if (at > c.now) return false;
  c.owner.context.probe?.timer?.(c, timer, "fired", at);
  return true;
}

function delayedAckExpired(c: TcpConnection): void {
  c.timers.delayedAck = NEVER;
  c.delayedAck.expired(c.rto.value);
  c.owner.context.counters.delayedAcks++;
}

/** RFC 8985 §6.2 step 5: what was only late by now would have come. */
function compressedAckExpired(c: TcpConnection): void {
  c.timers.compressedAck = NEVER;
  c.delayedAck.atOnce("duplicate-ack");
}

function reorderingExpired(c: TcpConnection): void {
  const { congestion, deliveryRate, queue, recovery, sample } = c;
  const { mss, una } = c.tcb.snd;
  const { everLost } = queue;
  c.timers.reordering = NEVER;
  sample.begin(c.now, bytesInFlight(c));
  deliveryRate.begin(everLost);
  c.owner.news.begin(una, c.scoreboard.highest, recovery.point, undefined);
  detectByTime(c);
  if (queue.everLost === everLost || recovery.state === "recovery") return;
  c.repairsWait = false;
  enterRecovery(c);
  if (c.reduction === undefined) return;
  c.reduction.acknowledged(mss, bytesInFlight(c), congestion.ssthresh, mss, false);
  congestion.limitTo(c.reduction.window);
}

/** RFC 8985 §7.3. */
function tailLossProbeExpired(c: TcpConnection): void {
  c.timers.tailLossProbe = NEVER;
  c.timers.retransmit = NEVER;
  c.tailLossProbe.expired();
}

function retransmissionExpired(c: TcpConnection): void {
  const { queue, timers } = c;
  timers.retransmit = NEVER;
  const first = queue.first;
  if (first === undefined) return;
  c.owner.context.counters.timeouts++;
  const isLast = isGivenUp(c, first);
  fastOpenTimedOut(c, first.syn ? first.transmissions : c.rto.backoff + 1, isLast);
  if (isLast) {
    // There is nobody who would take a RST: RFC 9293 §3.10.8.
    enterClosed(c, c.softError ?? "ETIMEDOUT", "retransmissions given up");
    return;
  }
  sizesTimedOut(c);
  followPathMtu(c);
  if (first.syn) {
    c.userTimeout.timedOut(c.now);
    resendSyn(c, first);
    return;
  }
  enterLoss(c);
  c.userTimeout.timedOut(c.now);
  timers.tailLossProbe = NEVER;
  timers.reordering = NEVER;
  c.rto.expired(isThin(c) && c.userTimeout.timeouts <= THIN_RETRIES);
  c.retransmitAtOnce = true;
}

/**
 * Our SYN, or SYN-ACK, goes out again, and nothing else before it is acknowledged: text that was sent with it
 * or behind it, by Fast Open, may have arrived.
 */
function resendSyn(c: TcpConnection, syn: SentRange): void {
  if (c.queue.markLost(syn)) c.owner.context.probe?.lost?.(c, syn.start, syn.end, "syn");
  c.rto.expired(isLinear(c, syn));
  c.retransmitAtOnce = true;
}

/** Linux ≥ 6.5: a client does not back off at once, net.ipv4.tcp_syn_linear_timeouts. */
function isLinear({ state, config }: TcpConnection, syn: SentRange): boolean {
  return state === "SYN-SENT" && syn.transmissions <= config.synLinearTimeouts;
}

/** A Fast Open request may have been accepted already: Linux tries once more than for others. */
function synRetries({ config, fastOpen }: TcpConnection): number {
  return fastOpen?.role === "server" ? config.synAckRetries + 1 : config.synRetries;
}

/** Too few segments in flight for three duplicates, and not the first slow start, which would change that. */
function isThin(c: TcpConnection): boolean {
  const { config, queue, congestion, state } = c;
  const isFirstSlowStart = congestion.ssthresh === Number.POSITIVE_INFINITY;
  const isFew = queue.segments < THIN_SEGMENTS && !isFirstSlowStart;
  return config.thinLinearTimeouts && state === "ESTABLISHED" && isFew;
}

/** R2 of RFC 9293 §3.8.3 (MUST-20, MUST-21), the user timeout in its place, or an orphan's patience. */
function isGivenUp(c: TcpConnection, first: SentRange): boolean {
  const { config, now, userTimeout } = c;
  if (first.syn) {
    const retries = synRetries(c);
    const linear = c.state === "SYN-SENT" ? config.synLinearTimeouts : 0;
    if (first.transmissions > retries + linear) return true;
    // Linux limits the time as well: as long as the retransmissions would take that do back off.
    const { initialRto: minRto, maxRto } = config;
    return userTimeout.isOver(now, giveUpAfter(retries, { minRto, maxRto }));
  }
  if (!c.released && isHeldBack(c, first)) return isHeldBackTooLong(c, first);
  const retries = c.released ? retriesOfOrphan(c, c.rto.value) : config.retries2;
  return userTimeout.isOver(now, giveUpAfter(retries, config));
}

function retriesOfOrphan(c: TcpConnection, timeout: Duration): number {
  const { orphanRetries: configured, maxRto } = c.config;
  return orphanRetries(configured, timeout < maxRto, c.softError !== undefined);
}

/** The peer took back the window that this was sent into: RFC 9293 §3.8.6 (SHLD-17). */
function isHeldBack(c: TcpConnection, first: SentRange): boolean {
  const { una, wnd } = c.tcb.snd;
  return seqAfter(first.firstEnd, seqAdd(una, wnd));
}

/** As long as it still answers it is believed; but a user timeout is for progress, not for answers. */
function isHeldBackTooLong(c: TcpConnection, first: SentRange): boolean {
  const { now, userTimeout } = c;
  const since = userTimeout.since(first.firstSentAt);
  if (userTimeout.hasPassed(since, now)) return true;
  const silence = 2 * c.config.maxRto;
  return now - c.lastHeardAt > silence && now - since > silence;
}

function persistExpired(c: TcpConnection, writer: SegmentWriter): void {
  const { persist, timers, userTimeout, now } = c;
  timers.persist = NEVER;
  if (isProbedTooLong(c)) {
    enterClosed(c, c.softError ?? "ETIMEDOUT", "window probes given up");
    return;
  }
  persist.expired(now);
  c.isRefused = false;
  // What there is goes, however small: the override timeout of §3.8.6.2.1, and the end of a cork.
  if (sendNext(c, writer, "text", true)) {
    persist.opened();
    return;
  }
  if (!c.isRefused) sendProbe(c, writer, "window-probe");
  c.tally.windowProbes++;
  c.owner.context.counters.windowProbes++;
  if (c.isRefused) {
    persist.refused();
    timers.persist = (now + userTimeout.clampFrom(persist.since, REFUSED_INTERVAL, now)) as Instant;
  } else {
    persist.probed();
  }
}

/** A peer that answers with a closed window is probed for ever (MUST-37), if somebody waits for it. */
function isProbedTooLong(c: TcpConnection): boolean {
  const { persist, config, now } = c;
  if (persist.since !== NEVER && c.userTimeout.hasPassed(persist.since, now)) return true;
  if (!c.released) return persist.unanswered >= config.retries2;
  const timeout = persist.delay(c.rto.value, config.maxRto);
  const retries = retriesOfOrphan(c, timeout);
  return persist.unanswered >= retries || (timeout >= config.maxRto && persist.backoff >= retries);
}

function keepaliveExpired(c: TcpConnection, writer: SegmentWriter): void {
  const { keepalive, timers, now } = c;
  timers.keepalive = NEVER;
  if (!keepalive.enabled) return;
  if (c.queue.segments > 0 || c.unsent > 0) {
    // Text that waits for the peer has its own timer to find out.
    timers.keepalive = (now + keepalive.idle) as Instant;
    return;
  }
  if (keepalive.probes === 0 && now - c.lastHeardAt < keepalive.idle) return;
  if (keepalive.isExhausted(elapsed(c.lastHeardAt, now), c.userTimeout.limit)) {
    c.owner.reset(c);
    enterClosed(c, c.softError ?? "ETIMEDOUT", "keepalive probes given up");
    return;
  }
  c.isRefused = false;
  sendProbe(c, writer, "keepalive");
  c.owner.context.counters.keepaliveProbes++;
  if (c.isRefused) timers.keepalive = (now + REFUSED_INTERVAL) as Instant;
  else keepalive.probed();
}
