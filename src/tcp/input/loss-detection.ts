/**
 * Which segments are lost, and that recovery begins: RACK (RFC 8985 §6.2) where the peer has SACK, else duplicate
 * acknowledgments and partial ones (RFC 5681 §3.2, RFC 6582 §3.2).
 */
import { seqAtOrBefore } from "../../base/seq.ts";
import type { Segment } from "../segment.ts";
import type { SentSegment } from "../send/sent-segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";

/** What the acknowledgment at hand did. */
export interface AckEffect {
  /** SND.UNA moved, by so many sequence numbers. */
  readonly progressed: boolean;
  readonly acked: number;
  /** Newly reported by SACK. */
  readonly sacked: number;
  readonly priorWindow: number;
}

export function detectLoss(c: TcpConnection, segment: Segment, effect: AckEffect): void {
  if (c.usesSack) detectByTime(c);
  else detectByDuplicates(c, segment, effect);
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

function detectByDuplicates(c: TcpConnection, segment: Segment, effect: AckEffect): void {
  const { duplicateAcks, recovery, queue } = c;
  if (effect.progressed) {
    if (
      recovery.phase === "fast" &&
      queue.first !== undefined &&
      !seqAtOrBefore(recovery.point, c.tcb.snd.una)
    ) {
      // RFC 6582 §3.2 step 3: a partial acknowledgment shows the next loss.
      duplicateAcks.deflate(Math.round(effect.acked / c.tcb.snd.mss));
      if (queue.markLost(queue.first)) c.retransmitAtOnce = true;
    } else {
      duplicateAcks.reset();
    }
    return;
  }
  if (!isDuplicateAck(c, segment, effect)) return;
  duplicateAcks.arrived();
  // RFC 6582 §3.2 step 2: not again for what a timeout is already repairing.
  if (!recovery.isOpen || !duplicateAcks.isThreshold || queue.first === undefined) return;
  queue.markLost(queue.first);
  enterRecovery(c);
}

/** RFC 5681 §2. */
function isDuplicateAck(c: TcpConnection, segment: Segment, effect: AckEffect): boolean {
  return (
    c.queue.count > 0 &&
    segment.length === 0 &&
    segment.ack === c.tcb.snd.una &&
    c.tcb.snd.wnd === effect.priorWindow
  );
}

function enterRecovery(c: TcpConnection): void {
  if (!c.recovery.isOpen) return;
  c.recovery.entered("fast", c.tcb.snd.nxt);
  c.congestion.onCongestion("loss", c.sample);
  c.retransmitAtOnce = true;
  c.owner.context.counters.fastRecoveries++;
}
