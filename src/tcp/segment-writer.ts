/**
 * The only file that builds segments. RFC 9293 §3.1. One scratch header, options and packet a host.
 */

import { writeUint16 } from "../base/bytes.ts";
import { foldChecksum } from "../base/checksum.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { MOST_PIECES, type PacketTail } from "../base/packet-tail.ts";
import { type Seq, seq } from "../base/seq.ts";
import { ANY_V4 } from "../wire/address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { addressSum, lengthSum } from "../wire/pseudo-header.ts";
import { TCP_FLAG, TCP_HEADER_SIZE, TcpHeader } from "../wire/tcp.ts";
import { TcpOptions } from "../wire/tcp-options.ts";
import { signatureOf } from "./md5-signatures.ts";
import type { NetPath, TcpContext } from "./tcp-context.ts";
import type { FourTuple, SegmentPurpose, SentSegment, TcpEnd, TcpProbe } from "./tcp-probe.ts";

const CHECKSUM_AT = 16;
const NO_DIGEST = new Uint8Array(16);

/** Whose text a segment carries. */
export interface TextSource {
  copyTo(from: Seq, count: number, target: Uint8Array, at: number): void;
  show(from: Seq, count: number, tail: PacketTail): void;
}

/** A super-segment with less text is copied sooner than it is gathered, in bytes. */
const WORTH_GATHERING = 8_192;

/** Nobody's segment: what a writer holds before its first. */
const NOBODY: FourTuple = { local: ANY_V4, localPort: 0, remote: ANY_V4, remotePort: 0 };

export class SegmentWriter implements SentSegment {
  readonly #context: TcpContext;
  readonly header = new TcpHeader();
  /** The key of the segment's signature. */
  #key: Uint8Array | undefined = undefined;
  /** To be filled in between `begin` and `send`. */
  readonly options = new TcpOptions();
  /** Of the segment that was sent last. */
  textLength = 0;
  segmentSize = 0;
  #from: TcpEnd | FourTuple = NOBODY;
  #why: SegmentPurpose = "ack";

  constructor(context: TcpContext) {
    this.#context = context;
    this.header.dataOffset = TCP_HEADER_SIZE;
  }

  /** Starts a segment without options; `why` is for who looks on. */
  begin(
    from: TcpEnd | FourTuple,
    flags: number,
    sequence: Seq,
    acknowledgment: Seq,
    window: number,
    why: SegmentPurpose,
  ): void {
    const { header } = this;
    this.#from = from;
    this.#why = why;
    header.sourcePort = from.localPort;
    header.destinationPort = from.remotePort;
    header.flags = flags;
    header.sequence = sequence;
    header.acknowledgment = (flags & TCP_FLAG.ack) === 0 ? seq(0) : acknowledgment;
    header.window = window;
    header.urgentPointer = 0;
    this.options.clear();
    this.#key = undefined;
  }

  /** RFC 2385: to be called before the other options, which have less room then. */
  sign(key: Uint8Array | undefined): void {
    this.#key = key;
    if (key !== undefined) this.options.md5 = NO_DIGEST;
  }

  /** RFC 6093: the distance from the segment's sequence number to the octet after the urgent data. */
  urgent(pointer: number): void {
    this.header.flags |= TCP_FLAG.urg;
    this.header.urgentPointer = pointer;
  }

  timestamps(value: number, echo: number): void {
    this.options.hasTimestamps = true;
    this.options.timestampValue = value;
    this.options.timestampEcho = echo;
  }

  /** Builds the segment, with `length` bytes of text from `from` on, and sends it. */
  send(path: NetPath, text?: TextSource, from?: Seq, length = 0, segmentSize = 0): ErrorCode | undefined {
    const { header } = this;
    const optionsSize = this.options.size;
    header.dataOffset = TCP_HEADER_SIZE + optionsSize;
    header.checksum = 0;
    const packet = this.#context.packet();
    const at = packet.append(header.dataOffset);
    packet.transport = at;
    packet.segmentSize = segmentSize;
    header.write(packet.bytes, at);
    if (optionsSize > 0) this.options.write(packet.bytes, at + TCP_HEADER_SIZE);
    if (text !== undefined && from !== undefined && length > 0) {
      const mayGather = segmentSize > 0 && this.#mayGather(path, length);
      if (!mayGather || !gather(packet, text, from, length))
        text.copyTo(from, length, packet.bytes, packet.append(length));
    }
    if (this.#key !== undefined) this.#signature(packet, path, this.#key);
    this.#checksum(packet, path);
    this.#context.counters.segmentsOut++;
    if ((header.flags & TCP_FLAG.rst) !== 0) this.#context.counters.resetsOut++;
    const { probe } = this.#context;
    if (probe === undefined) return path.send(packet, IP_PROTOCOL.tcp);
    this.textLength = length;
    this.segmentSize = segmentSize;
    return this.#sendSeen(probe, path, packet);
  }

  #sendSeen(probe: TcpProbe, path: NetPath, packet: PacketBuffer): ErrorCode | undefined {
    probe.sending?.(this.#from);
    const error = path.send(packet, IP_PROTOCOL.tcp);
    if (error === "ENOBUFS") probe.refused?.(this.#from);
    else probe.sent?.(this.#from, this, this.#why);
    return error;
  }

  /** The text may stay where it is if nobody on the way reads it: the device sums and copies it. */
  #mayGather({ offload }: NetPath, length: number): boolean {
    const isUnread = offload.checksum && this.#key === undefined;
    return length >= WORTH_GATHERING && offload.gathers && isUnread;
  }

  /** The signature is the first of the options, behind two NOPs, kind and length. */
  #signature({ bytes, start, end }: PacketBuffer, { local, remote }: NetPath, key: Uint8Array): void {
    const text = start + this.header.dataOffset;
    const digest = signatureOf(local, remote, bytes, start, text, end, key);
    bytes.set(digest, start + TCP_HEADER_SIZE + 4);
  }

  /** MUST-2: every segment carries one; a device that fills it in gets the pseudo-header's part. */
  #checksum(packet: PacketBuffer, path: NetPath): void {
    const { bytes, start, end } = packet;
    let sum = addressSum(path.local, path.remote, IP_PROTOCOL.tcp) + lengthSum(packet.length);
    if (path.offload.checksum) {
      packet.checksum = "partial";
      writeUint16(bytes, start + CHECKSUM_AT, ~foldChecksum(sum) & 0xffff);
      return;
    }
    sum = packet.sumWords(start, end, sum);
    writeUint16(bytes, start + CHECKSUM_AT, foldChecksum(sum));
  }
}

/** False: the text lies in more pieces than a device gathers. */
function gather(packet: PacketBuffer, text: TextSource, from: Seq, length: number): boolean {
  const tail = packet.gather();
  text.show(from, length, tail);
  if (tail.pieces <= MOST_PIECES) return true;
  tail.clear();
  return false;
}
