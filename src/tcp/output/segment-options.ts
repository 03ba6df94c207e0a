/** The options and the urgent pointer of a segment: RFC 9293 §3.2, RFC 7323, RFC 2018, RFC 7413, RFC 6093. */
import { type Seq, seqAfter, seqDiff } from "../../base/seq.ts";
import { TCP_HEADER_SIZE } from "../../wire/tcp.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import type { TcpConnection } from "../tcp-connection.ts";

/** Every SYN has the MSS option (RFC 9293 §3.7.1, SHLD-5, MAY-3), and no other segment (MUST-65). */
export function addSynOptions(c: TcpConnection, writer: SegmentWriter): void {
  const offer = c.ours;
  const { options } = writer;
  options.mss = Math.min(offer.mss, c.path.mtu - c.path.headerSize - TCP_HEADER_SIZE);
  // A SYN-ACK offers only what was offered: RFC 7323 §1.3.
  const agreement = c.state === "SYN-SENT" ? undefined : c.agreement;
  if (agreement?.windowScaling ?? true) options.windowScale = offer.windowScale;
  options.sackPermitted = offer.sack && (agreement?.sack ?? true);
  if (offer.timestamps && (agreement?.timestamps ?? true)) {
    writer.timestamps(c.timestamps.value(c.now), c.timestamps.recent);
  }
  addFastOpen(c, writer);
}

/** RFC 7413 §4.1.1, in the first SYN or SYN-ACK only: what goes out again may be what was not let through. */
function addFastOpen({ fastOpen }: TcpConnection, writer: SegmentWriter): void {
  if (fastOpen?.option === undefined) return;
  const fits = writer.options.offerFastOpen(fastOpen.option, fastOpen.isExperimental);
  fastOpen.option = undefined;
  if (fastOpen.role === "client") fastOpen.wasShown = fits;
}

export function addOptions(c: TcpConnection, writer: SegmentWriter): void {
  if (c.timestamps.enabled) writer.timestamps(c.timestamps.value(c.now), c.timestamps.recent);
  if (c.usesSack && !c.sackReports.isEmpty) {
    c.sackReports.fill(writer.options, c.receiveBuffer.outOfOrder, c.tcb.rcv.nxt, c.finAt);
  }
}

/**
 * RFC 9293 §3.8.5, RFC 6093: as long as the urgent data is not acknowledged, every segment points to its end.
 */
export function addUrgent(c: TcpConnection, writer: SegmentWriter, sequence: Seq): void {
  const distance = seqDiff(c.tcb.snd.up, sequence);
  if (distance > 0 && distance <= 0xffff && seqAfter(c.tcb.snd.up, c.tcb.snd.una)) writer.urgent(distance);
}
