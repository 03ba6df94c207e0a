/**
 * RST: the end of a connection of ours (RFC 9293 §3.10.5, ABORT), and the answer to a segment that belongs to
 * nothing (§3.5.2, §3.10.7.1).
 */
import { seq } from "../base/seq.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import type { Signatures } from "./md5-signatures.ts";
import type { Segment } from "./segment.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import type { TcpContext } from "./tcp-context.ts";

/** Tells the peer that the connection is over. */
export function sendReset(writer: SegmentWriter, c: TcpConnection): void {
  const { snd, rcv } = c.tcb;
  writer.begin(c, TCP_FLAG.rst | TCP_FLAG.ack, snd.nxt, rcv.nxt, 0, "reset");
  writer.sign(c.signatures?.keyFor(c.remote));
  // RFC 7323 §3.2: a RST may have them too.
  const { timestamps } = c;
  if (timestamps.enabled) writer.timestamps(timestamps.value(c.now), timestamps.recent);
  if (c.usesSack) c.sackReports.fill(writer.options, c.receiveBuffer.outOfOrder, rcv.nxt, c.finAt);
  writer.send(c.path);
}

/**
 * §3.10.7.1: with an ACK the RST takes its number; without, it acknowledges the whole segment. Never for RST.
 *
 * @param signatures the keys of whom the segment was for
 */
export function sendResetFor(
  context: TcpContext,
  writer: SegmentWriter,
  segment: Segment,
  signatures: Signatures | undefined,
  connection: TcpConnection | undefined,
): void {
  if (segment.isRst) return;
  const path = connection?.path ?? context.pathBack(segment.source, segment.destination);
  if (typeof path === "string") return;
  const from = connection ?? segment.tuple;
  if (segment.isAck) writer.begin(from, TCP_FLAG.rst, segment.ack, seq(0), 0, "reset");
  else writer.begin(from, TCP_FLAG.rst | TCP_FLAG.ack, seq(0), segment.end, 0, "reset");
  writer.sign(signatures?.keyFor(segment.source));
  writer.send(path);
}
