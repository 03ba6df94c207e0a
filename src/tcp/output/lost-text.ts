/**
 * What goes out again: text held for lost (RFC 9293 §3.8.1), the probe of a silent tail (RFC 8985 §7.3), and
 * the rescue of RFC 6675 §4.
 */
import { seqAdd, seqAfter } from "../../base/seq.ts";
import { type Instant, NEVER } from "../../base/time.ts";
import { REFUSED_INTERVAL } from "../closing/user-timeout.ts";
import { detectorOf, takesFlight } from "../flight.ts";
import { highestUnreported, RescueRetransmission } from "../loss/dup-threshold.ts";
import { hasLeft, waitsForPace } from "../pace.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import type { SentRange } from "../send/sent-range.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { RetransmissionCause } from "../tcp-probe.ts";
import { emit, textLimit } from "./emit.ts";
import { fitsCwnd, sendNew, sendNext } from "./new-text.ts";

/** RFC 5682 §3.1 step 2b: after a timeout that may have been spurious new text goes out, if it can. */
export function sendNewInsteadOfLost(c: TcpConnection, writer: SegmentWriter): void {
  if (!c.forwardRto.asksForNew || waitsForPace(c)) return;
  const before = c.tcb.snd.nxt;
  sendNew(c, writer);
  c.repairsWait = c.tcb.snd.nxt !== before;
  c.forwardRto.newTextTried(c.repairsWait);
}

/**
 * RFC 9293 §3.8.6: into a window that has shrunk goes what still lies in it (SHLD-16), and the first segment
 * always (MAY-7), but nothing new (SHLD-15, in `sendNext`).
 */
export function resendLost(c: TcpConnection, writer: SegmentWriter): void {
  const { queue } = c;
  let together = 0;
  for (let record = queue.nextOwed(); record !== undefined; record = queue.nextOwed()) {
    const limit = textLimit(c);
    const isFirst = record === queue.first;
    if (record.largest > limit) queue.shorten(record, limit);
    // What lies beyond a window that has shrunk waits, but for the first: RFC 9293 §3.8.6.
    if (!isFirst && seqAfter(record.firstEnd, seqAdd(c.tcb.snd.una, c.tcb.snd.wnd))) return;
    if (!c.retransmitAtOnce && !fitsCwnd(c, 1)) {
      c.cwndLimited = true;
      return;
    }
    if (waitsForPace(c)) return;
    c.retransmitAtOnce = false;
    if (record.segments > 1) queue.cut(record, 1);
    const continues = unitContinues(c, record);
    together++;
    if (!resend(c, writer, record, causeOf(c, record), together > 1 && !continues)) {
      tryAgainSoon(c);
      return;
    }
    // The timer of the first segment counts from its last transmission.
    if (isFirst) c.timers.retransmit = NEVER;
    if (!continues) together = 0;
  }
}

/** The device took nothing: the retransmission timer had no effect, and does not back off for that. */
function tryAgainSoon(c: TcpConnection): void {
  if (c.userTimeout.timeouts === 0 || c.timers.retransmit !== NEVER) return;
  c.rto.refused();
  c.timers.retransmit = (c.now + REFUSED_INTERVAL) as Instant;
}

/** What left as a unit and is lost leaves as one again, as far as the congestion window takes it. */
function unitContinues(c: TcpConnection, { continues, isShortened, next }: SentRange): boolean {
  return continues && !isShortened && next?.isOwed === true && fitsCwnd(c, 2);
}

function causeOf(c: TcpConnection, record: SentRange): RetransmissionCause {
  if (record.syn) return "syn";
  if (c.recovery.state === "loss") return c.recovery.isOfSize ? "size" : "timeout";
  return detectorOf(c);
}

/** Sends a record again, because of `cause`. False: the device took nothing. */
function resend(
  c: TcpConnection,
  writer: SegmentWriter,
  record: SentRange,
  cause: RetransmissionCause,
  pushes = false,
): boolean {
  if (record.syn && c.config.ecnFallback) c.asksForEcn = false;
  if (cause !== "tlp") c.userTimeout.retransmitted(record.syn ? record.firstSentAt : c.now);
  const textStart = record.syn ? seqAdd(record.start, 1) : record.start;
  const start = record.syn ? record.start : textStart;
  const push = record.push || pushes;
  if (!emit(c, writer, start, textLength(record), record.syn, record.fin, push, cause)) return false;
  if (cause === "tlp") {
    c.queue.probed(record, c.now);
  } else {
    c.queue.resent(record, c.now);
    c.undo.retransmitted(c.now, c.timestamps.value(c.now));
    c.reduction?.sent(c.tcb.snd.mss);
  }
  takesFlight(c, record);
  hasLeft(c, textLength(record), 1);
  c.tally.retransmissions[cause]++;
  c.tally.bytesRetransmitted += textLength(record);
  c.owner.context.counters.segmentsRetransmitted++;
  return true;
}

/** RFC 8985 §7.3: new text if there is some, else the last segment once more. */
export function probeTail(c: TcpConnection, writer: SegmentWriter): void {
  if (!c.tailLossProbe.takeDue()) return;
  const isNew = c.unsent > 0 && sendNext(c, writer, "tail-loss-probe");
  if (!isNew && !resendLast(c, writer)) return;
  c.tailLossProbe.sent(c.tcb.snd.nxt, !isNew);
  c.owner.context.counters.tailLossProbes++;
  c.timers.retransmit = NEVER;
}

/** RFC 8985 §7.3: the last segment once more, or as much of its end as a segment takes now. */
function resendLast(c: TcpConnection, writer: SegmentWriter): boolean {
  const { queue } = c;
  let { last } = queue;
  if (last === undefined || last.isOwed || last.sacked) return false;
  const limit = textLimit(c);
  if (last.segments > 1) last = queue.cut(last, last.segments - 1);
  if (textLength(last) > limit) last = queue.split(last, seqAdd(last.end, -limit - (last.fin ? 1 : 0)));
  return resend(c, writer, last, "tlp");
}

/** RFC 6675 §4, NextSeg() (4), where RACK is off. */
export function sendRescue(c: TcpConnection, writer: SegmentWriter): void {
  const { recovery, queue } = c;
  if (c.config.rack || !c.usesSack || recovery.state !== "recovery" || queue.owedBytes > 0) return;
  c.rescue ??= new RescueRetransmission();
  let record = highestUnreported(queue);
  if (record === undefined || !c.rescue.mayGo(c.tcb.snd.una) || !fitsCwnd(c, 1)) return;
  if (record.segments > 1) record = queue.cut(record, record.segments - 1);
  if (resend(c, writer, record, "fast")) c.rescue.sent(recovery.point);
}

export function textLength(record: SentRange): number {
  return record.length - (record.syn ? 1 : 0) - (record.fin ? 1 : 0);
}
