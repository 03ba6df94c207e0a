/**
 * The UDP header. RFC 768; over IPv6 the checksum is mandatory, RFC 8200 §8.1.
 */
import { readUint16, writeUint16 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import type { IpAddress } from "./address.ts";
import { IP_PROTOCOL } from "./protocol.ts";
import { transportChecksum } from "./pseudo-header.ts";

export const UDP_HEADER_SIZE = 8;

export class UdpHeader {
  sourcePort = 0;
  destinationPort = 0;
  /** Header and payload, in bytes. */
  length = UDP_HEADER_SIZE;
  /** 0: the sender computed none. */
  checksum = 0;

  /**
   * The datagram is `[start, start + length)`; what lies behind it within the IP payload is not part of it.
   */
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start < UDP_HEADER_SIZE) return "udp-truncated";
    const length = readUint16(bytes, start + 4);
    if (length < UDP_HEADER_SIZE || length > end - start) return "udp-bad-length";
    this.sourcePort = readUint16(bytes, start);
    this.destinationPort = readUint16(bytes, start + 2);
    this.length = length;
    this.checksum = readUint16(bytes, start + 6);
    return undefined;
  }

  /** Writes the fields as they are, the checksum too. */
  write(bytes: Uint8Array, at: number): number {
    writeUint16(bytes, at, this.sourcePort);
    writeUint16(bytes, at + 2, this.destinationPort);
    writeUint16(bytes, at + 4, this.length);
    writeUint16(bytes, at + 6, this.checksum);
    return UDP_HEADER_SIZE;
  }
}

/** What belongs into the checksum field of the datagram `bytes[start, end)`, whose field is zero: never 0. */
export function udpChecksum(
  source: IpAddress,
  destination: IpAddress,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const sum = transportChecksum(source, destination, IP_PROTOCOL.udp, bytes, start, end);
  return sum === 0 ? 0xffff : sum;
}

/**
 * Whether the filled checksum field of the datagram `bytes[start, end)` is right. A field of 0 is for the
 * caller.
 */
export function udpChecksumIsGood(
  source: IpAddress,
  destination: IpAddress,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  return transportChecksum(source, destination, IP_PROTOCOL.udp, bytes, start, end) === 0;
}
