/**
 * Which segments are lost: RACK (RFC 8985 §6.2) where the peer has SACK, or by counting its reports (RFC 6675
 * §4) where RACK is off; else duplicate acknowledgments and partial ones (RFC 5681 §3.2, RFC 6582 §3.2).
 */
import { type Seq, seqAtOrBefore, seqDiff } from "../../base/seq.ts";
import { type Duration, type Instant, milliseconds, NEVER } from "../../base/time.ts";
import { markBelowReports } from "../loss/dup-threshold.ts";
import { ReorderingWindow, reorderingWindow } from "../loss/reordering-window.ts";
import { isDuplicateReport } from "../loss/sack.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";

/** The least slack of a timer: two ticks of Linux's. */
const TIMER_SLACK = milliseconds(2);

/** Marks what the acknowledgment at hand shows to be lost. */
export function detectLoss(c: TcpConnection): void {
  if (c.queue.segments === 0) return;
  if (!c.usesSack) detectByDuplicates(c);
  else if (!c.config.rack) markBelowReports(c.queue, c.reordering.degree, c.tcb.snd.mss, c.noteLost);
  else if (c.rack.hasNews) detectByTime(c);
}

/** RACK; also when the reordering timer runs out. */
export function detectByTime(c: TcpConnection): void {
  const lookAgain = c.rack.detect(c.queue, windowForReordering(c), c.now, c.noteLost);
  c.timers.reordering = (lookAgain + TIMER_SLACK) as Instant;
  // The one or the other: what is missing is known to be.
  if (lookAgain !== NEVER) c.timers.tailLossProbe = NEVER;
}

/** RFC 8985 §6.2 step 4. */
function windowForReordering(c: TcpConnection): Duration {
  const { reordering, rtt, config } = c;
  if (reordering.seen === 0) {
    if (c.recovery.isRepairing) return 0 as Duration;
    if (c.queue.sackedSegments >= reordering.degree && !config.rackWithoutThreshold) return 0 as Duration;
  }
  return reorderingWindow(c.reorderingWindow?.steps ?? 1, rtt.isMeasured ? rtt.min : rtt.srtt, rtt.srtt);
}

/** RFC 5681 §3.2 step 2; RFC 6582 §3.2 step 3: in recovery a partial acknowledgment shows the next loss. */
function detectByDuplicates(c: TcpConnection): void {
  const { queue, recovery, duplicateAcks } = c;
  const isNew = !recovery.isRepairing && duplicateAcks.count >= c.reordering.degree;
  const isPartial = recovery.state === "recovery" && c.owner.news.advanced > 0;
  const { first } = queue;
  if ((!isNew && !isPartial) || first === undefined || first.lost) return;
  if (first.segments > 1) queue.cut(first, 1);
  c.noteLost(first);
  queue.markLost(first);
  // It goes out whatever the reduction of the window allows: the clock of acknowledgments depends on it.
  c.retransmitAtOnce = true;
}

/** Without SACK: one more segment has arrived, unless there are none left that can have. */
export function countDuplicate(c: TcpConnection): void {
  const { news } = c.owner;
  if (c.usesSack || !news.isDuplicate) return;
  const before = c.duplicateAcks.count;
  if (!c.duplicateAcks.arrived(mostDuplicates(c))) estimateReordering(c, 0);
  if (c.duplicateAcks.count > before) c.deliveryRate.duplicateAck();
}

/** Without SACK: so many segments were acknowledged, of which the duplicates have told of all but one. */
export function deflateDuplicates(c: TcpConnection, segments: number): void {
  if (!c.duplicateAcks.deflate(segments, mostDuplicates(c))) estimateReordering(c, segments);
}

function mostDuplicates(c: TcpConnection): number {
  const { queue } = c;
  const holes = Math.max(1, queue.lostSegments);
  return Math.max(0, queue.segments - holes);
}

function estimateReordering(c: TcpConnection, acknowledged: number): void {
  c.reordering.estimated(c.queue.segments + acknowledged);
  c.owner.context.counters.reorderings++;
}

/** RFC 8985 §6.2 step 3: `low` was sent once, and has arrived after what lies behind it. */
export function noteReordering(c: TcpConnection, low: Seq): void {
  const distance = seqDiff(c.scoreboard.highest, low);
  if (distance <= 0) return;
  c.reordering.observed(distance / c.tcb.snd.mss);
  c.owner.context.counters.reorderings++;
}

/** RFC 2883: the peer got something twice. It counts only for as much as was sent twice. */
export function readDuplicateReport(c: TcpConnection, segment: Segment): void {
  if (!isDuplicateReport(segment.options, segment.ack)) return;
  const { counters } = c.owner.context;
  const { news } = c.owner;
  const { una, nxt, mss, maxWnd } = c.tcb.snd;
  counters.duplicateReports++;
  const start = segment.options.sackEdges[0] as Seq;
  const end = segment.options.sackEdges[1] as Seq;
  const length = seqDiff(end, start);
  if (length > maxWnd) return;
  const segments = Math.ceil(length / mss);
  const { syn, timeout, fast, rack, tlp } = c.tally.retransmissions;
  c.tally.needlessSegments += segments;
  if (c.tally.needlessSegments > syn + timeout + fast + rack + tlp) return;
  news.duplicateSegments = segments;
  for (let i = 0; i < segments; i++) c.deliveryRate.duplicateAck();
  news.isOfProbe = segments === 1 && c.tailLossProbe.isProbeEnd(end);
  if (c.reordering.seen > 0 && !news.isOfProbe && !c.config.rackStaticWindow) {
    c.reorderingWindow ??= new ReorderingWindow();
    c.reorderingWindow.duplicateReported(una, nxt);
  }
  if (!c.undo.covers(end)) return;
  if (seqAtOrBefore(end, una)) c.undo.duplicatesReported(segments);
  else readDuplicatesInFlight(c, start, end);
}

function readDuplicatesInFlight(c: TcpConnection, start: Seq, end: Seq): void {
  const { queue } = c;
  for (let record = queue.find(start); record !== undefined; record = record.next) {
    if (seqAtOrBefore(end, record.start)) return;
    // What went out again did so segment by segment.
    if (record.transmissions === 1) continue;
    c.undo.duplicatesReported(record.segments);
    c.owner.news.reordered(record.start);
    queue.duplicateArrived(record);
  }
}
