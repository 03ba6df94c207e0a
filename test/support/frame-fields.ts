/**
 * Frames read by the codecs of `wire/`, layer by layer, and told in the names of tshark's fields.
 */
import type { IpAddress } from "../../src/wire/address.ts";
import { ArpPacket } from "../../src/wire/arp.ts";
import { EthernetHeader } from "../../src/wire/ethernet.ts";
import { Icmpv4Header, icmpv4Checksum, isIcmpv4Error } from "../../src/wire/icmpv4.ts";
import { ICMPV6_TYPE, Icmpv6Header, isIcmpv6Error } from "../../src/wire/icmpv6.ts";
import { Ipv4Header, ipv4ChecksumIsGood } from "../../src/wire/ipv4.ts";
import { Ipv6Header } from "../../src/wire/ipv6.ts";
import { ExtensionChain } from "../../src/wire/ipv6-extensions.ts";
import {
  NeighborAdvertisement,
  NeighborSolicitation,
  Redirect,
  RouterAdvertisement,
  RouterSolicitation,
} from "../../src/wire/ndp.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { transportChecksum } from "../../src/wire/pseudo-header.ts";
import { TCP_HEADER_SIZE, TcpHeader } from "../../src/wire/tcp.ts";
import { TcpOptions } from "../../src/wire/tcp-options.ts";
import { UdpHeader } from "../../src/wire/udp.ts";
import { VlanTag } from "../../src/wire/vlan.ts";
import {
  arpFields,
  CHECKSUM,
  ethernetFields,
  type Fields,
  fragmentFields,
  icmpv4Fields,
  icmpv6Fields,
  ipv4Fields,
  ipv6Fields,
  type NdpMessage,
  ndpFields,
  tcpFields,
  udpFields,
  vlanFields,
} from "./header-fields.ts";

/** All fields of a frame, as our codecs read them. */
export function frameFields(frame: Uint8Array): Fields {
  const ethernet = new EthernetHeader();
  if (ethernet.read(frame, 0, frame.length) !== undefined) return [["_ws.malformed", 1]];
  const fields = ethernetFields(ethernet);
  let { type } = ethernet;
  let at = 14;
  if (type === ETHER_TYPE.vlan) {
    const tag = new VlanTag();
    if (tag.read(frame, at, frame.length) !== undefined) return [["_ws.malformed", 1]];
    fields.push(...vlanFields(tag));
    type = tag.type;
    at += 4;
  }
  if (type === ETHER_TYPE.arp || type === ETHER_TYPE.rarp) {
    const packet = new ArpPacket();
    const problem = packet.read(frame, at, frame.length);
    return [...fields, ...(problem === undefined ? arpFields(packet) : malformed(problem))];
  }
  if (type === ETHER_TYPE.ipv4 || type === ETHER_TYPE.ipv6) {
    fields.push(...ipFields(frame, at, frame.length, false));
  }
  return fields;
}

function malformed(problem: string): Fields {
  return [["_ws.malformed", problem]];
}

/** An IP packet; a quoted one may be cut off behind its header. */
function ipFields(bytes: Uint8Array, start: number, end: number, isQuoted: boolean): Fields {
  return (bytes[start] as number) >>> 4 === 4
    ? ipv4PacketFields(bytes, start, end, isQuoted)
    : ipv6PacketFields(bytes, start, end, isQuoted);
}

function ipv4PacketFields(bytes: Uint8Array, start: number, end: number, isQuoted: boolean): Fields {
  const header = new Ipv4Header();
  const problem = isQuoted ? header.readQuoted(bytes, start, end) : header.read(bytes, start, end);
  if (problem !== undefined) return malformed(problem);
  const fields = ipv4Fields(header);
  const isGood = ipv4ChecksumIsGood(bytes, start, header.headerLength);
  fields.push(["ip.checksum.status", isGood ? CHECKSUM.good : CHECKSUM.bad]);
  if (header.fragmentOffset > 0) return fields;
  const { source, destination, protocol, totalLength } = header;
  const packetEnd = Math.min(end, start + totalLength);
  const isWhole = !header.moreFragments && totalLength <= end - start;
  const carried = { source, destination, protocol, isWhole, isQuoted };
  fields.push(...upperFields(carried, bytes, start + header.headerLength, packetEnd));
  return fields;
}

function ipv6PacketFields(bytes: Uint8Array, start: number, end: number, isQuoted: boolean): Fields {
  const header = new Ipv6Header();
  const problem = isQuoted ? header.readQuoted(bytes, start, end) : header.read(bytes, start, end);
  if (problem !== undefined) return malformed(problem);
  const fields = ipv6Fields(header);
  const packetEnd = header.payloadLength === 0 ? end : Math.min(end, start + 40 + header.payloadLength);
  const chain = new ExtensionChain();
  const chainProblem = chain.read(header, bytes, start, packetEnd);
  if (chainProblem !== undefined) return [...fields, ...malformed(chainProblem)];
  fields.push(...chainFields(chain, bytes));
  if (chain.fragmentAt >= 0 && chain.fragment.offset > 0) return fields;
  const { source, destination, payloadLength } = header;
  const isWhole = payloadLength <= end - start - 40 && (chain.fragmentAt < 0 || chain.fragment.isAtomic);
  const carried = { source, destination, protocol: chain.protocol, isWhole, isQuoted };
  fields.push(...upperFields(carried, bytes, chain.offset, packetEnd));
  return fields;
}

