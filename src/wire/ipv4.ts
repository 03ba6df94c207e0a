/**
 * The IPv4 header. RFC 791 §3.1; the TOS octet is RFC 2474 (DSCP) and RFC 3168 (ECN).
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |version|  IHL  | traffic class |         total length          |
 *   |        identification         |0|D|M|    fragment offset      |
 *   |   hop limit   |   protocol    |        header checksum        |
 *   |                        source address                         |
 *   |                      destination address                      |
 *   |                       options, padded …                       |
 */
import { readUint16, writeUint16 } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { AddressCache, ANY_V4, type IpAddress } from "./address.ts";

export const IPV4_HEADER_SIZE = 20;
export const IPV4_MAX_HEADER_SIZE = 60;

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const NO_OPTIONS = new Uint8Array(0);

export class Ipv4Header {
  /** With options, in bytes: 20 … 60. `write` sets it from `options`. */
  headerLength = IPV4_HEADER_SIZE;
  /** The whole TOS octet: DSCP and ECN. */
  trafficClass = 0;
  /** Header and payload, in bytes. */
  totalLength = IPV4_HEADER_SIZE;
  identification = 0;
  dontFragment = false;
  moreFragments = false;
  /** In bytes: a multiple of 8. */
  fragmentOffset = 0;
  hopLimit = 0;
  protocol = 0;
  /** As read; `write` computes it. */
  checksum = 0;
  source: IpAddress = ANY_V4;
  destination: IpAddress = ANY_V4;
  /** Where the options lie in the bytes that were read. */
  optionsStart = 0;
  optionsEnd = 0;
  /**
   * What `write` writes behind the fixed part, padded to a multiple of 4. After `read` a view of what was
   * read.
   */
  options: Uint8Array = NO_OPTIONS;
  readonly #addresses = new AddressCache();

  /**
   * Reads a header whose packet lies in `[start, end)`; bytes behind `totalLength` are padding of the link.
   */
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    const problem = this.readQuoted(bytes, start, end);
    if (problem !== undefined) return problem;
    return this.totalLength > end - start ? "ip-bad-total-length" : undefined;
  }

  /** As `read`, for the packet that an ICMP error quotes: only the header need be whole. */
  readQuoted(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start < 1) return "ip-truncated";
    const first = bytes[start] as number;
    if (first >>> 4 !== 4) return "ip-bad-version";
    if (end - start < IPV4_HEADER_SIZE) return "ip-truncated";
    const headerLength = (first & 0xf) * 4;
    if (headerLength < IPV4_HEADER_SIZE || headerLength > end - start) return "ip-bad-header-length";
    const totalLength = readUint16(bytes, start + 2);
    if (totalLength < headerLength) return "ip-bad-total-length";
    const fragment = readUint16(bytes, start + 6);
    this.headerLength = headerLength;
    this.trafficClass = bytes[start + 1] as number;
    this.totalLength = totalLength;
    this.identification = readUint16(bytes, start + 4);
    this.dontFragment = (fragment & DONT_FRAGMENT) !== 0;
    this.moreFragments = (fragment & MORE_FRAGMENTS) !== 0;
    this.fragmentOffset = (fragment & 0x1fff) * 8;
    this.hopLimit = bytes[start + 8] as number;
    this.protocol = bytes[start + 9] as number;
    this.checksum = readUint16(bytes, start + 10);
    this.source = this.#addresses.read(4, bytes, start + 12);
    this.destination = this.#addresses.read(4, bytes, start + 16);
    this.optionsStart = start + IPV4_HEADER_SIZE;
    this.optionsEnd = start + headerLength;
    this.options =
      headerLength === IPV4_HEADER_SIZE ? NO_OPTIONS : bytes.subarray(this.optionsStart, this.optionsEnd);
    return undefined;
  }

  /** Writes the header with its checksum. */
  write(bytes: Uint8Array, at: number): number {
    const headerLength = IPV4_HEADER_SIZE + ((this.options.length + 3) & ~3);
    this.headerLength = headerLength;
    bytes[at] = 0x40 | (headerLength >>> 2);
    bytes[at + 1] = this.trafficClass;
    writeUint16(bytes, at + 2, this.totalLength);
    writeUint16(bytes, at + 4, this.identification);
    writeUint16(
      bytes,
      at + 6,
      (this.dontFragment ? DONT_FRAGMENT : 0) |
        (this.moreFragments ? MORE_FRAGMENTS : 0) |
        (this.fragmentOffset >>> 3),
    );
    bytes[at + 8] = this.hopLimit;
    bytes[at + 9] = this.protocol;
    writeUint16(bytes, at + 10, 0);
    this.source.write(bytes, at + 12);
    this.destination.write(bytes, at + 16);
    if (this.options.length > 0) {
      bytes.set(this.options, at + IPV4_HEADER_SIZE);
      bytes.fill(0, at + IPV4_HEADER_SIZE + this.options.length, at + headerLength);
    }
    this.checksum = checksum(bytes, at, at + headerLength);
    writeUint16(bytes, at + 10, this.checksum);
    return headerLength;
  }
}

export function ipv4ChecksumIsGood(bytes: Uint8Array, start: number, headerLength: number): boolean {
  return checksum(bytes, start, start + headerLength) === 0;
}
