/**
 * Protection against wrapped sequence numbers, and TS.Recent: RFC 7323 §5.3, §4.3. A segment without the
 * option is let through, as Linux does: docs/decisions/missing-timestamps.md.
 */
import { seqAtOrBefore } from "../../base/seq.ts";
import type { Segment } from "../segment.ts";
import type { TcpConnection } from "../tcp-connection.ts";

export function isRejectedByPaws(c: TcpConnection, segment: Segment): boolean {
  const { timestamps } = c;
  if (!timestamps.enabled || segment.isRst || !segment.options.hasTimestamps) return false;
  return timestamps.isOld(segment.options.timestampValue, c.now);
}

export function rememberTimestamp(c: TcpConnection, segment: Segment): void {
  if (!c.timestamps.enabled || !segment.options.hasTimestamps) return;
  if (seqAtOrBefore(segment.seq, c.lastAckSent)) c.timestamps.received(segment.options.timestampValue, c.now);
}
