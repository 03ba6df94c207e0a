/**
 * The ACK field: RFC 9293 §3.10.7.4, fifth step; RFC 5961 §5.2. One screen of named steps, each a mechanism
 * elsewhere.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { seqAfter, seqAtOrBefore, seqBefore, seqDiff } from "../../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../../base/time.ts";
import { TCP_FLAG } from "../../wire/tcp.ts";
import { enterClosed } from "../closing/end.ts";
import { armFinWait2, NO_FIN_WAIT } from "../closing/fin-wait-2.ts";
import type { AckSample } from "../congestion/congestion-control.ts";
import { CONNECTION_EVENT } from "../connection-events.ts";
import { bytesInFlight } from "../flight.ts";
import { isPaced } from "../pace.ts";
import type { Segment } from "../segment.ts";
import type { Acknowledged } from "../send/acknowledged.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { tellRoom } from "../write.ts";
import { challenge } from "./challenge-ack.ts";
import { established } from "./established.ts";
import { deflateDuplicates, noteReordering, readDuplicateReport } from "./loss-detection.ts";
import { sizesArrived } from "./packet-too-big.ts";
import { isUnusual, recover } from "./recovery.ts";
import { countProbedLoss } from "./reduction.ts";
import { windowArrives } from "./window.ts";

/** In a SYN-ACK ECE means something else. */
const ECE_OF_ACK = TCP_FLAG.ece | TCP_FLAG.syn;

export function acknowledgmentArrives(c: TcpConnection, segment: Segment): DropReason | undefined {
  const { snd } = c.tcb;
  if (c.state === "SYN-RECEIVED") {
    if (seqAtOrBefore(segment.ack, snd.una) || seqAfter(segment.ack, snd.nxt)) {
      c.owner.resetFor(segment, c);
      return "tcp-bad-ack";
    }
    established(c, segment);
  }
  if (seqAfter(segment.ack, snd.nxt) || isTooOld(c, segment)) {
    challenge(c);
    return "tcp-bad-ack";
  }
  beginReading(c, segment);
  if (seqBefore(segment.ack, snd.una)) {
    oldAcknowledgment(c, segment);
    return undefined;
  }

  const { news } = c.owner;
  const wasInFlight = c.queue.segments > 0;
  const priorWindow = snd.wnd;
  readReports(c, segment);
  const acked = c.queue.acknowledge(segment.ack, c.noteDelivered);
  if (acked.total > 0) advance(c, segment, acked);
  measure(c, segment, acked);
  windowArrives(c, segment);
  news.isPlain = segment.length === 0 && news.advanced === 0 && snd.wnd === priorWindow;
  news.isDuplicate = news.isPlain && news.duplicateSegments === 0;
  answerTailLossProbe(c, segment);
  if (wasInFlight ? isUnusual(c) : news.duplicateSegments > 0) recover(c);
  if (c.recovery.state !== "loss") c.userTimeout.repaired(c.now);
  controlCongestion(c);
  if (acked.total > 0) releaseSent(c);
  tellNews(c);
  followClose(c, segment);
  c.nagle.moreFollows = false;
  tellRoom(c);
  return undefined;
}

/** RFC 5961 §5.2 (RFC 9293, MAY-12): older than the largest window ever, or than the connection. */
function isTooOld(c: TcpConnection, segment: Segment): boolean {
  const { iss, snd } = c.tcb;
  const farthest = c.tally.bytesAcked > snd.maxWnd ? snd.maxWnd : Math.min(snd.maxWnd, seqDiff(snd.una, iss));
  return seqDiff(snd.una, segment.ack) > farthest;
}

function beginReading(c: TcpConnection, segment: Segment): void {
  const { options } = segment;
  const echo = c.timestamps.enabled && options.hasTimestamps ? options.timestampEcho : undefined;
  const { news } = c.owner;
  news.begin(c.tcb.snd.una, c.scoreboard.highest, c.recovery.point, echo);
  news.congestion = c.ecn !== undefined && (segment.header.flags & ECE_OF_ACK) === TCP_FLAG.ece;
  c.sample.begin(c.now, bytesInFlight(c));
  c.deliveryRate.begin(c.queue.everLost);
}

/** One that others have overtaken: what it reports may still be news. */
function oldAcknowledgment(c: TcpConnection, segment: Segment): void {
  if (!c.usesSack || segment.options.sackCount === 0) return;
  readReports(c, segment);
  tellNews(c);
  recover(c);
}

