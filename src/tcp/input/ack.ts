/**
 * The ACK field: RFC 9293 §3.10.7.4, fifth step; RFC 5961 §5.2. One screen of named steps, each a mechanism
 * elsewhere.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { seqAfter, seqAtOrBefore, seqBefore, seqDiff } from "../../base/seq.ts";
import { type Duration, NEVER, START_OF_TIME } from "../../base/time.ts";
import { NO_FIN_WAIT } from "../closing/fin-wait-2.ts";
import type { AckSample } from "../congestion/congestion-control.ts";
import type { SackResult } from "../loss/sack.ts";
import { isPaced } from "../pace.ts";
import type { Segment } from "../segment.ts";
import type { Acknowledged } from "../send/retransmission-queue.ts";
import { CONNECTION_EVENT, type TcpConnection } from "../tcp-connection.ts";
import { tellRoom } from "../write.ts";
import { challenge } from "./challenge-ack.ts";
import { established } from "./established.ts";
import { detectLoss } from "./loss-detection.ts";
import { sizesArrived } from "./packet-too-big.ts";
import { windowArrives } from "./window.ts";

export function acknowledgmentArrives(c: TcpConnection, segment: Segment): DropReason | undefined {
  const { snd } = c.tcb;
  if (c.state === "SYN-RECEIVED") {
    if (seqAtOrBefore(segment.ack, snd.una) || seqAfter(segment.ack, snd.nxt)) {
      c.owner.resetFor(segment, c.path);
      return "tcp-bad-ack";
    }
    established(c, segment);
  }
  if (seqAfter(segment.ack, snd.nxt) || isTooOld(c, segment)) {
    challenge(c);
    return "tcp-bad-ack";
  }
  if (seqBefore(segment.ack, snd.una)) return undefined;

  const { sample, queue } = c;
  sample.begin(c.now, c.inFlight);
  c.deliveryRate.begin(queue.everLost);
  c.newestOnceSentAt = START_OF_TIME;
  const priorWindow = snd.wnd;
  c.rack.acknowledgmentArrives();
  const sacked = readSack(c, segment);
  const acked = queue.acknowledge(segment.ack, c.noteDelivered);
  const progressed = acked.total > 0;
  // One segment filled the hole; the duplicates before have counted the others.
  if (progressed && !c.usesSack) c.deliveryRate.counted(c.duplicateAcks.count);
  if (progressed) advance(c, segment, acked);
  if (c.newestOnceSentAt > START_OF_TIME && !acked.anyRetransmitted) {
    sample.rtt = Math.max(1, c.now - c.newestOnceSentAt) as Duration;
  }
  windowArrives(c, segment);
  detectLoss(c, segment, acked.total, priorWindow);
  answerTailLossProbe(c, segment, sacked);
  recover(c, progressed);
  if (progressed) releaseSent(c);
  followClose(c, segment);
  c.nagle.moreFollows = false;
  tellRoom(c);
  return undefined;
}

/** RFC 5961 §5.2: older than the largest window ever, or than the connection. */
function isTooOld(c: TcpConnection, segment: Segment): boolean {
  const { iss, snd } = c.tcb;
  const farthest = c.bytesAcked > snd.maxWnd ? snd.maxWnd : Math.min(snd.maxWnd, seqDiff(snd.una, iss));
  return seqDiff(snd.una, segment.ack) > farthest;
}

function readSack(c: TcpConnection, segment: Segment): SackResult | undefined {
  if (!c.usesSack || segment.options.sackCount === 0) return undefined;
  const { una, nxt } = c.tcb.snd;
  return c.scoreboard.update(segment.options, c.queue, segment.ack, una, nxt, c.noteDelivered);
}

/** SND.UNA moves; the round trip is measured, and the timers start anew (RFC 6298 §5.3). */
function advance(c: TcpConnection, segment: Segment, acked: Acknowledged): void {
  c.tcb.snd.una = segment.ack;
  // Of a user that has closed already: the state tells nothing of the handshake.
  if (c.fastOpen?.role === "server") c.fastOpen.done();
  c.softError = undefined;
  c.userTimeout.progressed();
  sizesArrived(c);
  const rtt = measure(c, segment, acked);
  c.sample.rtt = rtt ?? (0 as Duration);
  if (rtt === undefined) {
    c.rto.progressed();
  } else {
    c.rtt.sample(rtt);
    c.rto.measured(c.rtt.srtt, c.rtt.rttvar);
  }
  c.timers.retransmit = NEVER;
  c.timers.tailLossProbe = NEVER;
  c.path.confirmReachable();
}

