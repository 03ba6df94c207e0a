/**
 * The arriving segment: one scratch object a host, filled for each packet. RFC 9293 §3.3.1 calls its fields
 * SEG.*. Its checksum is looked at first (§3.1, MUST-3).
 */
import { foldChecksum } from "../base/checksum.ts";
import type { DropReason } from "../base/drop-reason.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { type Seq, seq, seqAdd } from "../base/seq.ts";
import { ANY_V4, type IpAddress } from "../wire/address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { addressSum, lengthSum } from "../wire/pseudo-header.ts";
import { TCP_FLAG, TCP_HEADER_SIZE, TcpHeader } from "../wire/tcp.ts";
import { TcpOptions } from "../wire/tcp-options.ts";
import { signatureOf } from "./md5-signatures.ts";
import type { Delivery } from "./tcp-context.ts";
import type { FourTuple } from "./tcp-probe.ts";

const NO_BYTES = new Uint8Array(0);

/** The segment's addresses and ports, seen from here: they change with it. */
class SegmentTuple implements FourTuple {
  readonly #segment: Segment;

  constructor(segment: Segment) {
    this.#segment = segment;
  }

  get local(): IpAddress {
    return this.#segment.destination;
  }

  get localPort(): number {
    return this.#segment.destinationPort;
  }

  get remote(): IpAddress {
    return this.#segment.source;
  }

  get remotePort(): number {
    return this.#segment.sourcePort;
  }
}

export class Segment {
  readonly header = new TcpHeader();
  readonly options = new TcpOptions();
  /** The sender's end, and ours. */
  source: IpAddress = ANY_V4;
  destination: IpAddress = ANY_V4;
  sourcePort = 0;
  destinationPort = 0;
  readonly tuple: FourTuple = new SegmentTuple(this);
  /** SEG.SEQ and SEG.ACK. Trimming old text moves `seq` forward. */
  seq: Seq = seq(0);
  ack: Seq = seq(0);
  flags = 0;
  /** SEG.WND as in the header, not scaled yet. */
  window = 0;
  urgentPointer = 0;
  /** Borrowed; the text lies in `bytes[textStart, textEnd)`. */
  #packet: PacketBuffer | undefined = undefined;
  bytes: Uint8Array = NO_BYTES;
  textStart = 0;
  textEnd = 0;
  /** The headers of IP and TCP lie in `bytes[#headersStart, #headersEnd)`. */
  #headersStart = 0;
  #headersEnd = 0;
  #headerAt = 0;
  trafficClass = 0;
  /** The text of each of several that a device merged; 0: it is a segment as it came. */
  segmentSize = 0;

  /** Reads the segment in `packet` from `packet.transport` on. */
  read(packet: PacketBuffer, delivery: Delivery): DropReason | undefined {
    const header = this.header;
    const at = packet.transport;
    const problem = header.read(packet.bytes, at, packet.end);
    if (problem !== undefined) return problem;
    this.source = delivery.source;
    this.destination = delivery.destination;
    this.trafficClass = delivery.trafficClass;
    if (packet.checksum === "unknown" && !this.#checksumIsGood(packet)) return "tcp-bad-checksum";
    if (header.dataOffset > TCP_HEADER_SIZE) {
      this.options.read(packet.bytes, at + TCP_HEADER_SIZE, at + header.dataOffset);
    } else {
      this.options.clear();
    }
    this.sourcePort = header.sourcePort;
    this.destinationPort = header.destinationPort;
    this.seq = header.sequence;
    this.ack = header.acknowledgment;
    this.flags = header.flags;
    this.window = header.window;
    this.urgentPointer = header.urgentPointer;
    this.#packet = packet;
    this.bytes = packet.bytes;
    this.#headersStart = packet.network < 0 ? at : packet.network;
    this.#headerAt = at;
    this.#headersEnd = at + header.dataOffset;
    this.textStart = this.#headersEnd;
    this.textEnd = packet.end;
    this.segmentSize = packet.segmentSize;
    return undefined;
  }

  /** How many segments a device has merged into this one (GRO, RSC); 1 if none. */
  get pieces(): number {
    return this.segmentSize === 0 ? 1 : Math.max(1, Math.ceil(this.textLength / this.segmentSize));
  }

  get isSyn(): boolean {
    return (this.flags & TCP_FLAG.syn) !== 0;
  }

  get isFin(): boolean {
    return (this.flags & TCP_FLAG.fin) !== 0;
  }

  get isRst(): boolean {
    return (this.flags & TCP_FLAG.rst) !== 0;
  }

  get isAck(): boolean {
    return (this.flags & TCP_FLAG.ack) !== 0;
  }

  get isUrg(): boolean {
    return (this.flags & TCP_FLAG.urg) !== 0;
  }

  /** The text. Borrowed, as the packet is. */
  get text(): Uint8Array {
    return this.#packet?.part(this.textStart, this.textEnd) ?? NO_BYTES;
  }

  get textLength(): number {
    return this.textEnd - this.textStart;
  }

  /** SEG.LEN: text, and one each for SYN and FIN. */
  get length(): number {
    return this.textLength + (this.isSyn ? 1 : 0) + (this.isFin ? 1 : 0);
  }

  /** The sequence number after the segment's last. */
  get end(): Seq {
    return seqAdd(this.seq, this.length);
  }

  /**
   * SEG.WND in bytes. That of a SYN is never scaled, not even once the SYN has been trimmed off: RFC 7323
   * §2.2.
   */
  windowIn(scale: number): number {
    return (this.header.flags & TCP_FLAG.syn) !== 0 ? this.window : this.window << scale;
  }

  /** RFC 2385: the signature that the segment has to have. */
  signature(key: Uint8Array): Uint8Array {
    const { source, destination, bytes } = this;
    return signatureOf(source, destination, bytes, this.#headerAt, this.#headersEnd, this.textEnd, key);
  }

  /** A copy of the IP header and the TCP header with its options. */
  headers(): Uint8Array {
    return this.bytes.slice(this.#headersStart, this.#headersEnd);
  }

  /** Takes `count` sequence numbers off the front: a SYN first, then text. */
  trimFront(count: number): void {
    let left = count;
    if (left > 0 && this.isSyn) {
      this.flags &= ~TCP_FLAG.syn;
      left--;
    }
    this.textStart += Math.min(left, this.textLength);
    this.seq = seqAdd(this.seq, count);
  }

  /** Takes `count` sequence numbers off the end: a FIN first, then text. */
  trimEnd(count: number): void {
    let left = count;
    if (left > 0 && this.isFin) {
      this.flags &= ~TCP_FLAG.fin;
      left--;
    }
    this.textEnd -= left;
  }

  #checksumIsGood(packet: PacketBuffer): boolean {
    const { transport, end } = packet;
    const pseudo = addressSum(this.source, this.destination, IP_PROTOCOL.tcp) + lengthSum(end - transport);
    return foldChecksum(packet.sumWords(transport, end, pseudo)) === 0;
  }
}
