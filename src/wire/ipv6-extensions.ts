/**
 * IPv6 extension headers: the walk over the chain. RFC 8200 §4; jumbo payload RFC 2675, router alert RFC
 * 2711, routing header type 0 refused by RFC 5095, atomic fragments RFC 6946. AH and ESP are upper layers to
 * us.
 */
import { readInt32, readUint16, readUint32, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { ICMPV6_PARAMETER_PROBLEM } from "./icmpv6.ts";
import { IPV6_HEADER_SIZE, type Ipv6Header } from "./ipv6.ts";
import { IP_PROTOCOL } from "./protocol.ts";

export const IPV6_OPTION = { pad1: 0, padN: 1, routerAlert: 0x05, jumboPayload: 0xc2 } as const;

/** RFC 8200 §4.2: the two high bits of an option say what to do when it is not recognized. */
const UNKNOWN_ACTION = {
  skip: 0,
  discard: 1,
  discardAndReport: 2,
  discardAndReportUnlessMulticast: 3,
} as const;

export const FRAGMENT_HEADER_SIZE = 8;

/**
 * RFC 8200 §4.5.
 *
 *   |  next header  |   reserved    |     fragment offset     |rsv|M|
 *   |                        identification                         |
 */
export class FragmentHeader {
  nextHeader = 0;
  /** In bytes: a multiple of 8. */
  offset = 0;
  moreFragments = false;
  /** Signed. */
  identification = 0;

  /** RFC 6946: a whole packet that has a fragment header all the same. */
  get isAtomic(): boolean {
    return this.offset === 0 && !this.moreFragments;
  }

  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start < FRAGMENT_HEADER_SIZE) return "fragment-malformed";
    const offsetAndFlags = readUint16(bytes, start + 2);
    this.nextHeader = bytes[start] as number;
    // The offset counts units of 8 bytes and stands in the upper 13 bits: it is the number of bytes in place.
    this.offset = offsetAndFlags & ~7;
    this.moreFragments = (offsetAndFlags & 1) !== 0;
    this.identification = readInt32(bytes, start + 4);
    return undefined;
  }

  write(bytes: Uint8Array, at: number): number {
    bytes[at] = this.nextHeader;
    bytes[at + 1] = 0;
    writeUint16(bytes, at + 2, this.offset | (this.moreFragments ? 1 : 0));
    writeUint32(bytes, at + 4, this.identification);
    return FRAGMENT_HEADER_SIZE;
  }
}

/** What the sender of a bad packet is told: never, always, or unless the packet went to a multicast group. */
export type ProblemReport = "never" | "always" | "unless-multicast";

/** The chain of one packet. `problem…` is set when `read` or `walk` has answered a reason. */
export class ExtensionChain {
  /** What follows the chain: a transport, 59 (nothing), or a protocol that we do not know. */
  protocol = 0;
  /** Where that begins. */
  offset = 0;
  /** Where the octet lies that named it: pointer of an ICMPv6 error, and what a fragmenter patches. */
  nextHeaderAt = 0;
  /** Offsets of the headers in `bytes`, or −1. */
  hopByHopAt = -1;
  routingAt = -1;
  destinationOptionsAt = -1;
  fragmentAt = -1;
  readonly fragment = new FragmentHeader();
  /** The router alert's value, or −1. */
  routerAlert = -1;
  /** The payload length of a jumbogram, or −1. */
  jumboLength = -1;
  /**
   * The code of the parameter problem, and the offset of the octet at fault from the start of the IPv6
   * header.
   */
  problemCode = 0;
  problemPointer = 0;
  problemReport: ProblemReport = "never";
  #start = 0;
  #jumboAt = -1;

  /**
   * Walks the chain of the packet whose IPv6 header, already read, lies at `start` and whose last byte is
   * before `end`. Stops at the header of a true fragment: `protocol` and `offset` are then what follows it.
   * An atomic fragment's header (offset 0, no more fragments) is walked over.
   */
  read(header: Ipv6Header, bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    this.#clear(start);
    const problem = this.walk(header.nextHeader, start + 6, bytes, start + IPV6_HEADER_SIZE, end);
    if (problem !== undefined) return problem;
    return this.#checkJumbo(header, end);
  }

  /** Goes on behind a header that has been dealt with, such as a fragment header after reassembly. */
  walk(
    nextHeader: number,
    nextHeaderAt: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): DropReason | undefined {
    this.protocol = nextHeader;
    this.nextHeaderAt = nextHeaderAt;
    this.offset = start;
    for (;;) {
      const at = this.offset;
      let problem: DropReason | undefined;
      switch (this.protocol) {
        case IP_PROTOCOL.hopByHop:
          // §4.1: only directly behind the IPv6 header.
          if (at !== this.#start + IPV6_HEADER_SIZE) {
            return this.#bad(ICMPV6_PARAMETER_PROBLEM.unknownNextHeader, this.nextHeaderAt);
          }
          this.hopByHopAt = at;
          problem = this.#readOptions(bytes, at, end);
          break;
        case IP_PROTOCOL.destinationOptions:
          this.destinationOptionsAt = at;
          problem = this.#readOptions(bytes, at, end);
          break;
        case IP_PROTOCOL.routing:
          this.routingAt = at;
          problem = this.#readRouting(bytes, at, end);
          break;
        case IP_PROTOCOL.fragment:
          problem = this.#readFragment(bytes, at, end);
          if (problem === undefined && !this.fragment.isAtomic) return undefined;
          break;
        default:
          return undefined;
      }
      if (problem !== undefined) return problem;
    }
  }

