/**
 * From captured packets to TCP segments. Captures are not what a host receives: packets are cut at a snap
 * length, checksums are left to the card, super-segments have no length (RFC 2675 §5, and IPv4's 0 of Linux),
 * so little is refused here.
 */
import { readUint16 } from "../base/bytes.ts";
import { type Seq, seq } from "../base/seq.ts";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import type { IpAddress } from "../wire/address.ts";
import { Ipv4Header } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { ExtensionChain } from "../wire/ipv6-extensions.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../wire/protocol.ts";
import { transportChecksum } from "../wire/pseudo-header.ts";
import { TCP_HEADER_SIZE, TcpHeader } from "../wire/tcp.ts";
import { TcpOptions } from "../wire/tcp-options.ts";
import { networkOf } from "./network-layer.ts";
import { Places } from "./places.ts";

export interface CapturedSegment {
  /** The number of its packet, from 1. */
  readonly packet: number;
  /** Of `Places`. */
  readonly place: number;
  /** µs after the first packet of the capture, with nanoseconds as a fraction. */
  readonly time: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: Seq;
  readonly acknowledgment: Seq;
  readonly flags: number;
  /** As in the header: not scaled. */
  readonly window: number;
  /** Of text, on the wire. */
  readonly length: number;
  /** Of the packet, on the wire. */
  readonly wireLength: number;
  /** IPv4's; 0: there is none. */
  readonly identification: number;
  readonly hopLimit: number;
  /** −1: no such option. */
  readonly mss: number;
  readonly windowScale: number;
  readonly sackPermitted: boolean;
  readonly hasTimestamps: boolean;
  readonly timestampValue: number;
  readonly timestampEcho: number;
  readonly sack: ReadonlyArray<readonly [Seq, Seq]>;
  /** Undefined: not looked at, or not captured whole. */
  readonly checksumIsGood: boolean | undefined;
}

const NO_SACK: ReadonlyArray<readonly [Seq, Seq]> = [];
/** Sums cost more than all the rest: so many segments tell whether a capture's are right. */
const MOST_CHECKSUMS = 20_000;

export class SegmentReader {
  readonly #v4 = new Ipv4Header();
  readonly #v6 = new Ipv6Header();
  readonly #chain = new ExtensionChain();
  readonly #tcp = new TcpHeader();
  readonly #options = new TcpOptions();
  readonly #places = new Places();
  #source: IpAddress | undefined;
  #destination: IpAddress | undefined;
  #identification = 0;
  #hopLimit = 0;
  /** Of the segment: where it starts, and ends on the wire. */
  #start = 0;
  #end = 0;
  #checksums = 0;

  /** Undefined: no TCP, or too little of it was captured. */
  read(packet: CapturedPacket, number: number, epoch: number): CapturedSegment | undefined {
    const { bytes } = packet;
    const { etherType, at } = networkOf(packet.interface.linkType, bytes);
    const isTcp =
      etherType === ETHER_TYPE.ipv4
        ? this.#readIpv4(packet, at)
        : etherType === ETHER_TYPE.ipv6 && this.#readIpv6(packet, at);
    if (!isTcp || bytes.length - this.#start < TCP_HEADER_SIZE) return undefined;
    if (this.#tcp.read(bytes, this.#start, this.#end) !== undefined) return undefined;
    const textStart = this.#start + this.#tcp.dataOffset;
    this.#options.read(bytes, this.#start + TCP_HEADER_SIZE, Math.min(textStart, bytes.length));
    return this.#segment(packet, number, epoch, this.#end - textStart);
  }

  #readIpv4({ bytes, originalLength }: CapturedPacket, at: number): boolean {
    const header = this.#v4;
    // A length of 0 is that of a super-segment beyond 64 KiB: its header is refused for it.
    const isSuper = bytes.length > at + 20 && readUint16(bytes, at + 2) === 0;
    const view = isSuper ? withLength(bytes, at, originalLength - at) : bytes;
    const start = isSuper ? 0 : at;
    if (header.readQuoted(view, start, view.length) !== undefined) return false;
    if (header.protocol !== IP_PROTOCOL.tcp || header.fragmentOffset !== 0) return false;
    this.#source = header.source;
    this.#destination = header.destination;
    this.#identification = header.identification;
    this.#hopLimit = header.hopLimit;
    this.#start = at + header.headerLength;
    this.#end = isSuper ? originalLength : Math.min(at + header.totalLength, originalLength);
    return true;
  }

  #readIpv6({ bytes, originalLength }: CapturedPacket, at: number): boolean {
    const header = this.#v6;
    if (header.readQuoted(bytes, at, bytes.length) !== undefined) return false;
    let offset = at + IPV6_HEADER_SIZE;
    if (header.nextHeader !== IP_PROTOCOL.tcp) {
      this.#chain.read(header, bytes, at, bytes.length);
      if (this.#chain.protocol !== IP_PROTOCOL.tcp) return false;
      if (this.#chain.fragmentAt >= 0 && this.#chain.fragment.offset !== 0) return false;
      offset = this.#chain.offset;
    }
    this.#source = header.source;
    this.#destination = header.destination;
    this.#identification = 0;
    this.#hopLimit = header.hopLimit;
    this.#start = offset;
    const isSuper = header.payloadLength === 0;
    const end = at + IPV6_HEADER_SIZE + header.payloadLength;
    this.#end = isSuper ? originalLength : Math.min(end, originalLength);
    return true;
  }

  #segment(
    packet: CapturedPacket,
    number: number,
    epoch: number,
    length: number,
  ): CapturedSegment | undefined {
    const tcp = this.#tcp;
    const options = this.#options;
    if (this.#source === undefined || this.#destination === undefined) return undefined;
    return {
      packet: number,
      place: this.#places.of(packet),
      time: packet.time - epoch + packet.nanoseconds / 1000,
      source: this.#source,
      destination: this.#destination,
      sourcePort: tcp.sourcePort,
      destinationPort: tcp.destinationPort,
      sequence: tcp.sequence,
      acknowledgment: tcp.acknowledgment,
      flags: tcp.flags,
      window: tcp.window,
      length,
      wireLength: packet.originalLength,
      identification: this.#identification,
      hopLimit: this.#hopLimit,
      mss: options.mss,
      windowScale: options.windowScale,
      sackPermitted: options.sackPermitted,
      hasTimestamps: options.hasTimestamps,
      timestampValue: options.timestampValue,
      timestampEcho: options.timestampEcho,
      sack: options.sackCount === 0 ? NO_SACK : sackOf(options),
      checksumIsGood: this.#checksumIsGood(packet.bytes, this.#source, this.#destination),
    };
  }

  #checksumIsGood(bytes: Uint8Array, source: IpAddress, destination: IpAddress): boolean | undefined {
    if (this.#end > bytes.length || this.#checksums >= MOST_CHECKSUMS) return undefined;
    this.#checksums++;
    return transportChecksum(source, destination, IP_PROTOCOL.tcp, bytes, this.#start, this.#end) === 0;
  }
}

/** The IPv4 header at `at` with the length that it would have, if it could say so. */
function withLength(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const header = bytes.slice(at, at + 60);
  const said = Math.min(length, 0xffff);
  header[2] = said >>> 8;
  header[3] = said & 0xff;
  return header;
}

function sackOf({ sackCount, sackEdges }: TcpOptions): Array<readonly [Seq, Seq]> {
  return Array.from({ length: sackCount }, (_, i) => [
    seq(sackEdges[2 * i] as number),
    seq(sackEdges[2 * i + 1] as number),
  ]);
}
