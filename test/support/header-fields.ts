/**
 * The headers of `wire/`, told in the names of tshark's fields.
 */
import { hex } from "../../src/base/bytes.ts";
import { seqText } from "../../src/base/seq.ts";
import type { ArpPacket } from "../../src/wire/arp.ts";
import type { EthernetHeader } from "../../src/wire/ethernet.ts";
import { ICMPV4_TYPE, type Icmpv4Header } from "../../src/wire/icmpv4.ts";
import { ICMPV6_TYPE, type Icmpv6Header } from "../../src/wire/icmpv6.ts";
import type { Ipv4Header } from "../../src/wire/ipv4.ts";
import { Ipv4Options, recordedRoute } from "../../src/wire/ipv4-options.ts";
import type { Ipv6Header } from "../../src/wire/ipv6.ts";
import type { FragmentHeader } from "../../src/wire/ipv6-extensions.ts";
import { macText } from "../../src/wire/mac-address.ts";
import {
  NeighborAdvertisement,
  NeighborSolicitation,
  Redirect,
  RouterAdvertisement,
  type RouterSolicitation,
} from "../../src/wire/ndp.ts";
import type { NdpOptions } from "../../src/wire/ndp-options.ts";
import type { TcpHeader } from "../../src/wire/tcp.ts";
import type { TcpOptions } from "../../src/wire/tcp-options.ts";
import type { UdpHeader } from "../../src/wire/udp.ts";
import type { VlanTag } from "../../src/wire/vlan.ts";

/** tshark's words for a checksum. */
export const CHECKSUM = { bad: 0, good: 1, notChecked: 2, absent: 3 } as const;

/** A field's name and value; the same name again for each occurrence. */
export type Fields = Array<readonly [string, string | number | boolean]>;

export function ethernetFields(header: EthernetHeader): Fields {
  return [
    ["eth.dst", macText(header.destination)],
    ["eth.src", macText(header.source)],
    ["eth.type", header.type],
  ];
}

export function vlanFields(tag: VlanTag): Fields {
  return [
    ["vlan.priority", tag.priority],
    ["vlan.dei", tag.dropEligible],
    ["vlan.id", tag.id],
    ["vlan.etype", tag.type],
  ];
}

export function arpFields(packet: ArpPacket): Fields {
  return [
    ["arp.opcode", packet.operation],
    ["arp.src.hw_mac", macText(packet.senderMac)],
    ["arp.src.proto_ipv4", packet.senderIp.toString()],
    ["arp.dst.hw_mac", macText(packet.targetMac)],
    ["arp.dst.proto_ipv4", packet.targetIp.toString()],
  ];
}

export function ipv4Fields(header: Ipv4Header): Fields {
  return [
    ["ip.hdr_len", header.headerLength],
    ["ip.dsfield", header.trafficClass],
    ["ip.len", header.totalLength],
    ["ip.id", header.identification],
    ["ip.flags.df", header.dontFragment],
    ["ip.flags.mf", header.moreFragments],
    ["ip.frag_offset", header.fragmentOffset / 8],
    ["ip.ttl", header.hopLimit],
    ["ip.proto", header.protocol],
    ["ip.checksum", header.checksum],
    ["ip.src", header.source.toString()],
    ["ip.dst", header.destination.toString()],
    ...ipv4OptionFields(header.options),
  ];
}

function ipv4OptionFields(bytes: Uint8Array): Fields {
  const options = new Ipv4Options();
  if (options.read(bytes, 0, bytes.length) !== undefined) return [["_ws.malformed", 1]];
  const fields: Fields = [];
  const at = [options.recordRouteAt, options.sourceRouteAt, options.timestampAt].filter(
    offset => offset >= 0,
  );
  for (const offset of at.sort((a, b) => a - b)) fields.push(["ip.opt.ptr", bytes[offset + 2] as number]);
  if (options.routerAlert >= 0) fields.push(["ip.opt.ra", options.routerAlert]);
  for (const offset of [options.recordRouteAt, options.sourceRouteAt]) {
    if (offset < 0) continue;
    for (const address of recordedRoute(bytes, offset)) fields.push(["ip.rec_rt", address.toString()]);
  }
  if (options.timestampAt >= 0) {
    fields.push(["ip.opt.overflow", (bytes[options.timestampAt + 3] as number) >>> 4]);
    fields.push(["ip.opt.flag", (bytes[options.timestampAt + 3] as number) & 0xf]);
  }
  return fields;
}

export function ipv6Fields(header: Ipv6Header): Fields {
  return [
    ["ipv6.tclass", header.trafficClass],
    ["ipv6.flow", header.flowLabel],
    ["ipv6.plen", header.payloadLength],
    ["ipv6.nxt", header.nextHeader],
    ["ipv6.hlim", header.hopLimit],
    ["ipv6.src", header.source.toString()],
    ["ipv6.dst", header.destination.toString()],
  ];
}

export function fragmentFields(header: FragmentHeader): Fields {
  return [
    ["ipv6.fraghdr.nxt", header.nextHeader],
    ["ipv6.fraghdr.offset", header.offset / 8],
    ["ipv6.fraghdr.more", header.moreFragments],
    ["ipv6.fraghdr.ident", header.identification >>> 0],
  ];
}

