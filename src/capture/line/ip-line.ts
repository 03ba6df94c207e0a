/** IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200 §4) in a line. */

import { hex, readUint16, readUint32 } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { IpAddress } from "../../wire/address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { rightChecksum } from "../right-checksum.ts";
import { addIcmpv4 } from "./icmpv4-line.ts";
import { addIcmpv6 } from "./icmpv6-line.ts";
import { addIgmp } from "./igmp-line.ts";
import type { IpContext } from "./ip-context.ts";
import type { Line } from "./line.ts";
import { addTcp } from "./tcp-line.ts";
import { addUdp } from "./udp-line.ts";

const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const IPV4_IN_IP = 4;
const IPV6_IN_IP = 41;
const MORE_FRAGMENTS = 0x2000;
/** Packets within packets: deeper ones are not followed. */
const MAX_DEPTH = 16;

/** A packet of either version, `length` bytes at `at` (captured or not). */
export function addIp(line: Line, at: number, length: number): Line {
  if (!line.has(at, 1)) return line.truncated("ip");
  const version = (line.bytes[at] as number) >>> 4;
  return version === 6 ? addIpv6(line, at, length) : addIpv4(line, at, length);
}

export function addIpv4(line: Line, at: number, length: number): Line {
  const { bytes } = line;
  if (!line.has(at, 1)) return line.truncated("ip");
  const version = (bytes[at] as number) >>> 4;
  if (version === 6) return line.add("IP6, wrong link-layer encapsulation (invalid)");
  if (version !== 4) return line.add(`IP${version} (invalid)`);
  line.add("IP ");
  if (!line.has(at, IPV4_LENGTH)) return line.truncated("ip");
  const headerLength = ((bytes[at] as number) & 0x0f) * 4;
  if (headerLength < IPV4_LENGTH) return line.add(`bad-hlen ${headerLength}`);
  const said = readUint16(bytes, at + 2);
  // 0: the sender left the length to its device (segmentation offload).
  const total = said === 0 ? length : said;
  if (total > length) line.add(`truncated-ip - ${total - length} bytes missing! `);
  if (total < headerLength) return line.add(`bad-len ${total}`);
  line.end = Math.min(line.end, at + total);
  const source = IpAddress.read(4, bytes, at + 12);
  const destination = IpAddress.read(4, bytes, at + 16);
  const fragment = readUint16(bytes, at + 6);
  const protocol = bytes[at + 9] as number;
  if (line.options.verifyChecksums && line.has(at, headerLength)) {
    const left = checksum(bytes, at, at + headerLength);
    const found = readUint16(bytes, at + 10);
    if (left !== 0) line.badChecksum("ip", found, rightChecksum(found, left));
  }
  if ((fragment & 0x1fff) !== 0) return line.add(`${source} > ${destination}: ip-proto-${protocol}`);
  const named = protocol !== IP_PROTOCOL.tcp && protocol !== IP_PROTOCOL.udp;
  if (named) line.add(`${source} > ${destination}: `);
  if (!line.has(at, headerLength)) {
    line.add(` [remaining caplen(${line.end - at}) < header length(${headerLength})]`);
    return line.truncated("ip");
  }
  const hopLimit = bytes[at + 8] as number;
  const fragmented = (fragment & MORE_FRAGMENTS) !== 0;
  return addPayload(
    line,
    { source, destination, hopLimit, fragmented, named },
    4,
    protocol,
    at + headerLength,
    total - headerLength,
  );
}

export function addIpv6(line: Line, at: number, length: number): Line {
  const { bytes } = line;
  if (length < IPV6_LENGTH) return line.add(`truncated-ip6 ${length}`);
  line.add("IP6 ");
  if (!line.has(at, 1)) return line.truncated("ip6");
  const version = (bytes[at] as number) >>> 4;
  if (version !== 6) return line.add(`version error: ${version} != 6`);
  if (!line.has(at, IPV6_LENGTH)) return line.truncated("ip6");
  const total = IPV6_LENGTH + readUint16(bytes, at + 4);
  if (total > length) line.add(`truncated-ip6 - ${total - length} bytes missing!`);
  line.end = Math.min(line.end, at + total);
  return new Ipv6Walk(line, at, total).walk();
}

