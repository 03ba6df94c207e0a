/**
 * Frames for tests of what reads them: built from the formats' pictures, byte by byte, without `src/wire`, so
 * that a mistake there cannot hide itself.
 */
import { ip } from "../../src/wire/address.ts";

export type Piece = number | readonly number[] | Uint8Array;

/** Bytes from pieces: a number is one byte. */
export function join(...pieces: readonly Piece[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += typeof piece === "number" ? 1 : piece.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(typeof piece === "number" ? [piece] : piece, at);
    at += typeof piece === "number" ? 1 : piece.length;
  }
  return bytes;
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

export function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

/** Bytes 0, 1, 2, … */
export function counting(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index & 0xff);
}

export function addressBytes(text: string): number[] {
  const address = ip(text);
  const bytes = new Uint8Array(address.size);
  address.write(bytes, 0);
  return Array.from(bytes);
}

export function macBytes(text: string): number[] {
  return text.split(":").map(part => Number.parseInt(part, 16));
}

/** RFC 1071, the slow way. */
export function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i += 2) total += (bytes[i] as number) * 256 + (bytes[i + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return ~total & 0xffff;
}

function withChecksum(bytes: Uint8Array, at: number, covered: Uint8Array = bytes): Uint8Array {
  const value = sum(covered);
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
  return bytes;
}

function pseudoHeader(
  source: string,
  destination: string,
  protocol: number,
  segment: Uint8Array,
): Uint8Array {
  return join(addressBytes(source), addressBytes(destination), u32(segment.length), u32(protocol), segment);
}

export interface Ends {
  readonly source: string;
  readonly destination: string;
}

export interface Ipv4Fields extends Ends {
  readonly protocol: number;
  readonly id?: number;
  /** Flags and offset, as the 16 bits. */
  readonly fragment?: number;
  readonly ttl?: number;
  readonly options?: Piece;
  readonly totalLength?: number;
}

export function ipv4(fields: Ipv4Fields, payload: Uint8Array): Uint8Array {
  const options = join(fields.options ?? []);
  const headerLength = 20 + options.length;
  const header = join(
    0x40 | (headerLength / 4),
    0,
    u16(fields.totalLength ?? headerLength + payload.length),
    u16(fields.id ?? 1),
    u16(fields.fragment ?? 0),
    fields.ttl ?? 64,
    fields.protocol,
    u16(0),
    addressBytes(fields.source),
    addressBytes(fields.destination),
    options,
  );
  return join(withChecksum(header, 10), payload);
}

export interface Ipv6Fields extends Ends {
  readonly nextHeader: number;
  readonly hopLimit?: number;
  readonly payloadLength?: number;
}

export function ipv6(fields: Ipv6Fields, payload: Uint8Array): Uint8Array {
  return join(
    u32(0x6000_0000),
    u16(fields.payloadLength ?? payload.length),
    fields.nextHeader,
    fields.hopLimit ?? 64,
    addressBytes(fields.source),
    addressBytes(fields.destination),
    payload,
  );
}

/** IPv4 or IPv6 by the addresses. */
export function ipPacket({ source, destination }: Ends, protocol: number, payload: Uint8Array): Uint8Array {
  return source.includes(":")
    ? ipv6({ source, destination, nextHeader: protocol }, payload)
    : ipv4({ source, destination, protocol }, payload);
}

export interface TcpFields extends Ends {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly flags?: number;
  readonly window?: number;
  readonly urgent?: number;
  readonly options?: Piece;
  readonly payload?: Piece;
}

export const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

export function tcpSegment(fields: TcpFields): Uint8Array {
  const given = join(fields.options ?? []);
  const options = join(given, zeros((4 - (given.length % 4)) % 4));
  const segment = join(
    u16(fields.sourcePort),
    u16(fields.destinationPort),
    u32(fields.sequence ?? 0),
    u32(fields.acknowledgment ?? 0),
    ((20 + options.length) / 4) << 4,
    fields.flags ?? FLAG.ack,
    u16(fields.window ?? 65_535),
    u16(0),
    u16(fields.urgent ?? 0),
    options,
    fields.payload ?? [],
  );
  return withChecksum(segment, 16, pseudoHeader(fields.source, fields.destination, 6, segment));
}

export function tcp(fields: TcpFields): Uint8Array {
  return ipPacket(fields, 6, tcpSegment(fields));
}

export interface UdpFields extends Ends {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload?: Piece;
  readonly length?: number;
}

export function udpDatagram(fields: UdpFields): Uint8Array {
  const payload = join(fields.payload ?? []);
  const datagram = join(
    u16(fields.sourcePort),
    u16(fields.destinationPort),
    u16(fields.length ?? 8 + payload.length),
    u16(0),
    payload,
  );
  return withChecksum(datagram, 6, pseudoHeader(fields.source, fields.destination, 17, datagram));
}

export function udp(fields: UdpFields): Uint8Array {
  return ipPacket(fields, 17, udpDatagram(fields));
}

export function icmpv4(ends: Ends, type: number, code: number, rest: Piece): Uint8Array {
  return ipv4({ ...ends, protocol: 1 }, withChecksum(join(type, code, u16(0), rest), 2));
}

export function icmpv6Message(ends: Ends, type: number, code: number, rest: Piece): Uint8Array {
  const message = join(type, code, u16(0), rest);
  return withChecksum(message, 2, pseudoHeader(ends.source, ends.destination, 58, message));
}

export function icmpv6(ends: Ends, type: number, code: number, rest: Piece, hopLimit = 255): Uint8Array {
  return ipv6({ ...ends, nextHeader: 58, hopLimit }, icmpv6Message(ends, type, code, rest));
}

/** With its checksum, which is that of ICMP. */
export function igmp(ends: Ends, message: Piece): Uint8Array {
  return ipv4({ ...ends, protocol: 2, ttl: 1, options: [148, 4, 0, 0] }, withChecksum(join(message), 2));
}

export const MAC_A = "02:00:00:00:00:01";
export const MAC_B = "02:00:00:00:00:02";

export function ethernet(type: number, payload: Piece, tags: readonly number[] = []): Uint8Array {
  const tagged = tags.flatMap(tag => [...u16(0x8100), ...u16(tag)]);
  return join(macBytes(MAC_B), macBytes(MAC_A), tagged, u16(type), payload);
}

/** An Ethernet frame around an IP packet. */
export function framed(packet: Uint8Array, tags: readonly number[] = []): Uint8Array {
  return ethernet((packet[0] as number) >>> 4 === 6 ? 0x86dd : 0x0800, packet, tags);
}

export interface ArpFields {
  readonly operation: number;
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

export function arp(fields: ArpFields): Uint8Array {
  return join(
    u16(1),
    u16(0x0800),
    6,
    4,
    u16(fields.operation),
    macBytes(fields.senderMac),
    addressBytes(fields.senderIp),
    macBytes(fields.targetMac),
    addressBytes(fields.targetIp),
  );
}