/**
 * RFC 6298 §3 (Karn): by our own clock if nothing was sent twice, else by the peer's echo (RFC 7323 §4.1).
 */
function measure(c: TcpConnection, segment: Segment, acked: Acknowledged): Duration | undefined {
  if (!acked.anyRetransmitted && acked.oldestOnceSentAt !== undefined) {
    return Math.max(1, c.now - acked.oldestOnceSentAt) as Duration;
  }
  const { options } = segment;
  if (!c.timestamps.enabled || !options.hasTimestamps || options.timestampEcho === 0) return undefined;
  return c.timestamps.elapsedSince(options.timestampEcho, c.now);
}

/** RFC 8985 §7.4: a probe that repaired a loss counts as one. */
function answerTailLossProbe(c: TcpConnection, segment: Segment, sacked: SackResult | undefined): void {
  const repaired = c.tailLossProbe.acknowledged(segment.ack, sacked?.duplicate === true);
  if (repaired && c.recovery.isOpen) c.congestion.onCongestion("loss", c.sample);
}

function recover(c: TcpConnection, progressed: boolean): void {
  const { recovery, congestion } = c;
  const sample = fillSample(c);
  const wasFast = recovery.phase === "fast";
  if (recovery.acknowledged(c.tcb.snd.una)) {
    c.duplicateAcks.reset();
    if (wasFast) congestion.onRecovered(sample);
  }
  // RFC 5681 §3.1: only progress lets the window grow, unless the path is known to reorder.
  const mayGrow = recovery.phase !== "fast" && (progressed || c.rack.reorderingSeen);
  if (!congestion.ownsRecovery && !mayGrow) return;
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
  sample.inFlight = c.inFlight;
  sample.minRtt = c.rtt.min;
  sample.delivered = deliveryRate.delivered * mss;
  sample.priorDelivered = rate.priorDelivered * mss;
  sample.interval = rate.interval;
  sample.deliveryRate = rate.interval === 0 ? 0 : (rate.delivered * mss * 1_000_000) / rate.interval;
  sample.appLimited = rate.isAppLimited;
  sample.roundStart = rate.roundStart;
  sample.sentInFlight = rate.sentInFlight * mss;
  sample.lostSinceSent = rate.lost * mss;
  sample.inRecovery = !c.recovery.isOpen;
  sample.isPaced = isPaced(c);
  const inSlowStart = congestion.cwnd < congestion.ssthresh;
  sample.cwndLimited = c.cwndValidation.isLimited(congestion.cwnd / mss, inSlowStart);
  return sample;
}

function releaseSent(c: TcpConnection): void {
  const before = c.sendBuffer.length;
  c.sendBuffer.acknowledged(c.tcb.snd.una);
  c.bytesAcked += before - c.sendBuffer.length;
  if (c.sendBuffer.length === 0 && c.queue.count === 0) c.busyTime.allDone(c.now);
  if (c.stamps?.acknowledged(c.tcb.snd.una, c.now) === true) c.raise(CONNECTION_EVENT.stamped);
  if (seqBefore(c.tcb.snd.up, c.tcb.snd.una)) c.tcb.snd.up = c.tcb.snd.una;
}

/** The states that wait for our FIN's acknowledgment. */
function followClose(c: TcpConnection, segment: Segment): void {
  if (!c.finAcknowledged) return;
  if (c.state === "FIN-WAIT-1") {
    c.moveTo("FIN-WAIT-2");
    if (!c.released) return;
    if (c.finWait === NO_FIN_WAIT) {
      c.owner.resetFor(segment, c.path);
      c.end(undefined);
    } else {
      c.armFinWait2();
    }
  } else if (c.state === "CLOSING") {
    c.moveTo("TIME-WAIT");
  } else if (c.state === "LAST-ACK") {
    c.end(undefined);
  }
}
