/**
 * The IPv6 header. RFC 8200 §3. Extension headers: ipv6-extensions.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |version| traffic class |              flow label               |
 *   |        payload length         |  next header  |   hop limit   |
 *   |                   source address, 16 bytes                    |
 *   |                 destination address, 16 bytes                 |
 */
import { readInt32, readUint16, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { AddressCache, ANY_V6, type IpAddress } from "./address.ts";

export const IPV6_HEADER_SIZE = 40;
/** RFC 8200 §5: every link carries this much. */
export const IPV6_MIN_MTU = 1_280;

export class Ipv6Header {
  /** DSCP and ECN. */
  trafficClass = 0;
  flowLabel = 0;
  /** All that follows the 40 bytes; 0 in a jumbogram (RFC 2675). */
  payloadLength = 0;
  nextHeader = 0;
  hopLimit = 0;
  source: IpAddress = ANY_V6;
  destination: IpAddress = ANY_V6;
  readonly #addresses = new AddressCache();

  /**
   * Reads a header whose packet lies in `[start, end)`; bytes behind `payloadLength` are padding of the link.
   */
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    const problem = this.readQuoted(bytes, start, end);
    if (problem !== undefined) return problem;
    return this.payloadLength > end - start - IPV6_HEADER_SIZE ? "ip-bad-total-length" : undefined;
  }

  /** As `read`, for the packet that an ICMP error quotes: only the header need be whole. */
  readQuoted(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start < 1) return "ip-truncated";
    if ((bytes[start] as number) >>> 4 !== 6) return "ip-bad-version";
    if (end - start < IPV6_HEADER_SIZE) return "ip-truncated";
    const first = readInt32(bytes, start);
    this.trafficClass = (first >>> 20) & 0xff;
    this.flowLabel = first & 0xfffff;
    this.payloadLength = readUint16(bytes, start + 4);
    this.nextHeader = bytes[start + 6] as number;
    this.hopLimit = bytes[start + 7] as number;
    this.source = this.#addresses.read(6, bytes, start + 8);
    this.destination = this.#addresses.read(6, bytes, start + 24);
    return undefined;
  }

  write(bytes: Uint8Array, at: number): number {
    writeUint32(bytes, at, 0x6000_0000 | (this.trafficClass << 20) | this.flowLabel);
    writeUint16(bytes, at + 4, this.payloadLength);
    bytes[at + 6] = this.nextHeader;
    bytes[at + 7] = this.hopLimit;
    this.source.write(bytes, at + 8);
    this.destination.write(bytes, at + 24);
    return IPV6_HEADER_SIZE;
  }
}
