/**
 * SYN-SENT: RFC 9293 §3.10.7.3, in the order of its steps.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import { seqAdd, seqAfter, seqAtOrBefore } from "../../base/seq.ts";
import { type Instant, milliseconds } from "../../base/time.ts";
import { enterClosed } from "../closing/end.ts";
import { agreed } from "../handshake/agreement.ts";
import { agree, peerOffer, synAckAgreesToEcn, synAsksForEcn } from "../handshake/negotiate.ts";
import { wasSent } from "../receive/timestamps.ts";
import type { Segment } from "../segment.ts";
import { windowOfSyn } from "../segment-sizes.ts";
import { ECN_MODE } from "../send/ecn.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { acknowledgmentArrives } from "./ack.ts";
import { established } from "./established.ts";
import { fastOpenAnswered } from "./fast-open-client.ts";
import { afterAcknowledgment } from "./segment-arrives.ts";

/** Linux's TCP_TIMEOUT_MIN: two ticks. */
const OPEN_AGAIN_AFTER = milliseconds(8);

export function synSentArrives(c: TcpConnection, segment: Segment): DropReason | undefined {
  const { tcb } = c;
  // First, check the ACK bit.
  if (segment.isAck && (seqAtOrBefore(segment.ack, tcb.iss) || seqAfter(segment.ack, tcb.snd.nxt))) {
    openAgainSoon(c);
    if (!segment.isRst) c.owner.resetFor(segment, c);
    return "tcp-bad-ack";
  }
  if (segment.isAck && echoesNothingOfOurs(c, segment)) {
    c.owner.context.counters.echoesRejected++;
    c.owner.resetFor(segment, c);
    return "tcp-paws";
  }
  // Second, check the RST bit. RFC 5961 §3.2 leaves this state alone: the ACK is the proof.
  if (segment.isRst) {
    if (!segment.isAck) return "tcp-bad-reset";
    enterClosed(c, "ECONNREFUSED", "RST received");
    return undefined;
  }
  // Fourth, check the SYN bit.
  if (!segment.isSyn) return "tcp-bad-flags";
  // Of the connection whose TIME-WAIT record this one has replaced.
  if (!segment.isAck && isOld(c, segment)) return "tcp-paws";
  learnPeer(c, segment);
  if (!segment.isAck) {
    simultaneousOpen(c, segment);
    return undefined;
  }
  established(c, segment);
  // Idleness counts from here: RFC 5681 §4.1.
  c.lastSentAt = c.now;
  segment.trimFront(1);
  const problem = acknowledgmentArrives(c, segment);
  fastOpenAnswered(c, segment);
  acknowledgeHandshake(c);
  return problem ?? afterAcknowledgment(c, segment);
}

/**
 * RFC 7323 §3.2: the echo is of one of our SYNs. What it says of another time belongs to an older connection,
 * and Linux resets it as it does a bad ACK.
 */
function echoesNothingOfOurs(c: TcpConnection, { options }: Segment): boolean {
  const { queue, timestamps, ours, now } = c;
  if (!ours.timestamps || !options.hasTimestamps || options.timestampEcho === 0) return false;
  return !wasSent(options.timestampEcho, timestamps.offset, queue.first?.firstSentAt ?? now, now);
}

/**
 * The peer may be half open still, and our RST makes room (figure 9, line 7): a SYN follows it soon, as on
 * Linux, but only one.
 */
function openAgainSoon(c: TcpConnection): void {
  if (c.queue.first?.transmissions !== 1) return;
  c.timers.retransmit = Math.min(c.timers.retransmit, c.now + OPEN_AGAIN_AFTER) as Instant;
}

function isOld(c: TcpConnection, { options }: Segment): boolean {
  return options.hasTimestamps && c.timestamps.isOld(options.timestampValue, c.now);
}

/** As on Linux: a client that speaks first, or has TCP_QUICKACK off, has its request to send with it. */
function acknowledgeHandshake(c: TcpConnection): void {
  const { delayedAck, timers } = c;
  delayedAck.begins(c.now);
  if (!delayedAck.quick.isInteractive && !c.expectsText) {
    delayedAck.atOnce("handshake");
    return;
  }
  delayedAck.disturbed(c.toldWindow, c.receiveMss.value);
  delayedAck.hold();
  timers.delayedAck = (c.now + c.config.delayedAckMax) as Instant;
}

function learnPeer(c: TcpConnection, segment: Segment): void {
  const { rcv } = c.tcb;
  c.tcb.irs = segment.seq;
  rcv.nxt = seqAdd(segment.seq, 1);
  rcv.up = rcv.nxt;
  c.lastAckSent = rcv.nxt;
  // The window that our SYN told, which began at a number that we did not know then.
  rcv.adv = seqAdd(rcv.nxt, windowOfSyn(c));
  agreed(c, agree(c.ours, peerOffer(segment.options, c.remote.family, agreesToEcn(c, segment))));
  c.timestamps.hasRecent = false;
  if (c.timestamps.enabled) c.timestamps.received(segment.options.timestampValue, c.now);
}

/** RFC 3168 §6.1.1: only an answer to what we have asked for; a peer that connects too asks for it itself. */
function agreesToEcn(c: TcpConnection, segment: Segment): boolean {
  if (c.config.ecn !== ECN_MODE.request) return false;
  return segment.isAck
    ? synAckAgreesToEcn(segment.flags)
    : synAsksForEcn(segment.flags, segment.trafficClass);
}

/** Figure 7: both ends sent SYN (MUST-10). */
function simultaneousOpen(c: TcpConnection, segment: Segment): void {
  const { snd } = c.tcb;
  snd.wnd = segment.window;
  snd.maxWnd = segment.window;
  snd.wl1 = segment.seq;
  snd.wl2 = snd.una;
  c.moveTo("SYN-RECEIVED", "SYN received (simultaneous open), SYN-ACK sent");
  c.synAckDue = true;
}
