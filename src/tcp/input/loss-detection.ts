/**
 * Which segments are lost, and that recovery begins: RACK (RFC 8985 §6.2) where the peer has SACK, else
 * duplicate acknowledgments and partial ones (RFC 5681 §3.2, RFC 6582 §3.2).
 */
import { seqBefore } from "../../base/seq.ts";
import type { Segment } from "../segment.ts";
import type { SentSegment } from "../send/sent-segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { isProbeForSize } from "./packet-too-big.ts";

/**
 * @param acked sequence numbers by which SND.UNA moved; 0: not at all
 * @param priorWindow SND.WND before the segment
 */
export function detectLoss(c: TcpConnection, segment: Segment, acked: number, priorWindow: number): void {
  if (c.usesSack) detectByTime(c);
  else if (acked > 0) partialAcknowledgment(c, acked);
  else detectByDuplicates(c, segment, priorWindow);
}

/** RACK; also when the reordering timer runs out. */
export function detectByTime(c: TcpConnection): void {
  const { queue, rack, rtt, recovery } = c;
  const sackedSegments = Math.floor(queue.sackedBytes / c.tcb.snd.mss);
  const window = rack.reorderingWindow(
    rtt.srtt,
    rtt.isMeasured ? rtt.min : rtt.srtt,
    !recovery.isOpen,
    sackedSegments,
  );
  c.timers.reordering = rack.detect(queue, window, c.now, ignore);
  if (queue.lostBytes > 0) enterRecovery(c);
}

function ignore(_record: SentSegment): void {}

/** RFC 6582 §3.2 step 3: in recovery, an acknowledgment of some of its text shows the next loss. */
function partialAcknowledgment(c: TcpConnection, acked: number): void {
  const { duplicateAcks, recovery, queue } = c;
  const isPartial = recovery.phase === "fast" && seqBefore(c.tcb.snd.una, recovery.point);
  if (!isPartial || queue.first === undefined) {
    duplicateAcks.reset();
    return;
  }
  duplicateAcks.deflate(Math.round(acked / c.tcb.snd.mss));
  if (queue.markLost(queue.first)) c.retransmitAtOnce = true;
}

function detectByDuplicates(c: TcpConnection, segment: Segment, priorWindow: number): void {
  const { duplicateAcks, recovery, queue } = c;
  if (!isDuplicateAck(c, segment, priorWindow)) return;
  if (duplicateAcks.count < queue.segments) c.deliveryRate.duplicateAck();
  duplicateAcks.arrived();
  // RFC 6582 §3.2 step 2: not again for what a timeout is already repairing.
  if (!recovery.isOpen || !duplicateAcks.isThreshold || queue.first === undefined) return;
  queue.markLost(queue.first);
  enterRecovery(c);
}

/** RFC 5681 §2. */
function isDuplicateAck(c: TcpConnection, segment: Segment, priorWindow: number): boolean {
  return (
    c.queue.count > 0 &&
    segment.length === 0 &&
    segment.ack === c.tcb.snd.una &&
    c.tcb.snd.wnd === priorWindow
  );
}

function enterRecovery(c: TcpConnection): void {
  if (!c.recovery.isOpen || isProbeForSize(c)) return;
  c.recovery.entered("fast", c.tcb.snd.nxt);
  c.congestion.onCongestion("loss", c.sample);
  c.retransmitAtOnce = true;
  c.owner.context.counters.fastRecoveries++;
}
