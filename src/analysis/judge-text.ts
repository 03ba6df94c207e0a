/**
 * What a segment's text, SYN or FIN is: new, behind a gap, late, a copy, or sent again, and then why; or the
 * byte that a keepalive or the probe of a closed window carries.
 */
import { type Seq, seqAdd, seqAtOrBefore } from "../base/seq.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import type { CapturedEnd } from "./captured-end.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import { wasOvertaken } from "./lateness.ts";
import { type Evidence, likelyCause } from "./likely-cause.ts";
import { MARK, type Verdict } from "./marks.ts";
import type { Hole, Placement } from "./sent-text.ts";

export function judgeText(
  me: CapturedEnd,
  peer: CapturedEnd,
  segment: CapturedSegment,
  verdict: Verdict,
): void {
  const { flags, sequence, length } = segment;
  const control = ((flags & TCP_FLAG.syn) === 0 ? 0 : 1) + ((flags & TCP_FLAG.fin) === 0 ? 0 : 1);
  if (length + control === 0) {
    judgeEmpty(me, segment, verdict);
    return;
  }
  if (length === 1 && control === 0 && isProbeByte(me, peer, segment, verdict)) return;
  const start = sequence;
  const end = seqAdd(sequence, length + control);
  if ((flags & TCP_FLAG.fin) !== 0) me.finAt = seqAdd(end, -1);
  const sent = { isHead: isHead(me, start), isTail: isTail(me, end) };
  const placement = me.sent.place(segment, start, end);
  if (placement.kind === "gap") {
    verdict.marks |= MARK.gapBefore;
    me.counts.gaps++;
  } else if (placement.kind === "copy") {
    verdict.marks |= MARK.copy;
    me.counts.copies++;
  } else if (placement.kind === "late") judgeLate(me, peer, segment, verdict, placement.hole, end);
  else if (placement.kind === "again") judgeRepetition(me, peer, segment, verdict, placement, end, sent);
}

/** An empty segment shows where its sender is. */
function judgeEmpty(me: CapturedEnd, segment: CapturedSegment, verdict: Verdict): void {
  if (!me.sent.advance(segment)) return;
  verdict.marks |= MARK.gapBefore;
  me.counts.gaps++;
}

/** RFC 9293 §3.8.4: a keepalive may repeat the last byte; §3.8.6.1: a probe may carry the next one. */
function isProbeByte(
  me: CapturedEnd,
  peer: CapturedEnd,
  { sequence }: CapturedSegment,
  verdict: Verdict,
): boolean {
  if (!me.sent.isKnown || !peer.hasAcknowledged) return false;
  if (sequence === me.sent.next && peer.window === 0) {
    verdict.marks |= MARK.zeroWindowProbe;
    me.counts.windowProbes++;
    return true;
  }
  if (sequence !== seqAdd(me.sent.next, -1) || peer.acknowledgment !== me.sent.next) return false;
  verdict.marks |= MARK.keepalive;
  me.counts.keepalives++;
  return true;
}

function judgeLate(
  me: CapturedEnd,
  peer: CapturedEnd,
  segment: CapturedSegment,
  verdict: Verdict,
  hole: Hole,
  end: Seq,
): void {
  const roundTrip = me.roundTrips.min + peer.roundTrips.min;
  if (wasOvertaken(segment, hole, me.identifications, roundTrip)) {
    verdict.marks |= MARK.outOfOrder;
    me.counts.outOfOrder++;
    return;
  }
  me.counts.lostBefore++;
  const past = { since: hole.openedAt, copies: 1, isHead: isHead(me, segment.sequence), isTail: false };
  repeat(me, segment, verdict, end, evidenceOf(me, peer, segment, end, past));
}

function judgeRepetition(
  me: CapturedEnd,
  peer: CapturedEnd,
  segment: CapturedSegment,
  verdict: Verdict,
  { seenAt, copies }: Extract<Placement, { kind: "again" }>,
  end: Seq,
  position: Position,
): void {
  if (me.sent.isAcknowledged && seqAtOrBefore(end, me.sent.unacknowledged)) {
    verdict.marks |= MARK.spurious;
    me.counts.spurious++;
  } else me.counts.lostBehind++;
  const past = { since: seenAt ?? me.learnedAt, copies, ...position };
  repeat(me, segment, verdict, end, evidenceOf(me, peer, segment, end, past));
}

interface Position {
  readonly isHead: boolean;
  readonly isTail: boolean;
}

interface Past extends Position {
  /** When it was seen last, or missed first. */
  readonly since: number;
  readonly copies: number;
}

function evidenceOf(
  me: CapturedEnd,
  peer: CapturedEnd,
  { flags, sequence, time }: CapturedSegment,
  end: Seq,
  { since, copies, isHead, isTail }: Past,
): Evidence {
  return {
    isSyn: (flags & TCP_FLAG.syn) !== 0,
    isTooBig: me.isTooBig(sequence),
    isHead,
    isTail,
    copies,
    age: time - since,
    silence: time - Math.max(since, me.learnedAt),
    duplicateAcks: peer.duplicateAcks,
    sackedBeyond: me.sackedBeyond(end),
    mss: me.sendMss(peer),
    srtt: me.roundTrips.srtt + peer.roundTrips.srtt,
    rttvar: me.roundTrips.rttvar + peer.roundTrips.rttvar,
    episode: me.episode,
    maySack: me.sackPermitted && peer.sackPermitted,
  };
}

function repeat(
  me: CapturedEnd,
  { sequence }: CapturedSegment,
  verdict: Verdict,
  end: Seq,
  evidence: Evidence,
): void {
  verdict.marks |= MARK.retransmission;
  verdict.cause = likelyCause(evidence);
  if (verdict.cause === "timeout") me.began("timeout");
  else if (verdict.cause === "fast" || verdict.cause === "rack") me.began("fast");
  me.repeated(sequence, end, verdict);
}

function isHead(me: CapturedEnd, start: Seq): boolean {
  return me.sent.isAcknowledged && seqAtOrBefore(start, me.sent.unacknowledged);
}

function isTail(me: CapturedEnd, end: Seq): boolean {
  return me.sent.isKnown && end === me.sent.next;
}