function tellNews(c: TcpConnection): void {
  const { news, context } = c.owner;
  if (news.advanced > 0 || news.sacked > 0) context.probe?.acknowledged?.(c, news);
}

/** What SACK marks, and what it says of reordering: RFC 6675 §5, RFC 2883, RFC 8985 §6.2 step 3. */
function readReports(c: TcpConnection, segment: Segment): void {
  const { options } = segment;
  if (!c.usesSack || options.sackCount === 0) return;
  const { una, nxt } = c.tcb.snd;
  c.scoreboard.update(options, c.queue, segment.ack, una, nxt, c.noteReported);
  readDuplicateReport(c, segment);
}

/** SND.UNA moves, and the timers start anew (RFC 6298 §5.3). */
function advance(c: TcpConnection, segment: Segment, acked: Acknowledged): void {
  const { news } = c.owner;
  c.tcb.snd.una = segment.ack;
  // Of a user that has closed already: the state tells nothing of the handshake.
  if (c.fastOpen?.role === "server") c.fastOpen.done();
  c.softError = undefined;
  c.userTimeout.progressed();
  sizesArrived(c);
  news.acknowledged(acked);
  if (c.usesSack) {
    c.scoreboard.acknowledged(segment.ack);
  } else {
    // Which segment arrived nobody can tell, where one was sent twice: RFC 5682 §2.1.
    if (acked.anyRetransmitted) news.originalArrived = false;
    news.lowestReordered = undefined;
    // One segment filled the hole; the duplicates before have counted the others.
    c.deliveryRate.counted(c.duplicateAcks.count);
    deflateDuplicates(c, acked.segments);
  }
  c.timers.retransmit = NEVER;
  c.timers.tailLossProbe = NEVER;
  c.path.confirmReachable();
}

/**
 * RFC 6298 §3 (Karn): by our own clock if nothing that was acknowledged had been sent twice, or by what SACK
 * reports for the first time; else by the peer's echo (RFC 7323 §4.1).
 */
function measure(c: TcpConnection, segment: Segment, acked: Acknowledged): void {
  const { news } = c.owner;
  const { firstSackedSentAt } = news;
  if (news.lowestReordered !== undefined && (c.recovery.state !== "loss" || c.undo.isOpen)) {
    noteReordering(c, news.lowestReordered);
  }
  const wasSentOnce = !acked.anyRetransmitted && acked.oldestOnceSentAt !== NEVER;
  if (!wasSentOnce && firstSackedSentAt === NEVER) {
    measureByEcho(c, segment);
    return;
  }
  const oldest = wasSentOnce ? acked.oldestOnceSentAt : firstSackedSentAt;
  const newest = firstSackedSentAt === NEVER ? acked.newestOnceSentAt : news.lastSackedSentAt;
  sampleRoundTrip(c, since(c, oldest), since(c, newest), isMaybeDelayed(c, acked));
  // Reported is what was sent before the first segment was sent again: its timer may start anew.
  const { first } = c.queue;
  const isOlder = first !== undefined && firstSackedSentAt < first.sentAt;
  if (news.advanced === 0 && isOlder) c.timers.retransmit = NEVER;
}

function measureByEcho(c: TcpConnection, segment: Segment): void {
  const { echo, advanced } = c.owner.news;
  if (advanced === 0 || echo === undefined || echo === 0) return;
  const rtt = c.timestamps.elapsedSince(segment.options.timestampEcho, c.now);
  if (rtt !== undefined) sampleRoundTrip(c, rtt, rtt, false);
}

/** A lone small segment was acknowledged: the peer may have waited for more (RFC 9293 §3.8.6.3). */
function isMaybeDelayed(c: TcpConnection, acked: Acknowledged): boolean {
  return acked.segments === 1 && acked.total < c.tcb.snd.mss && c.owner.news.sacked === 0;
}

/** @param newest of the segment sent last, which tells more of the path than of the peer's delay */
function sampleRoundTrip(c: TcpConnection, oldest: Duration, newest: Duration, maybeDelayed: boolean): void {
  const { rtt, rto } = c;
  c.sample.rtt = newest;
  if (!maybeDelayed || newest <= rtt.min) rtt.smallest(newest, c.now);
  rtt.sample(oldest, c.tcb.snd.una, c.tcb.snd.nxt);
  rto.measured(rtt.srtt, rtt.variance);
}

function since(c: TcpConnection, sentAt: Instant): Duration {
  return Math.max(1, c.now - sentAt) as Duration;
}