export function tcpFields(header: TcpHeader, options: TcpOptions): Fields {
  const fields: Fields = [
    ["tcp.srcport", header.sourcePort],
    ["tcp.dstport", header.destinationPort],
    ["tcp.seq", seqText(header.sequence)],
    ["tcp.ack_raw", seqText(header.acknowledgment)],
    ["tcp.hdr_len", header.dataOffset],
    ["tcp.flags", header.flags],
    ["tcp.window_size_value", header.window],
    ["tcp.checksum", header.checksum],
    ["tcp.urgent_pointer", header.urgentPointer],
  ];
  if (options.mss >= 0) fields.push(["tcp.options.mss_val", options.mss]);
  if (options.windowScale >= 0) fields.push(["tcp.options.wscale.shift", options.windowScale]);
  if (options.sackPermitted) fields.push(["tcp.options.sack_perm", 1]);
  if (options.hasTimestamps) {
    fields.push(["tcp.options.timestamp.tsval", options.timestampValue >>> 0]);
    fields.push(["tcp.options.timestamp.tsecr", options.timestampEcho >>> 0]);
  }
  for (let i = 0; i < options.sackCount; i++) {
    fields.push(["tcp.options.sack_le", (options.sackEdges[2 * i] as number) >>> 0]);
    fields.push(["tcp.options.sack_re", (options.sackEdges[2 * i + 1] as number) >>> 0]);
  }
  if (options.fastOpenExperimental) fields.push(["tcp.options.experimental.exid", 0xf989]);
  if (options.fastOpen?.length === 0) fields.push(["tcp.options.tfo.request", 1]);
  else if (options.fastOpen !== undefined) fields.push(["tcp.options.tfo.cookie", hex(options.fastOpen)]);
  if (options.userTimeout >= 0) {
    const inMinutes = options.userTimeout >= 0x8000;
    fields.push(["tcp.options.user_to_granularity", inMinutes]);
    fields.push(["tcp.options.user_to_val", inMinutes ? options.userTimeout / 60 : options.userTimeout]);
  }
  if (options.md5 !== undefined) fields.push(["tcp.options.md5.digest", hex(options.md5)]);
  return fields;
}

export function udpFields(header: UdpHeader): Fields {
  return [
    ["udp.srcport", header.sourcePort],
    ["udp.dstport", header.destinationPort],
    ["udp.length", header.length],
    ["udp.checksum", header.checksum],
  ];
}

export function icmpv4Fields(header: Icmpv4Header): Fields {
  const fields: Fields = [
    ["icmp.type", header.type],
    ["icmp.code", header.code],
    ["icmp.checksum", header.checksum],
  ];
  switch (header.type) {
    case ICMPV4_TYPE.echoRequest:
    case ICMPV4_TYPE.echoReply:
    case ICMPV4_TYPE.timestampRequest:
    case ICMPV4_TYPE.timestampReply:
      fields.push(["icmp.ident", header.identifier], ["icmp.seq", header.sequence]);
      break;
    case ICMPV4_TYPE.destinationUnreachable:
      if (header.code === 4) fields.push(["icmp.mtu", header.mtu]);
      break;
    case ICMPV4_TYPE.parameterProblem:
      fields.push(["icmp.pointer", header.pointer]);
      break;
  }
  return fields;
}

export function icmpv6Fields(header: Icmpv6Header): Fields {
  const fields: Fields = [
    ["icmpv6.type", header.type],
    ["icmpv6.code", header.code],
    ["icmpv6.checksum", header.checksum],
  ];
  switch (header.type) {
    case ICMPV6_TYPE.echoRequest:
    case ICMPV6_TYPE.echoReply:
      fields.push(["icmpv6.echo.identifier", header.identifier]);
      fields.push(["icmpv6.echo.sequence_number", header.sequence]);
      break;
    case ICMPV6_TYPE.packetTooBig:
      fields.push(["icmpv6.mtu", header.mtu]);
      break;
    case ICMPV6_TYPE.parameterProblem:
      fields.push(["icmpv6.pointer", header.pointer]);
      break;
  }
  return fields;
}

export type NdpMessage =
  | NeighborSolicitation
  | NeighborAdvertisement
  | RouterSolicitation
  | RouterAdvertisement
  | Redirect;

/** Without the packet that a redirect quotes. */
export function ndpFields(message: NdpMessage): Fields {
  return [...ndpHeadFields(message), ...ndpOptionFields(message.options)];
}

