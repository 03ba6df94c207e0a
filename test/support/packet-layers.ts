/**
 * Packets built layer by layer by the codecs of `wire/`, with values drawn from a seed, and what a reader
 * must find in them.
 */
import { concatBytes, writeUint16 } from "../../src/base/bytes.ts";
import { below, SeededRandom } from "../../src/base/random.ts";
import { seq } from "../../src/base/seq.ts";
import { IpAddress } from "../../src/wire/address.ts";
import { ArpPacket } from "../../src/wire/arp.ts";
import { EthernetHeader } from "../../src/wire/ethernet.ts";
import { Icmpv4Header, icmpv4Checksum } from "../../src/wire/icmpv4.ts";
import { Icmpv6Header, icmpv6Checksum } from "../../src/wire/icmpv6.ts";
import { Ipv4Header } from "../../src/wire/ipv4.ts";
import { Ipv6Header } from "../../src/wire/ipv6.ts";
import { FragmentHeader, writeOptionsHeader } from "../../src/wire/ipv6-extensions.ts";
import type { MacAddress } from "../../src/wire/mac-address.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { transportChecksum } from "../../src/wire/pseudo-header.ts";
import { TCP_HEADER_SIZE, TcpHeader } from "../../src/wire/tcp.ts";
import type { TcpOptions } from "../../src/wire/tcp-options.ts";
import { UDP_HEADER_SIZE, UdpHeader, udpChecksum } from "../../src/wire/udp.ts";
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

/** Bytes from some layer up, with what a reader must find in them. */
export interface Layer {
  readonly bytes: Uint8Array;
  readonly fields: Fields;
  /** The state of each checksum. */
  readonly checksums: Fields;
}

export interface Ends {
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

/** Draws field values. */
export class Draw {
  readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  upTo(limit: number): number {
    return below(this.random, limit + 1);
  }

  flag(): boolean {
    return this.upTo(1) === 1;
  }

  int32(): number {
    return this.random.uint32() | 0;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.random.fill(bytes);
    return bytes;
  }

  /** A locally administered address of one station. */
  mac(): MacAddress {
    return (0x0200_0000_0000 + this.upTo(0xff_ffff_ffff)) as MacAddress;
  }

  v4(): Ends {
    return {
      source: IpAddress.v4(0x0a00_0000 + this.upTo(0xff_ffff)),
      destination: IpAddress.v4(0xc000_0000 + this.upTo(0x1fff_ffff)),
    };
  }

  v6(): Ends {
    const address = (): IpAddress =>
      IpAddress.v6(0x2001_0db8, this.flag() ? 0 : this.int32(), this.flag() ? 0 : this.int32(), this.int32());
    return { source: address(), destination: address() };
  }

  /** Ports that no dissector of tshark's claims. */
  port(): number {
    return 60_001 + this.upTo(5_000);
  }