/** RFC 8985 §7.4: a probe that repaired a loss counts as one. */
function answerTailLossProbe(c: TcpConnection, segment: Segment): void {
  const { news } = c.owner;
  const isPlain = news.isDuplicate && news.sacked === 0;
  const result = c.tailLossProbe.acknowledged(segment.ack, news.isOfProbe, isPlain);
  if (result === "repaired") countProbedLoss(c);
}

/** RFC 9937 while the window is being reduced; else the congestion control's own business. */
function controlCongestion(c: TcpConnection): void {
  const { congestion, recovery, reduction, reordering } = c;
  const { news } = c.owner;
  const sample = fillSample(c);
  if (reduction !== undefined) {
    const isSafe = news.advanced > 0 && sample.lostBytes === 0;
    reduction.acknowledged(sample.ackedBytes, sample.inFlight, congestion.ssthresh, c.tcb.snd.mss, isSafe);
    congestion.limitTo(reduction.window);
  }
  // RFC 5681 §3.1: only progress lets the window grow, unless the path is known to reorder (RFC 4653).
  const hasProgressed = news.advanced > 0 || (reordering.isHigh && news.sacked > 0);
  if (!congestion.ownsRecovery && (!hasProgressed || recovery.isReducing)) return;
  congestion.onAck(sample);
  c.cwndValidation.acknowledged(c.now);
}

/** What congestion control is told. */
function fillSample(c: TcpConnection): AckSample {
  const { sample, queue, congestion, deliveryRate } = c;
  const { mss, una, nxt } = c.tcb.snd;
  const rate = deliveryRate.generate(c.now, c.rtt.min, queue.everLost);
  sample.una = una;
  sample.nxt = nxt;
  sample.ackedBytes = rate.newlyDelivered * mss;
  sample.lostBytes = rate.newlyLost * mss;
  if (c.ecn !== undefined && c.owner.news.congestion) c.ecn.deliveredCe += rate.newlyDelivered;
  sample.inFlight = bytesInFlight(c);
  sample.minRtt = c.rtt.min;
  sample.delivered = deliveryRate.delivered * mss;
  sample.priorDelivered = rate.priorDelivered * mss;
  sample.intervalDelivered = rate.delivered * mss;
  sample.deliveryRate = rate.interval === 0 ? 0 : (rate.delivered * mss * 1_000_000) / rate.interval;
  sample.appLimited = rate.isAppLimited;
  sample.roundStart = rate.roundStart;
  sample.sentInFlight = rate.sentInFlight * mss;
  sample.lostSinceSent = rate.lost * mss;
  sample.inRecovery = c.recovery.isRepairing;
  sample.isPaced = isPaced(c);
  sample.hasSack = c.usesSack;
  const inSlowStart = !congestion.ownsRecovery && congestion.cwnd < congestion.ssthresh;
  sample.cwndLimited = c.cwndValidation.isLimited(congestion.cwnd / mss, inSlowStart);
  return sample;
}

function releaseSent(c: TcpConnection): void {
  const before = c.sendBuffer.length;
  const isReturned = c.sendBuffer.acknowledged(c.tcb.snd.una);
  if (isReturned) c.raise(CONNECTION_EVENT.returned);
  c.tally.bytesAcked += before - c.sendBuffer.length;
  if (c.sendBuffer.length === 0 && c.queue.segments === 0) c.busyTime.allDone(c.now);
  if (c.stamps?.acknowledged(c.tcb.snd.una, c.now) === true) c.raise(CONNECTION_EVENT.stamped);
  if (seqBefore(c.tcb.snd.up, c.tcb.snd.una)) c.tcb.snd.up = c.tcb.snd.una;
}

/** The states that wait for our FIN's acknowledgment. */
function followClose(c: TcpConnection, segment: Segment): void {
  if (!c.finAcknowledged) return;
  if (c.state === "FIN-WAIT-1") {
    c.moveTo("FIN-WAIT-2", "ACK of our FIN received");
    if (!c.released) return;
    if (c.finWait === NO_FIN_WAIT) {
      c.owner.resetFor(segment, c);
      enterClosed(c, undefined, "no waiting in FIN-WAIT-2");
    } else {
      armFinWait2(c);
    }
  } else if (c.state === "CLOSING") {
    c.moveTo("TIME-WAIT", "ACK of our FIN received");
  } else if (c.state === "LAST-ACK") {
    enterClosed(c, undefined, "ACK of our FIN received");
  }
}
