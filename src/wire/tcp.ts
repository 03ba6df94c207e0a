/**
 * The TCP header. RFC 9293 §3.1; the ninth flag, AE (once NS), is RFC 9768 §3.1.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |          source port          |       destination port        |
 *   |                        sequence number                        |
 *   |                     acknowledgment number                     |
 *   | offset| rsv |A C E U A P R S F|            window             |
 *   |           checksum            |        urgent pointer         |
 */
import { readInt32, readUint16, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { type Seq, seq } from "../base/seq.ts";

export const TCP_HEADER_SIZE = 20;
export const TCP_MAX_HEADER_SIZE = 60;

export const TCP_FLAG = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ece: 64,
  cwr: 128,
  ae: 256,
} as const;

export class TcpHeader {
  sourcePort = 0;
  destinationPort = 0;
  sequence: Seq = seq(0);
  acknowledgment: Seq = seq(0);
  /** The header with its options, in bytes: 20 … 60. */
  dataOffset = TCP_HEADER_SIZE;
  /** A sum of `TCP_FLAG`. */
  flags = 0;
  /** As it stands in the header: not scaled. */
  window = 0;
  checksum = 0;
  urgentPointer = 0;

  /**
   * Reads the fixed part; the options are `[start + 20, start + dataOffset)`, which lies within the segment.
   */
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start < TCP_HEADER_SIZE) return "tcp-truncated";
    const offsetAndFlags = readUint16(bytes, start + 12);
    const dataOffset = (offsetAndFlags >>> 12) * 4;
    if (dataOffset < TCP_HEADER_SIZE || dataOffset > end - start) return "tcp-bad-offset";
    this.sourcePort = readUint16(bytes, start);
    this.destinationPort = readUint16(bytes, start + 2);
    this.sequence = readInt32(bytes, start + 4) as Seq;
    this.acknowledgment = readInt32(bytes, start + 8) as Seq;
    this.dataOffset = dataOffset;
    this.flags = offsetAndFlags & 0x1ff;
    this.window = readUint16(bytes, start + 14);
    this.checksum = readUint16(bytes, start + 16);
    this.urgentPointer = readUint16(bytes, start + 18);
    return undefined;
  }

  /**
   * Writes the fixed part, with the fields as they are; options and checksum are for the caller to complete.
   */
  write(bytes: Uint8Array, at: number): number {
    writeUint16(bytes, at, this.sourcePort);
    writeUint16(bytes, at + 2, this.destinationPort);
    writeUint32(bytes, at + 4, this.sequence);
    writeUint32(bytes, at + 8, this.acknowledgment);
    writeUint16(bytes, at + 12, ((this.dataOffset >>> 2) << 12) | (this.flags & 0x1ff));
    writeUint16(bytes, at + 14, this.window);
    writeUint16(bytes, at + 16, this.checksum);
    writeUint16(bytes, at + 18, this.urgentPointer);
    return TCP_HEADER_SIZE;
  }
}

/** The letters of the flags, lowest bit first: tcpdump's. */
const FLAG_LETTERS = "FSRP.UEWe";

/** The flags as tcpdump shows them: `S`, `S.`, `P.`, `none`. */
export function tcpFlagsText(flags: number): string {
  let text = "";
  for (let bit = 0; bit < FLAG_LETTERS.length; bit++) {
    if ((flags & (1 << bit)) !== 0) text += FLAG_LETTERS[bit];
  }
  return text === "" ? "none" : text;
}
