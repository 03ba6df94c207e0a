/**
 * Which flow an IP packet belongs to: as much of it as the gateway must know before the host sees the packet.
 */
import { readUint16 } from "../base/bytes.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { ANY_V4, type IpAddress } from "../wire/address.ts";
import { Ipv4Header, ipv4ChecksumIsGood } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { transportChecksum } from "../wire/pseudo-header.ts";
import { TCP_FLAG, TCP_HEADER_SIZE } from "../wire/tcp.ts";
import type { Flow } from "./dialer.ts";

const FLAGS_AT = 13;
const UDP_HEADER_SIZE = 8;
const UDP_CHECKSUM_AT = 6;
const FRAGMENT_HEADER_SIZE = 8;

/** One object, refilled by each packet. */
export class FlowReader implements Flow {
  protocol: "tcp" | "udp" = "tcp";
  source: IpAddress = ANY_V4;
  sourcePort = 0;
  destination: IpAddress = ANY_V4;
  destinationPort = 0;
  /** A SYN without ACK: somebody wants to connect. */
  isOpening = false;
  readonly #v4 = new Ipv4Header();
  readonly #v6 = new Ipv6Header();
  #transport = 0;
  /** Not cut: only then can the transport's checksum be computed. */
  #isWhole = true;
  /** The device has verified the checksum, or needs none. */
  #isTrusted = false;
  #end = 0;

  /** False: no undamaged TCP segment or UDP datagram. Of a datagram in fragments, the first one is read. */
  read(packet: PacketBuffer): boolean {
    const { bytes, start, end } = packet;
    if (end === start) return false;
    this.#isTrusted = packet.checksum !== "unknown";
    const protocol = (bytes[start] as number) >>> 4 === 4 ? this.#readV4(packet) : this.#readV6(packet);
    if (protocol === IP_PROTOCOL.tcp) return this.#readTcp(bytes);
    return protocol === IP_PROTOCOL.udp && this.#readUdp(bytes);
  }

  #readV4({ bytes, start, end }: PacketBuffer): number | undefined {
    const header = this.#v4;
    if (header.read(bytes, start, end) !== undefined) return undefined;
    if (!ipv4ChecksumIsGood(bytes, start, header.headerLength)) return undefined;
    if (header.fragmentOffset > 0) return undefined;
    this.#isWhole = !header.moreFragments;
    this.source = header.source;
    this.destination = header.destination;
    this.#transport = start + header.headerLength;
    this.#end = start + header.totalLength;
    return header.protocol;
  }

  #readV6({ bytes, start, end }: PacketBuffer): number | undefined {
    const header = this.#v6;
    if (header.read(bytes, start, end) !== undefined) return undefined;
    this.source = header.source;
    this.destination = header.destination;
    this.#transport = start + IPV6_HEADER_SIZE;
    this.#end = this.#transport + header.payloadLength;
    this.#isWhole = header.nextHeader !== IP_PROTOCOL.fragment;
    return this.#isWhole ? header.nextHeader : this.#skipFragmentHeader(bytes);
  }

  /** RFC 8200 §4.5. The offset stands in the upper 13 bits. */
  #skipFragmentHeader(bytes: Uint8Array): number | undefined {
    const at = this.#transport;
    if (this.#end - at < FRAGMENT_HEADER_SIZE || readUint16(bytes, at + 2) >>> 3 !== 0) return undefined;
    this.#transport = at + FRAGMENT_HEADER_SIZE;
    return bytes[at] as number;
  }

  #readTcp(bytes: Uint8Array): boolean {
    const at = this.#transport;
    if (this.#end - at < TCP_HEADER_SIZE) return false;
    this.protocol = "tcp";
    this.#readPorts(bytes);
    const flags = bytes[at + FLAGS_AT] as number;
    this.isOpening = (flags & (TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.rst)) === TCP_FLAG.syn;
    // Only what makes the gateway act must be known to be whole: the host checks everything else.
    return !this.isOpening || this.#checksumIsGood(bytes, IP_PROTOCOL.tcp);
  }

  #readUdp(bytes: Uint8Array): boolean {
    if (this.#end - this.#transport < UDP_HEADER_SIZE) return false;
    this.protocol = "udp";
    this.isOpening = false;
    this.#readPorts(bytes);
    const hasChecksum = readUint16(bytes, this.#transport + UDP_CHECKSUM_AT) !== 0;
    return hasChecksum ? this.#checksumIsGood(bytes, IP_PROTOCOL.udp) : this.source.family === 4;
  }

  #readPorts(bytes: Uint8Array): void {
    this.sourcePort = readUint16(bytes, this.#transport);
    this.destinationPort = readUint16(bytes, this.#transport + 2);
  }

  #checksumIsGood(bytes: Uint8Array, protocol: number): boolean {
    const { source, destination } = this;
    if (this.#isTrusted || !this.#isWhole) return true;
    return transportChecksum(source, destination, protocol, bytes, this.#transport, this.#end) === 0;
  }
}
