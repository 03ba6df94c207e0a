/** Probes for a larger packet: RFC 4821 §7.4 and §7.5. */
import { seqAdd, seqBefore, seqDiff } from "../../base/seq.ts";
import { bytesInFlight } from "../flight.ts";
import { largestPacket } from "../input/packet-too-big.ts";
import { headersSize } from "../segment-sizes.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { sendText } from "./new-text.ts";

/** Segments that must be able to leave behind a probe, so that its loss is seen: RFC 4821 §7.4. */
const AFTER_PROBE = 4;

/** In segments: a smaller window would not grow again soon. */
const LEAST_WINDOW_FOR_PROBE = 11;

/**
 * RFC 4821 §7.5: a segment of new text larger than the others, where what follows it can tell whether it has
 * arrived. "wait": it could go out once more has been acknowledged.
 */
export function sendMtuProbe(c: TcpConnection, writer: SegmentWriter): "sent" | "none" | "wait" {
  const { probing, config } = c;
  if (probing === undefined) return "none";
  const packet = probing.next(c.path.mtu, config.mtuProbeThreshold);
  if (packet === 0) {
    probing.searchAgain(largestPacket(c), config.mtuProbeInterval, c.now);
    return "none";
  }
  const { snd } = c.tcb;
  const { cwnd } = c.congestion;
  const isQuiet = c.recovery.isOpen && c.sackReports.isEmpty;
  if (!isQuiet || cwnd < LEAST_WINDOW_FOR_PROBE * snd.mss) return "none";
  const size = packet - headersSize(c);
  const needed = size + AFTER_PROBE * snd.mss;
  if (c.unsent < needed || snd.wnd < needed) return "none";
  if (seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt) < needed) return "wait";
  if (bytesInFlight(c) + size + snd.mss > cwnd) return bytesInFlight(c) > 0 ? "wait" : "none";
  const start = snd.nxt;
  const end = seqAdd(start, size);
  c.writeQueue.join(start, end);
  const { edge } = c.writeQueue;
  if (edge !== undefined && seqBefore(edge, end)) return "none";
  if (!sendText(c, writer, size, false, c.writeQueue.endAt(end), false, "mtu-probe")) return "wait";
  probing.sent(packet, start, end);
  c.owner.context.counters.mtuProbes++;
  return "sent";
}
