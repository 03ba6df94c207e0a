/**
 * TIME-WAIT: RFC 9293 §3.10.7.4; RFC 6191 for a new SYN; RFC 1337 for RST. What the peer repeats is
 * acknowledged again.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { TimeWait } from "../closing/time-wait.ts";
import type { Segment } from "../segment.ts";
import type { Tcp } from "../tcp.ts";
import { mayLoop } from "./challenge-ack.ts";
import { listenArrives, refuses } from "./listen.ts";

export function timeWaitArrives(tcp: Tcp, record: TimeWait, segment: Segment): DropReason | undefined {
  if (segment.isRst) {
    if (segment.seq !== record.rcvNxt) return "tcp-bad-reset";
    if (!tcp.context.config.rfc1337) tcp.timeWait.end(record, "RST received");
    return undefined;
  }
  const opens = segment.isSyn && !segment.isAck && !segment.isFin;
  if (opens && record.mayBeReusedBy(segment)) return reuse(tcp, record, segment);
  const isOld =
    segment.options.hasTimestamps && record.timestamps.isOld(segment.options.timestampValue, tcp.context.now);
  // Not for any FIN: a stranger could hold the port for ever.
  if (segment.isFin && segment.end === record.rcvNxt && !isOld) tcp.timeWait.restart(record);
  const isRepeated = segment.length > 0 || segment.seq !== record.rcvNxt || isOld;
  if (isRepeated) tcp.timeWait.acknowledge(record, mayLoop(segment));
  return isOld ? "tcp-paws" : "tcp-after-close";
}

function reuse(tcp: Tcp, record: TimeWait, segment: Segment): DropReason | undefined {
  const listener = tcp.listenerFor(segment);
  if (listener === undefined) {
    // As any SYN that is not wanted here: a forged one must not end the record.
    tcp.timeWait.acknowledge(record, true);
    return "tcp-no-connection";
  }
  const refusal = refuses(tcp, listener);
  if (refusal !== undefined) return refusal;
  tcp.timeWait.giveWay(record);
  return listenArrives(tcp, listener, segment, record);
}
