/**
 * TIME-WAIT: RFC 9293 §3.10.7.4; RFC 6191 for a new SYN; RFC 1337 for RST. What the peer repeats is acknowledged again.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { TimeWait } from "../closing/time-wait.ts";
import type { Segment } from "../segment.ts";
import type { Tcp } from "../tcp.ts";
import { listenArrives } from "./listen.ts";

export function timeWaitArrives(tcp: Tcp, record: TimeWait, segment: Segment): DropReason | undefined {
  if (segment.isRst) {
    if (segment.seq !== record.rcvNxt) return "tcp-bad-reset";
    if (!tcp.context.config.rfc1337) tcp.endTimeWait(record);
    return undefined;
  }
  if (segment.isSyn && !segment.isAck && record.mayBeReusedBy(segment)) return reuse(tcp, record, segment);
  const isOld =
    segment.options.hasTimestamps && record.timestamps.isOld(segment.options.timestampValue, tcp.context.now);
  if (segment.isFin && !isOld) tcp.restartTimeWait(record);
  const isRepeated = segment.length > 0 || segment.seq !== record.rcvNxt;
  if (isRepeated) tcp.acknowledgeTimeWait(record);
  return isOld ? "tcp-paws" : "tcp-after-close";
}

function reuse(tcp: Tcp, record: TimeWait, segment: Segment): DropReason | undefined {
  const listener = tcp.listenerFor(segment);
  tcp.endTimeWait(record, listener === undefined ? "CLOSED" : "SYN-RECEIVED");
  if (listener !== undefined) return listenArrives(tcp, listener, segment, record);
  tcp.resetFor(segment);
  return "tcp-no-connection";
}