  #clear(start: number): void {
    this.#start = start;
    this.hopByHopAt = -1;
    this.routingAt = -1;
    this.destinationOptionsAt = -1;
    this.fragmentAt = -1;
    this.routerAlert = -1;
    this.jumboLength = -1;
    this.#jumboAt = -1;
    this.problemCode = 0;
    this.problemPointer = 0;
    this.problemReport = "never";
  }

  #bad(code: number, at: number, report: ProblemReport = "always"): DropReason {
    this.problemCode = code;
    this.problemPointer = at - this.#start;
    this.problemReport = report;
    return "ip-bad-extension-header";
  }

  /**
   * The size of a header that counts itself in units of 8 bytes, the first not counted; or −1 if it is cut
   * off.
   */
  #sizeOf(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 8) return -1;
    const size = 8 * ((bytes[at + 1] as number) + 1);
    return size > end - at ? -1 : size;
  }

  #advance(bytes: Uint8Array, at: number, size: number): void {
    this.protocol = bytes[at] as number;
    this.nextHeaderAt = at;
    this.offset = at + size;
  }

  #readOptions(bytes: Uint8Array, at: number, end: number): DropReason | undefined {
    const size = this.#sizeOf(bytes, at, end);
    if (size < 0) return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, at + 1, "never");
    const optionsEnd = at + size;
    let option = at + 2;
    while (option < optionsEnd) {
      const type = bytes[option] as number;
      if (type === IPV6_OPTION.pad1) {
        option++;
        continue;
      }
      const length = option + 1 < optionsEnd ? (bytes[option + 1] as number) : 0xff;
      if (option + 2 + length > optionsEnd) {
        return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, Math.min(option + 1, optionsEnd - 1));
      }
      const problem = this.#readOption(type, length, bytes, option);
      if (problem !== undefined) return problem;
      option += 2 + length;
    }
    this.#advance(bytes, at, size);
    return undefined;
  }

  #readOption(type: number, length: number, bytes: Uint8Array, option: number): DropReason | undefined {
    // Router alert and jumbo payload are hop-by-hop options; elsewhere they are unknown ones.
    const hopByHop = this.protocol === IP_PROTOCOL.hopByHop;
    if (type === IPV6_OPTION.padN) return undefined;
    if (hopByHop && type === IPV6_OPTION.routerAlert) {
      if (length !== 2) return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, option + 1);
      this.routerAlert = readUint16(bytes, option + 2);
      return undefined;
    }
    if (hopByHop && type === IPV6_OPTION.jumboPayload) {
      if (length !== 4) return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, option + 1);
      const jumboLength = readUint32(bytes, option + 2);
      // RFC 2675 §3
      if (jumboLength <= 0xffff) return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, option + 2);
      this.jumboLength = jumboLength;
      this.#jumboAt = option;
      return undefined;
    }
    switch (type >>> 6) {
      case UNKNOWN_ACTION.skip:
        return undefined;
      case UNKNOWN_ACTION.discard:
        return this.#bad(ICMPV6_PARAMETER_PROBLEM.unknownOption, option, "never");
      case UNKNOWN_ACTION.discardAndReport:
        return this.#bad(ICMPV6_PARAMETER_PROBLEM.unknownOption, option, "always");
      default:
        return this.#bad(ICMPV6_PARAMETER_PROBLEM.unknownOption, option, "unless-multicast");
    }
  }

  /**
   * §4.4: we know no routing type, so a header whose route is not yet walked is refused, and any other is
   * skipped.
   */
  #readRouting(bytes: Uint8Array, at: number, end: number): DropReason | undefined {
    const size = this.#sizeOf(bytes, at, end);
    if (size < 0) return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, at + 1, "never");
    const segmentsLeft = bytes[at + 3] as number;
    if (segmentsLeft !== 0) return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, at + 2);
    this.#advance(bytes, at, size);
    return undefined;
  }

  #readFragment(bytes: Uint8Array, at: number, end: number): DropReason | undefined {
    const problem = this.fragment.read(bytes, at, end);
    if (problem !== undefined) return problem;
    // RFC 2675 §3: a jumbogram is never fragmented.
    if (this.jumboLength >= 0) return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, at);
    this.fragmentAt = at;
    this.#advance(bytes, at, FRAGMENT_HEADER_SIZE);
    return undefined;
  }

  /** RFC 2675 §3: the length stands in the option or in the IPv6 header, never in both or in neither. */
  #checkJumbo(header: Ipv6Header, end: number): DropReason | undefined {
    if (this.jumboLength >= 0) {
      if (header.payloadLength !== 0)
        return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, this.#jumboAt);
      return this.jumboLength > end - this.#start - IPV6_HEADER_SIZE ? "ip-bad-total-length" : undefined;
    }
    if (this.hopByHopAt < 0 || header.payloadLength !== 0) return undefined;
    return this.#bad(ICMPV6_PARAMETER_PROBLEM.erroneousField, this.#start + 4);
  }
}

/**
 * Writes a hop-by-hop or destination options header around `options`, padded by Pad1 or PadN. RFC 8200 §4.2:
 * an option's own alignment is for the caller, who knows that the options begin 2 bytes into the header.
 */
export function writeOptionsHeader(
  nextHeader: number,
  options: Uint8Array,
  bytes: Uint8Array,
  at: number,
): number {
  const used = 2 + options.length;
  const size = (used + 7) & ~7;
  bytes[at] = nextHeader;
  bytes[at + 1] = size / 8 - 1;
  bytes.set(options, at + 2);
  const padding = size - used;
  bytes.fill(0, at + used, at + size);
  if (padding > 1) {
    bytes[at + used] = IPV6_OPTION.padN;
    bytes[at + used + 1] = padding - 2;
  }
  return size;
}