  /** Text that no dissector takes for its own. */
  payload(limit = 200): Layer {
    const bytes = new Uint8Array(this.upTo(limit)).fill(0x2e);
    return { bytes, fields: [], checksums: [] };
  }
}

function around(head: Uint8Array, fields: Fields, checksums: Fields, inner: Layer): Layer {
  return {
    bytes: concatBytes([head, inner.bytes]),
    fields: [...fields, ...inner.fields],
    checksums: [...checksums, ...inner.checksums],
  };
}

export function ethernet(draw: Draw, type: number, inner: Layer): Layer {
  const header = Object.assign(new EthernetHeader(), { destination: draw.mac(), source: draw.mac(), type });
  const head = new Uint8Array(14);
  header.write(head, 0);
  return around(head, ethernetFields(header), [], inner);
}

export function vlan(draw: Draw, type: number, inner: Layer): Layer {
  const tag = Object.assign(new VlanTag(), {
    priority: draw.upTo(7),
    dropEligible: draw.flag(),
    id: draw.upTo(4_094),
    type,
  });
  const head = new Uint8Array(4);
  tag.write(head, 0);
  return around(head, vlanFields(tag), [], inner);
}

export function arp(draw: Draw, operation: number): Layer {
  const packet = Object.assign(new ArpPacket(), {
    operation,
    senderMac: draw.mac(),
    senderIp: draw.v4().source,
    targetMac: draw.mac(),
    targetIp: draw.v4().destination,
  });
  const bytes = new Uint8Array(28);
  packet.write(bytes, 0);
  return { bytes, fields: arpFields(packet), checksums: [] };
}

export function ipv4(
  draw: Draw,
  ends: Ends,
  protocol: number,
  inner: Layer,
  values: Partial<Ipv4Header> = {},
): Layer {
  const header = Object.assign(new Ipv4Header(), {
    trafficClass: draw.upTo(255),
    identification: draw.upTo(0xffff),
    dontFragment: draw.flag(),
    hopLimit: 2 + draw.upTo(253),
    protocol,
    ...ends,
    ...values,
  });
  header.totalLength = 20 + Math.ceil(header.options.length / 4) * 4 + inner.bytes.length;
  const head = new Uint8Array(60);
  const size = header.write(head, 0);
  return around(head.subarray(0, size), ipv4Fields(header), [["ip.checksum.status", CHECKSUM.good]], inner);
}

export function ipv6(
  draw: Draw,
  ends: Ends,
  nextHeader: number,
  inner: Layer,
  values: Partial<Ipv6Header> = {},
): Layer {
  const header = Object.assign(new Ipv6Header(), {
    trafficClass: draw.upTo(255),
    flowLabel: draw.upTo(0xfffff),
    payloadLength: inner.bytes.length,
    nextHeader,
    hopLimit: 2 + draw.upTo(253),
    ...ends,
    ...values,
  });
  const head = new Uint8Array(40);
  header.write(head, 0);
  return around(head, ipv6Fields(header), [], inner);
}

export function tcp(draw: Draw, ends: Ends, flags: number, options: TcpOptions, inner: Layer): Layer {
  const header = Object.assign(new TcpHeader(), {
    sourcePort: draw.port(),
    destinationPort: draw.port(),
    sequence: seq(draw.int32()),
    acknowledgment: seq(draw.int32()),
    dataOffset: TCP_HEADER_SIZE + options.size,
    flags,
    window: draw.upTo(0xffff),
    urgentPointer: draw.upTo(0xffff),
  });
  const bytes = new Uint8Array(header.dataOffset + inner.bytes.length);
  options.write(bytes, header.write(bytes, 0));
  bytes.set(inner.bytes, header.dataOffset);
  header.checksum = transportChecksum(ends.source, ends.destination, IP_PROTOCOL.tcp, bytes, 0, bytes.length);
  header.write(bytes, 0);
  return { bytes, fields: tcpFields(header, options), checksums: [["tcp.checksum.status", CHECKSUM.good]] };
}

export function udp(draw: Draw, ends: Ends, inner: Layer, withChecksum = true): Layer {
  const header = Object.assign(new UdpHeader(), { sourcePort: draw.port(), destinationPort: draw.port() });
  header.length = UDP_HEADER_SIZE + inner.bytes.length;
  const bytes = new Uint8Array(header.length);
  bytes.set(inner.bytes, header.write(bytes, 0));
  if (withChecksum) {
    header.checksum = udpChecksum(ends.source, ends.destination, bytes, 0, bytes.length);
    header.write(bytes, 0);
  }
  const status = withChecksum ? CHECKSUM.good : CHECKSUM.absent;
  return { bytes, fields: udpFields(header), checksums: [["udp.checksum.status", status]] };
}

export function icmpv4(type: number, code: number, rest: number, inner: Layer): Layer {
  const header = Object.assign(new Icmpv4Header(), { type, code, rest });
  const bytes = new Uint8Array(8 + inner.bytes.length);
  bytes.set(inner.bytes, header.write(bytes, 0));
  header.checksum = icmpv4Checksum(bytes, 0, bytes.length);
  header.write(bytes, 0);
  return {
    bytes,
    fields: [...icmpv4Fields(header), ...inner.fields],
    checksums: [["icmp.checksum.status", CHECKSUM.good], ...inner.checksums],
  };
}

export function icmpv6(ends: Ends, type: number, code: number, rest: number, inner: Layer): Layer {
  const header = Object.assign(new Icmpv6Header(), { type, code, rest });
  const bytes = new Uint8Array(8 + inner.bytes.length);
  bytes.set(inner.bytes, header.write(bytes, 0));
  header.checksum = icmpv6Checksum(ends.source, ends.destination, bytes, 0, bytes.length);
  header.write(bytes, 0);
  return {
    bytes,
    fields: [...icmpv6Fields(header), ...inner.fields],
    checksums: [["icmpv6.checksum.status", CHECKSUM.good], ...inner.checksums],
  };
}

export function ndp(ends: Ends, message: NdpMessage): Layer {
  const bytes = new Uint8Array(message.size);
  message.write(bytes, 0);
  const header = new Icmpv6Header();
  header.read(bytes, 0, bytes.length);
  header.checksum = icmpv6Checksum(ends.source, ends.destination, bytes, 0, bytes.length);
  writeUint16(bytes, 2, header.checksum);
  return {
    bytes,
    fields: [...icmpv6Fields(header), ...ndpFields(message)],
    checksums: [["icmpv6.checksum.status", CHECKSUM.good]],
  };
}

/** An IPv6 fragment header before a piece of a packet. */
export function fragment(draw: Draw, nextHeader: number, offset: number, more: boolean, inner: Layer): Layer {
  const header = Object.assign(new FragmentHeader(), {
    nextHeader,
    offset,
    moreFragments: more,
    identification: draw.int32(),
  });
  const head = new Uint8Array(8);
  header.write(head, 0);
  return around(head, fragmentFields(header), [], inner);
}

/** Hop-by-hop or destination options before what follows; `fields` are those of the options. */
export function ipv6Options(
  name: "hopopts" | "dstopts",
  nextHeader: number,
  content: Uint8Array,
  fields: Fields,
  inner: Layer,
): Layer {
  const head = new Uint8Array(264);
  const size = writeOptionsHeader(nextHeader, content, head, 0);
  return around(head.subarray(0, size), [[`ipv6.${name}.nxt`, nextHeader], ...fields], [], inner);
}

/** A routing header of which no segment is left. */
export function ipv6Routing(nextHeader: number, inner: Layer): Layer {
  const head = Uint8Array.of(nextHeader, 0, 253, 0, 0, 0, 0, 0);
  return around(head, [["ipv6.routing.nxt", nextHeader]], [], inner);
}

export function bytes(content: Uint8Array): Layer {
  return { bytes: content, fields: [], checksums: [] };
}

/** The `i`th frame of a kind. */
export type Maker = (draw: Draw, i: number) => Layer;

export const v4Frame = (draw: Draw, packet: Layer): Layer => ethernet(draw, ETHER_TYPE.ipv4, packet);
export const v6Frame = (draw: Draw, packet: Layer): Layer => ethernet(draw, ETHER_TYPE.ipv6, packet);
