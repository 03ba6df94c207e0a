/**
 * Protection against wrapped sequence numbers, and TS.Recent: RFC 7323 §5.3, §4.3. A segment without the
 * option is let through, as Linux does: docs/decisions/missing-timestamps.md. So are bare acknowledgments
 * that were overtaken, and clocks that are off by a tick: docs/decisions/paws.md.
 */
import { seqAfter, seqAtOrBefore, seqBefore } from "../../base/seq.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";

/** In ticks of the peer's clock. */
const TOLERANCE = 1;

/**
 * "overtaken": a bare ACK from before the text that we have. Nobody has to be told: an answer would be a
 * duplicate ACK.
 */
export type PawsVerdict = "passes" | "old" | "overtaken";

export function pawsVerdict(c: TcpConnection, segment: Segment): PawsVerdict {
  const { timestamps } = c;
  if (!timestamps.enabled || segment.isRst || !segment.options.hasTimestamps) return "passes";
  if (!timestamps.isOld(segment.options.timestampValue, c.now, TOLERANCE)) return "passes";
  if (!segment.isAck || segment.length > 0) return "old";
  if (seqBefore(segment.seq, c.tcb.rcv.nxt)) return "overtaken";
  return isOvertakenDuplicate(c, segment) ? "passes" : "old";
}

/**
 * RFC 7323 §5.3 is about text. A duplicate ACK that changes nothing cannot do harm, and says what arrived:
 * one that was reordered within a round trip still counts.
 */
function isOvertakenDuplicate(c: TcpConnection, segment: Segment): boolean {
  const { rcv, snd } = c.tcb;
  if (segment.seq !== rcv.nxt || segment.ack !== snd.una) return false;
  const window = segment.windowIn(snd.wscale);
  const movesWindow =
    seqAfter(segment.seq, snd.wl1) || (segment.seq === snd.wl1 && (window > snd.wnd || window === 0));
  return !movesWindow && c.timestamps.isWithin(segment.options.timestampValue, c.rto.value);
}

export function rememberTimestamp(c: TcpConnection, segment: Segment): void {
  if (!c.timestamps.enabled || !segment.options.hasTimestamps) return;
  if (seqAtOrBefore(segment.seq, c.lastAckSent)) c.timestamps.received(segment.options.timestampValue, c.now);
}
