/**
 * One line of text per packet, in the form of `tcpdump -n`. The text has no time: see `line-time.ts`.
 *
 * Where we deliberately differ from tcpdump 4.99:
 * - what TCP and UDP carry is not decoded (tcpdump shows HTTP, DNS, … on their ports): only the length is
 *   shown;
 * - a bad checksum, when checking is asked for, is a note at the end of the line; tcpdump needs -v, and
 *   several lines;
 * - an unknown EtherType or link type is one line, without the bytes; 802.3 frames are not looked into;
 * - SCTP and DCCP, EIGRP, OSPF, GRE and the like are shown by number; MPTCP as an unknown option;
 * - Linux cooked v2 shows the interface's index, since its name is not in the packet;
 * - the user timeout option follows RFC 5482;
 * - relative sequence numbers are remembered for a bounded number of flows;
 * - of a TCP option that was not captured whole, only the name is shown;
 * - of an IPv6 header that was not captured whole, "IP6" at least is shown;
 * - a jumbogram's length (RFC 2675) is not followed.
 */
import { readUint16, readUint32 } from "../base/bytes.ts";
import { macText, readMac } from "../wire/mac-address.ts";
import { ETHER_TYPE } from "../wire/protocol.ts";
import { addArp } from "./line/arp-line.ts";
import { FlowTable } from "./line/flow-table.ts";
import { addIp, addIpv4, addIpv6 } from "./line/ip-line.ts";
import { Line, type LineOptions } from "./line/line.ts";
import {
  LINK_TYPE,
  LINUX_COOKED_LENGTH,
  LINUX_COOKED2_LENGTH,
  NULL_LENGTH,
  nullEtherType,
  nullFamily,
} from "./link-type.ts";

const ETHERNET_LENGTH = 14;
const TAG_LENGTH = 4;
/** IEEE 802.3 §3.2.6: up to here the field is a length. */
const MAX_LENGTH_FIELD = 1500;
const DEFAULT_FLOWS = 4096;

/** Tags of IEEE 802.1Q, 802.1ad and their forerunners. */
const TAG_TYPES: readonly number[] = [ETHER_TYPE.vlan, 0x88a8, 0x9100, 0x9200];

/** sll_pkttype. */
const COOKED_DIRECTIONS: readonly string[] = ["In", "B", "M", "P", "Out"];

export interface PacketLineOptions {
  /** Sequence numbers as they are on the wire, like `tcpdump -S`. */
  readonly absoluteSequence?: boolean;
  /** Mark bad checksums of IP, ICMP, UDP and TCP. */
  readonly verifyChecksums?: boolean;
  /** How many TCP flows are remembered for relative numbers. */
  readonly maxFlows?: number;
  /** Show the Ethernet addresses and VLAN tags first, like `tcpdump -e`. */
  readonly linkHeader?: boolean;
}

/** Turns packets, in the order they were seen, into lines. */
export class PacketLines {
  readonly #options: LineOptions;
  readonly #linkHeader: boolean;

  constructor(options: PacketLineOptions = {}) {
    this.#options = {
      flows: options.absoluteSequence === true ? undefined : new FlowTable(options.maxFlows ?? DEFAULT_FLOWS),
      verifyChecksums: options.verifyChecksums ?? false,
    };
    this.#linkHeader = options.linkHeader ?? false;
  }

  /**
   * The line of the packet whose captured bytes are `bytes[start, end)`, and whose length on the wire was
   * `length`.
   */
  line(linkType: number, bytes: Uint8Array, start = 0, end = bytes.length, length = end - start): string {
    const line = new Line(bytes, end, this.#options);
    this.#add(line, linkType, start, length);
    return line.finish();
  }

  #add(line: Line, linkType: number, at: number, length: number): Line {
    switch (linkType) {
      case LINK_TYPE.ethernet:
        return this.#addEthernet(line, at, length);
      case LINK_TYPE.raw:
      case LINK_TYPE.ipv4:
      case LINK_TYPE.ipv6:
        return addIp(line, at, length);
      case LINK_TYPE.null:
        return addNull(line, at, length);
      case LINK_TYPE.linuxCooked:
        return addCooked(line, at, length);
      case LINK_TYPE.linuxCooked2:
        return addCooked2(line, at, length);
      default:
        return line.add(`link type ${linkType}, length ${length}`);
    }
  }

  #addEthernet(line: Line, start: number, length: number): Line {
    if (!line.has(start, ETHERNET_LENGTH)) return line.truncated("ether");
    let at = start + ETHERNET_LENGTH;
    let type = readUint16(line.bytes, at - 2);
    let tags = "";
    while (TAG_TYPES.includes(type)) {
      if (!line.has(at, TAG_LENGTH)) return line.truncated("vlan");
      tags += tagText(readUint16(line.bytes, at));
      type = readUint16(line.bytes, at + 2);
      at += TAG_LENGTH;
    }
    if (this.#linkHeader) {
      line.add(`${ends(line, start)}, ethertype ${typeText(type)}, length ${length}: ${tags}`);
    }
    if (type <= MAX_LENGTH_FIELD) {
      return line.add(this.#linkHeader ? "802.3" : `${ends(line, start)}, 802.3, length ${type}`);
    }
    if (addNetwork(line, type, at, length - (at - start)) || this.#linkHeader) return line;
    return line.add(`${ends(line, start)}, ethertype ${typeText(type)}, length ${length}`);
  }
}