function ndpHeadFields(message: NdpMessage): Fields {
  if (message instanceof NeighborSolicitation) {
    return [["icmpv6.nd.ns.target_address", message.target.toString()]];
  }
  if (message instanceof NeighborAdvertisement) {
    return [
      ["icmpv6.nd.na.flag.r", message.isRouter],
      ["icmpv6.nd.na.flag.s", message.solicited],
      ["icmpv6.nd.na.flag.o", message.override],
      ["icmpv6.nd.na.target_address", message.target.toString()],
    ];
  }
  if (message instanceof RouterAdvertisement) {
    return [
      ["icmpv6.nd.ra.cur_hop_limit", message.hopLimit],
      ["icmpv6.nd.ra.flag.m", message.managed],
      ["icmpv6.nd.ra.flag.o", message.otherConfig],
      ["icmpv6.nd.ra.router_lifetime", message.routerLifetime],
      ["icmpv6.nd.ra.reachable_time", message.reachableTimeMs],
      ["icmpv6.nd.ra.retrans_timer", message.retransTimerMs],
    ];
  }
  if (message instanceof Redirect) {
    return [
      ["icmpv6.nd.rd.target_address", message.target.toString()],
      ["icmpv6.rd.na.destination_address", message.destination.toString()],
    ];
  }
  return [];
}

function ndpOptionFields(options: NdpOptions): Fields {
  const fields: Fields = [];
  if (options.sourceLinkLayer !== undefined) {
    fields.push(["icmpv6.opt.src_linkaddr", macText(options.sourceLinkLayer)]);
  }
  if (options.targetLinkLayer !== undefined) {
    fields.push(["icmpv6.opt.target_linkaddr", macText(options.targetLinkLayer)]);
  }
  if (options.mtu !== undefined) fields.push(["icmpv6.opt.mtu", options.mtu]);
  for (const prefix of options.prefixes) {
    fields.push(["icmpv6.opt.prefix", prefix.prefix.toString()]);
    fields.push(["icmpv6.opt.prefix.length", prefix.length]);
    fields.push(["icmpv6.opt.prefix.flag.l", prefix.onLink]);
    fields.push(["icmpv6.opt.prefix.flag.a", prefix.autonomous]);
    fields.push(["icmpv6.opt.prefix.valid_lifetime", prefix.validLifetime]);
    fields.push(["icmpv6.opt.prefix.preferred_lifetime", prefix.preferredLifetime]);
  }
  return fields;
}

/** The fields that are compared with tshark's: all that are named here, and the state of each checksum. */
export const COMPARED_FIELDS: readonly string[] = [
  ...["dst", "src", "type"].map(name => `eth.${name}`),
  ...["priority", "dei", "id", "etype"].map(name => `vlan.${name}`),
  ...["opcode", "src.hw_mac", "src.proto_ipv4", "dst.hw_mac", "dst.proto_ipv4"].map(name => `arp.${name}`),
  ...["hdr_len", "dsfield", "len", "id", "flags.df", "flags.mf", "frag_offset"].map(name => `ip.${name}`),
  ...["ttl", "proto", "checksum", "src", "dst", "opt.ra", "rec_rt"].map(name => `ip.${name}`),
  ...["opt.ptr", "opt.overflow", "opt.flag"].map(name => `ip.${name}`),
  ...["tclass", "flow", "plen", "nxt", "hlim", "src", "dst"].map(name => `ipv6.${name}`),
  ...["hopopts.nxt", "opt.router_alert", "opt.jumbo", "dstopts.nxt", "routing.nxt"].map(
    name => `ipv6.${name}`,
  ),
  ...["nxt", "offset", "more", "ident"].map(name => `ipv6.fraghdr.${name}`),
  ...["srcport", "dstport", "seq", "ack_raw", "hdr_len", "flags"].map(name => `tcp.${name}`),
  ...["window_size_value", "checksum", "urgent_pointer"].map(name => `tcp.${name}`),
  ...["mss_val", "wscale.shift", "sack_perm", "timestamp.tsval", "timestamp.tsecr", "sack_le", "sack_re"].map(
    name => `tcp.options.${name}`,
  ),
  ...[
    "experimental.exid",
    "tfo.request",
    "tfo.cookie",
    "user_to_granularity",
    "user_to_val",
    "md5.digest",
  ].map(name => `tcp.options.${name}`),
  ...["srcport", "dstport", "length", "checksum"].map(name => `udp.${name}`),
  ...["type", "code", "checksum", "ident", "seq", "mtu", "pointer"].map(name => `icmp.${name}`),
  ...["type", "code", "checksum", "echo.identifier", "echo.sequence_number", "mtu", "pointer"].map(
    name => `icmpv6.${name}`,
  ),
  ...["ns.target_address", "na.flag.r", "na.flag.s", "na.flag.o", "na.target_address"].map(
    name => `icmpv6.nd.${name}`,
  ),
  ...["cur_hop_limit", "flag.m", "flag.o", "router_lifetime", "reachable_time", "retrans_timer"].map(
    name => `icmpv6.nd.ra.${name}`,
  ),
  ...["nd.rd.target_address", "rd.na.destination_address"].map(name => `icmpv6.${name}`),
  ...["src_linkaddr", "target_linkaddr", "mtu", "prefix", "prefix.length", "prefix.flag.l"].map(
    name => `icmpv6.opt.${name}`,
  ),
  ...["prefix.flag.a", "prefix.valid_lifetime", "prefix.preferred_lifetime"].map(
    name => `icmpv6.opt.${name}`,
  ),
  ...["ip", "tcp", "udp", "icmp", "icmpv6"].map(name => `${name}.checksum.status`),
  "_ws.malformed",
];
