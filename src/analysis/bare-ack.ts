/**
 * What a segment without text is for: news, a duplicate (RFC 5681 §2), a window update, the answer to a
 * keepalive or to a probe of a closed window, or such a probe itself.
 */
import { type Seq, seqAdd } from "../base/seq.ts";
import type { CapturedEnd } from "./captured-end.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import { MARK, type Verdict } from "./marks.ts";

/** The window that `end` told last, in bytes; undefined: its scale is not known. */
export function windowOf(end: CapturedEnd, peer: CapturedEnd): number | undefined {
  if (!end.hasSyn || !peer.hasSyn) return undefined;
  const isScaled = end.windowScale >= 0 && peer.windowScale >= 0;
  return isScaled ? end.window * 2 ** end.windowScale : end.window;
}

/** `news`: it acknowledged text, or told of some by SACK. */
export function judgeAcknowledgment(
  me: CapturedEnd,
  peer: CapturedEnd,
  segment: CapturedSegment,
  verdict: Verdict,
  news: { readonly acknowledged: boolean; readonly sacked: boolean },
  next: Seq,
): void {
  const { window, acknowledgment, sequence } = segment;
  if (window === 0) {
    verdict.marks |= MARK.zeroWindow;
    if (me.window !== 0 || !me.hasAcknowledged) me.counts.zeroWindows++;
  }
  const isKeepalive = me.sent.isKnown && sequence === seqAdd(next, -1);
  if (isKeepalive) {
    judgeProbe(me, peer, verdict);
    return;
  }
  if (!me.hasAcknowledged || news.acknowledged || acknowledgment !== me.acknowledgment) {
    me.duplicateAcks = 0;
    return;
  }
  if (me.sent.isKnown && sequence !== next) return;
  const isSame = window === me.window;
  const asked = peer.lastMarks;
  if (isSame && window === 0 && (asked & MARK.zeroWindowProbe) !== 0) {
    verdict.marks |= MARK.zeroWindowProbeAnswer;
  } else if (isSame && (asked & MARK.keepalive) !== 0) verdict.marks |= MARK.keepaliveAnswer;
  else if (isSame ? window !== 0 && isAnswer(me, peer, segment) : news.sacked) {
    verdict.marks |= MARK.duplicateAck;
    verdict.duplicateAcks = ++me.duplicateAcks;
    me.counts.duplicateAcks++;
  } else if (!isSame && window !== 0) {
    verdict.marks |= MARK.windowUpdate;
    me.counts.windowUpdates++;
  }
}

/** It tells of something that came: text in flight, or text that it has. */
function isAnswer(me: CapturedEnd, peer: CapturedEnd, { sack }: CapturedSegment): boolean {
  return sack.length > 0 || peer.sent.inFlight > 0 || me.duplicateAcks > 0 || isRepeated(peer);
}

function isRepeated({ lastMarks }: CapturedEnd): boolean {
  return (lastMarks & (MARK.retransmission | MARK.copy | MARK.outOfOrder)) !== 0;
}

/** RFC 9293 §3.8.4 and §3.8.6.1: both ask with the number before the next. */
function judgeProbe(me: CapturedEnd, peer: CapturedEnd, verdict: Verdict): void {
  if (peer.hasAcknowledged && peer.window === 0) {
    verdict.marks |= MARK.zeroWindowProbe;
    me.counts.windowProbes++;
  } else {
    verdict.marks |= MARK.keepalive;
    me.counts.keepalives++;
  }
}