function ends(line: Line, at: number): string {
  return `${macText(readMac(line.bytes, at + 6))} > ${macText(readMac(line.bytes, at))}`;
}

/** IEEE 802.1Q §9.6: identifier, priority, drop eligibility. */
function tagText(control: number): string {
  const eligible = (control & 0x1000) === 0 ? "" : ", DEI";
  return `vlan ${control & 0xfff}, p ${control >>> 13}${eligible}, `;
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [ETHER_TYPE.ipv4]: "IPv4",
  [ETHER_TYPE.ipv6]: "IPv6",
  [ETHER_TYPE.arp]: "ARP",
  [ETHER_TYPE.rarp]: "Reverse ARP",
};

function typeText(type: number): string {
  const number = `(0x${type.toString(16).padStart(4, "0")})`;
  return `${TYPE_NAMES[type] ?? "Unknown"} ${number}`;
}

/** False when the EtherType is not known. */
function addNetwork(line: Line, type: number, at: number, length: number): boolean {
  switch (type) {
    case ETHER_TYPE.ipv4:
      addIpv4(line, at, length);
      return true;
    case ETHER_TYPE.ipv6:
      addIpv6(line, at, length);
      return true;
    case ETHER_TYPE.arp:
    case ETHER_TYPE.rarp:
      addArp(line, at, length);
      return true;
    default:
      return false;
  }
}

function addNull(line: Line, at: number, length: number): Line {
  if (!line.has(at, NULL_LENGTH)) return line.truncated("null");
  const family = nullFamily(line.bytes, at);
  const type = nullEtherType(family);
  const known = type !== undefined && addNetwork(line, type, at + NULL_LENGTH, length - NULL_LENGTH);
  return known ? line : line.add(`AF ${family}, length ${length}`);
}

/** LINKTYPE_LINUX_SLL. */
function addCooked(line: Line, at: number, length: number): Line {
  if (!line.has(at, LINUX_COOKED_LENGTH)) return line.truncated("sll");
  return addCookedPayload(
    line,
    readUint16(line.bytes, at + 14),
    at + LINUX_COOKED_LENGTH,
    length - LINUX_COOKED_LENGTH,
  );
}

/** LINKTYPE_LINUX_SLL2. */
function addCooked2(line: Line, at: number, length: number): Line {
  if (!line.has(at, LINUX_COOKED2_LENGTH)) return line.truncated("sll2");
  const direction = COOKED_DIRECTIONS[line.bytes[at + 10] as number] ?? "?";
  line.add(`${`if${readUint32(line.bytes, at + 4)}`.padEnd(5)} ${direction.padEnd(3)} `);
  return addCookedPayload(
    line,
    readUint16(line.bytes, at),
    at + LINUX_COOKED2_LENGTH,
    length - LINUX_COOKED2_LENGTH,
  );
}

function addCookedPayload(line: Line, type: number, at: number, length: number): Line {
  if (addNetwork(line, type, at, length)) return line;
  return line.add(`ethertype ${typeText(type)}, length ${length}`);
}