/** The way through the extension headers of one packet. */
class Ipv6Walk {
  readonly #line: Line;
  readonly #start: number;
  /** Where the packet ends, captured or not. */
  readonly #end: number;
  readonly #source: IpAddress;
  #destination: IpAddress;
  #at: number;
  #next: number;
  #fragmented = false;

  constructor(line: Line, start: number, total: number) {
    this.#line = line;
    this.#start = start;
    this.#end = start + total;
    this.#source = IpAddress.read(6, line.bytes, start + 8);
    this.#destination = IpAddress.read(6, line.bytes, start + 24);
    this.#at = start + IPV6_LENGTH;
    this.#next = line.bytes[start + 6] as number;
  }

  walk(): Line {
    const line = this.#line;
    const named = this.#next !== IP_PROTOCOL.tcp && this.#next !== IP_PROTOCOL.udp;
    if (named) line.add(`${this.#source} > ${this.#destination}: `);
    while (isExtension(this.#next)) {
      if (!this.#extension()) return line;
      if (this.#at > this.#end) return line.truncated("ip6");
    }
    return addPayload(
      line,
      {
        source: this.#source,
        destination: this.#destination,
        hopLimit: line.bytes[this.#start + 7] as number,
        fragmented: this.#fragmented,
        named,
      },
      6,
      this.#next,
      this.#at,
      this.#end - this.#at,
    );
  }

  /** Prints one extension header and steps over it. False when the line ends there. */
  #extension(): boolean {
    switch (this.#next) {
      case IP_PROTOCOL.hopByHop:
        return this.#options("HBH ", "hbhopt");
      case IP_PROTOCOL.destinationOptions:
        return this.#options("DSTOPT ", "dstopt");
      case IP_PROTOCOL.routing:
        return this.#routing();
      default:
        return this.#fragment();
    }
  }

  #options(text: string, protocol: string): boolean {
    const length = this.#headerLength();
    if (length === undefined) return this.#truncated(protocol);
    this.#line.add(text);
    this.#step(length);
    return true;
  }

  /** RFC 8200 §4.4; types 2 (RFC 6275 §6.4) and 4 (RFC 8754 §2). */
  #routing(): boolean {
    const { bytes } = this.#line;
    const at = this.#at;
    const length = this.#headerLength();
    if (length === undefined) return this.#truncated("rt6");
    const units = bytes[at + 1] as number;
    const type = bytes[at + 2] as number;
    const deprecated = type === 0 ? " [Deprecated]" : "";
    let text = `RT6 (len=${units}, type=${type}${deprecated}, segleft=${bytes[at + 3]}`;
    if (type === 0 || type === 2) {
      const reserved = readUint32(bytes, at + 4);
      if (reserved !== 0) text += `, rsv=0x${reserved.toString(16)}`;
    } else if (type === 4) {
      const flags = bytes[at + 5] as number;
      text += `, last-entry=${bytes[at + 4]}${flags === 0 ? "" : `, flags=0x${flags.toString(16)}`}`;
      text += `, tag=${readUint16(bytes, at + 6).toString(16)}`;
    } else {
      this.#line.add(`${text} (unknown type) (invalid)`);
      return false;
    }
    if (units % 2 === 1) {
      this.#line.add(`${text} (invalid length ${units}) (invalid)`);
      return false;
    }
    for (let i = 0; i < units / 2; i++) {
      const hop = IpAddress.read(6, bytes, at + 8 + 16 * i);
      text += `, [${i}]${hop}`;
      // RFC 8200 §8.1: checksums cover the final destination. Type 4 lists its hops in reverse.
      if (bytes[at + 3] !== 0 && (type !== 4 || i === 0)) this.#destination = hop;
    }
    this.#line.add(`${text}) `);
    this.#step(length);
    return true;
  }

  /** RFC 8200 §4.5. */
  #fragment(): boolean {
    const at = this.#at;
    if (!this.#line.has(at, 8)) return this.#truncated("frag6");
    const offset = readUint16(this.#line.bytes, at + 2) & 0xfff8;
    this.#line.add(`frag (${offset}|${this.#end - at - 8})`);
    if (offset !== 0) return false;
    this.#line.add(" ");
    this.#fragmented = true;
    this.#step(8);
    return this.#at < this.#line.end;
  }

  /** Undefined: not all of it is there. */
  #headerLength(): number | undefined {
    if (!this.#line.has(this.#at, 2)) return undefined;
    const length = ((this.#line.bytes[this.#at + 1] as number) + 1) * 8;
    return this.#line.has(this.#at, length) ? length : undefined;
  }

  #step(length: number): void {
    this.#next = this.#line.bytes[this.#at] as number;
    this.#at += length;
  }

  #truncated(protocol: string): false {
    this.#line.truncated(protocol);
    return false;
  }
}

function isExtension(next: number): boolean {
  return (
    next === IP_PROTOCOL.hopByHop ||
    next === IP_PROTOCOL.destinationOptions ||
    next === IP_PROTOCOL.routing ||
    next === IP_PROTOCOL.fragment
  );
}

/** What an IP packet carries: `length` bytes at `at`, of which `line.end` says how many are there. */
function addPayload(
  line: Line,
  ip: IpContext,
  version: 4 | 6,
  protocol: number,
  at: number,
  length: number,
): Line {
  switch (protocol) {
    case IP_PROTOCOL.tcp:
      return addTcp(line, ip, at, length);
    case IP_PROTOCOL.udp:
      return addUdp(line, ip, at, length);
    case IP_PROTOCOL.icmpv4:
      if (version === 6) return line.add("[ICMP requires IPv4] (invalid)");
      return addIcmpv4(line, at, length, ip.fragmented);
    case IP_PROTOCOL.icmpv6:
      if (version === 4) return line.add("[ICMPv6 requires IPv6] (invalid)");
      return addIcmpv6(line, ip, at, length);
    case IP_PROTOCOL.igmp:
      if (version === 6) return line.add("[IGMP requires IPv4] (invalid)");
      return addIgmp(line, at, length);
    case IP_PROTOCOL.esp:
      return addEsp(line, at, length);
    case IP_PROTOCOL.ah:
      return addAh(line, ip, version, at, length);
    case IPV4_IN_IP:
    case IPV6_IN_IP:
      if (++line.depth > MAX_DEPTH) return line.add("[too many packets within packets]");
      return protocol === IPV4_IN_IP ? addIpv4(line, at, length) : addIpv6(line, at, length);
    case IP_PROTOCOL.noNextHeader:
      return line.add("no next header");
    default:
      return line.add(` ip-proto-${protocol} ${length}`);
  }
}

/** RFC 4303 §2. */
function addEsp(line: Line, at: number, length: number): Line {
  if (!line.has(at, 8)) return line.truncated("esp");
  const [index, sequence] = [readUint32(line.bytes, at), readUint32(line.bytes, at + 4)];
  return line.add(
    `ESP(spi=0x${index.toString(16).padStart(8, "0")},seq=0x${sequence.toString(16)}), length ${length}`,
  );
}

/** RFC 4302 §2: a header between, with a length in 32-bit words minus 2. */
function addAh(line: Line, ip: IpContext, version: 4 | 6, at: number, length: number): Line {
  const { bytes } = line;
  const size = line.has(at, 12) ? ((bytes[at + 1] as number) + 2) * 4 : 12;
  if (size < 12 || !line.has(at, size)) return line.truncated("ah");
  const index = readUint32(bytes, at + 4)
    .toString(16)
    .padStart(8, "0");
  const sequence = readUint32(bytes, at + 8).toString(16);
  line.add(`AH(spi=0x${index},seq=0x${sequence},icv=0x${hex(bytes.subarray(at + 12, at + size))}): `);
  if (++line.depth > MAX_DEPTH) return line.add("[too many packets within packets]");
  return addPayload(line, ip, version, bytes[at] as number, at + size, length - size);
}
