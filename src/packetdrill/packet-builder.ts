/** Packets of a script as bytes, with right lengths and checksums: what the stack is given to receive. */
import { writeUint16, writeUint32 } from "../base/bytes.ts";
import { seq } from "../base/seq.ts";
import type { IpAddress } from "../wire/address.ts";
import { IcmpHeader } from "../wire/icmp-header.ts";
import { icmpv4Checksum } from "../wire/icmpv4.ts";
import { icmpv6Checksum } from "../wire/icmpv6.ts";
import { IPV4_HEADER_SIZE, Ipv4Header } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { transportChecksum } from "../wire/pseudo-header.ts";
import { TCP_HEADER_SIZE, TcpHeader } from "../wire/tcp.ts";
import { UDP_HEADER_SIZE, UdpHeader, udpChecksum } from "../wire/udp.ts";
import type { EcnCode, IpSpec, TcpSpec } from "./script.ts";
import { optionsSize, writeOptions } from "./tcp-option-bytes.ts";

export interface Ends {
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  readonly destinationPort: number;
}

const HOP_LIMIT = 255;
const ICMP_HEADER_SIZE = 8;
/** RFC 792: what an error quotes of the datagram behind its header. */
const QUOTED_BYTES = 8;
const ECN_BITS: Readonly<Record<EcnCode, number>> = { noecn: 0, ect1: 1, ect0: 2, ce: 3, ect01: 2 };

const PLAIN: IpSpec = { ecn: undefined, trafficClass: undefined, flowLabel: undefined, hopLimit: undefined };

/** @param tcp With numbers as they go on the wire. */
export function buildTcp(tcp: TcpSpec, ends: Ends, ip: IpSpec): Uint8Array {
  const options = tcp.options ?? [];
  const dataOffset = TCP_HEADER_SIZE + optionsSize(options);
  const size = dataOffset + tcp.length;
  const { bytes, at } = ipPacket(ends, ip, IP_PROTOCOL.tcp, size, size);
  writeTcpHeader(tcp, ends, dataOffset, bytes, at);
  writeOptions(options, bytes, at + TCP_HEADER_SIZE);
  const sum = transportChecksum(ends.source, ends.destination, IP_PROTOCOL.tcp, bytes, at, bytes.length);
  writeUint16(bytes, at + 16, sum);
  return bytes;
}

function writeTcpHeader(tcp: TcpSpec, ends: Ends, dataOffset: number, bytes: Uint8Array, at: number): void {
  const header = new TcpHeader();
  header.sourcePort = ends.sourcePort;
  header.destinationPort = ends.destinationPort;
  header.sequence = seq(tcp.sequence);
  header.acknowledgment = seq(tcp.acknowledgment ?? 0);
  header.dataOffset = dataOffset;
  header.flags = tcp.flags;
  header.window = tcp.window ?? 0;
  header.urgentPointer = tcp.urgentPointer ?? 0;
  header.write(bytes, at);
}

export function buildUdp(length: number, ends: Ends, ip: IpSpec): Uint8Array {
  const size = UDP_HEADER_SIZE + length;
  const { bytes, at } = ipPacket(ends, ip, IP_PROTOCOL.udp, size, size);
  writeUdpHeader(size, ends, bytes, at);
  writeUint16(bytes, at + 6, udpChecksum(ends.source, ends.destination, bytes, at, bytes.length));
  return bytes;
}

function writeUdpHeader(length: number, ends: Ends, bytes: Uint8Array, at: number): void {
  const header = new UdpHeader();
  header.sourcePort = ends.sourcePort;
  header.destinationPort = ends.destinationPort;
  header.length = length;
  header.write(bytes, at);
}

/** The packet that an error is about: `ends` are its own, so the stack is the source. */
export interface Quoted {
  readonly ends: Ends;
  readonly protocol: "tcp" | "udp" | "raw";
  /** Of TCP, as on the wire. */
  readonly sequence: number;
  /** What it carried behind its transport header, or behind IP if raw. */
  readonly length: number;
}

export interface IcmpMessage {
  readonly type: number;
  readonly code: number;
  /** The second word of the header. */
  readonly rest: number;
}

/** An error from the remote end about a packet of the stack. */
export function buildIcmpError(message: IcmpMessage, quoted: Quoted, ip: IpSpec): Uint8Array {
  const { ends } = quoted;
  const isV4 = ends.source.family === 4;
  const quote = quoteOf(quoted);
  const back: Ends = {
    source: ends.destination,
    sourcePort: 0,
    destination: ends.source,
    destinationPort: 0,
  };
  const size = ICMP_HEADER_SIZE + quote.length;
  const protocol = isV4 ? IP_PROTOCOL.icmpv4 : IP_PROTOCOL.icmpv6;
  const { bytes, at } = ipPacket(back, ip, protocol, size, size);
  const header = new IcmpHeader();
  header.type = message.type;
  header.code = message.code;
  header.rest = message.rest | 0;
  header.write(bytes, at);
  bytes.set(quote, at + ICMP_HEADER_SIZE);
  const sum = isV4
    ? icmpv4Checksum(bytes, at, bytes.length)
    : icmpv6Checksum(back.source, back.destination, bytes, at, bytes.length);
  writeUint16(bytes, at + 2, sum);
  return bytes;
}

function quoteOf({ ends, protocol, sequence, length }: Quoted): Uint8Array {
  const number = protocol === "raw" ? 255 : protocol === "udp" ? IP_PROTOCOL.udp : IP_PROTOCOL.tcp;
  const header = protocol === "raw" ? 0 : protocol === "udp" ? UDP_HEADER_SIZE : TCP_HEADER_SIZE;
  const { bytes, at } = ipPacket(ends, PLAIN, number, header + length, QUOTED_BYTES);
  if (protocol === "raw") return bytes;
  if (protocol === "udp") writeUdpHeader(header + length, ends, bytes, at);
  else {
    writeUint16(bytes, at, ends.sourcePort);
    writeUint16(bytes, at + 2, ends.destinationPort);
    writeUint32(bytes, at + 4, sequence);
  }
  return bytes;
}

/**
 * An IP packet whose payload, from `at`, is zero and is to be filled.
 * @param length What the header says of the payload
 * @param present How much of it there is
 */
function ipPacket(
  ends: Ends,
  ip: IpSpec,
  protocol: number,
  length: number,
  present: number,
): { bytes: Uint8Array; at: number } {
  const trafficClass = (ip.trafficClass ?? 0) | (ip.ecn === undefined ? 0 : ECN_BITS[ip.ecn]);
  const hopLimit = ip.hopLimit ?? HOP_LIMIT;
  if (ends.source.family === 6) {
    const bytes = new Uint8Array(IPV6_HEADER_SIZE + present);
    const header = new Ipv6Header();
    header.trafficClass = trafficClass;
    header.flowLabel = ip.flowLabel ?? 0;
    header.payloadLength = length;
    header.nextHeader = protocol;
    header.hopLimit = hopLimit;
    header.source = ends.source;
    header.destination = ends.destination;
    return { bytes, at: header.write(bytes, 0) };
  }
  const bytes = new Uint8Array(IPV4_HEADER_SIZE + present);
  const header = new Ipv4Header();
  header.trafficClass = trafficClass;
  header.totalLength = IPV4_HEADER_SIZE + length;
  header.hopLimit = hopLimit;
  header.protocol = protocol;
  header.source = ends.source;
  header.destination = ends.destination;
  return { bytes, at: header.write(bytes, 0) };
}