function chainFields(chain: ExtensionChain, bytes: Uint8Array): Fields {
  const fields: Fields = [];
  const next = (name: string, at: number): void => {
    if (at >= 0) fields.push([name, bytes[at] as number]);
  };
  next("ipv6.hopopts.nxt", chain.hopByHopAt);
  if (chain.routerAlert >= 0) fields.push(["ipv6.opt.router_alert", chain.routerAlert]);
  if (chain.jumboLength >= 0) fields.push(["ipv6.opt.jumbo", chain.jumboLength]);
  next("ipv6.dstopts.nxt", chain.destinationOptionsAt);
  next("ipv6.routing.nxt", chain.routingAt);
  if (chain.fragmentAt >= 0) fields.push(...fragmentFields(chain.fragment));
  return fields;
}

/** What the IP headers say of the message above them. */
interface Carried {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  /** Neither a fragment nor cut off by a quote: its checksum can be verified. */
  readonly isWhole: boolean;
  readonly isQuoted: boolean;
}

/** The state of the checksum of a message that sums to `sum`: 0 when it is right. */
function checksumState(carried: Carried, sum: () => number): number {
  if (!carried.isWhole) return CHECKSUM.notChecked;
  return sum() === 0 ? CHECKSUM.good : CHECKSUM.bad;
}

function upperFields(carried: Carried, bytes: Uint8Array, start: number, end: number): Fields {
  switch (carried.protocol) {
    case IP_PROTOCOL.tcp:
      return tcpSegmentFields(carried, bytes, start, end);
    case IP_PROTOCOL.udp:
      return udpDatagramFields(carried, bytes, start, end);
    case IP_PROTOCOL.icmpv4:
      return icmpv4MessageFields(carried, bytes, start, end);
    case IP_PROTOCOL.icmpv6:
      return icmpv6MessageFields(carried, bytes, start, end);
    default:
      return [];
  }
}

function transportSum(
  { source, destination, protocol }: Carried,
  bytes: Uint8Array,
  start: number,
  end: number,
) {
  return transportChecksum(source, destination, protocol, bytes, start, end);
}

function tcpSegmentFields(carried: Carried, bytes: Uint8Array, start: number, end: number): Fields {
  const header = new TcpHeader();
  const problem = header.read(bytes, start, end);
  if (problem !== undefined) return malformed(problem);
  const options = new TcpOptions();
  options.read(bytes, start + TCP_HEADER_SIZE, start + header.dataOffset);
  if (options.malformed) return malformed("options");
  const state = checksumState(carried, () => transportSum(carried, bytes, start, end));
  return [...tcpFields(header, options), ["tcp.checksum.status", state]];
}

function udpDatagramFields(carried: Carried, bytes: Uint8Array, start: number, end: number): Fields {
  const header = new UdpHeader();
  const problem = header.read(bytes, start, end);
  if (problem !== undefined) return malformed(problem);
  const state =
    header.checksum === 0
      ? CHECKSUM.absent
      : checksumState(carried, () => transportSum(carried, bytes, start, start + header.length));
  return [...udpFields(header), ["udp.checksum.status", state]];
}

/** tshark verifies what an ICMP error quotes, but not when that is ICMP too. */
function icmpState(carried: Carried, sum: () => number): number {
  return carried.isQuoted ? CHECKSUM.notChecked : checksumState(carried, sum);
}

function icmpv4MessageFields(carried: Carried, bytes: Uint8Array, start: number, end: number): Fields {
  const header = new Icmpv4Header();
  const problem = header.read(bytes, start, end);
  if (problem !== undefined) return malformed(problem);
  const state = icmpState(carried, () => icmpv4Checksum(bytes, start, end));
  const fields: Fields = [...icmpv4Fields(header), ["icmp.checksum.status", state]];
  if (isIcmpv4Error(header.type)) fields.push(...ipFields(bytes, start + 8, end, true));
  return fields;
}

function icmpv6MessageFields(carried: Carried, bytes: Uint8Array, start: number, end: number): Fields {
  const header = new Icmpv6Header();
  const problem = header.read(bytes, start, end);
  if (problem !== undefined) return malformed(problem);
  const state = icmpState(carried, () => transportSum(carried, bytes, start, end));
  const fields: Fields = [...icmpv6Fields(header), ["icmpv6.checksum.status", state]];
  if (isIcmpv6Error(header.type)) fields.push(...ipFields(bytes, start + 8, end, true));
  const message = ndpMessage(header.type);
  if (message === undefined) return fields;
  const ndpProblem = message.read(bytes, start, end);
  if (ndpProblem !== undefined) return [...fields, ...malformed(ndpProblem)];
  fields.push(...ndpFields(message));
  const about = message.options.redirectedHeader;
  if (about !== undefined) fields.push(...ipFields(about, 0, about.length, true));
  return fields;
}

function ndpMessage(type: number): NdpMessage | undefined {
  switch (type) {
    case ICMPV6_TYPE.neighborSolicitation:
      return new NeighborSolicitation();
    case ICMPV6_TYPE.neighborAdvertisement:
      return new NeighborAdvertisement();
    case ICMPV6_TYPE.routerSolicitation:
      return new RouterSolicitation();
    case ICMPV6_TYPE.routerAdvertisement:
      return new RouterAdvertisement();
    case ICMPV6_TYPE.redirect:
      return new Redirect();
    default:
      return undefined;
  }
}
