/**
 * Frames of every kind that `wire/` can write, each several times, with values drawn from a seed.
 */
import { writeUint16, writeUint32 } from "../../src/base/bytes.ts";
import { ARP_OPERATION } from "../../src/wire/arp.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { TCP_FLAG } from "../../src/wire/tcp.ts";
import { TcpOptions } from "../../src/wire/tcp-options.ts";
import { icmpv4Kinds, icmpv6Kinds, ndpKinds } from "./icmp-kinds.ts";
import {
  arp,
  bytes,
  Draw,
  ethernet,
  fragment,
  ipv4,
  ipv6,
  ipv6Options,
  ipv6Routing,
  type Layer,
  type Maker,
  tcp,
  udp,
  v4Frame,
  v6Frame,
  vlan,
} from "./packet-layers.ts";

export interface PacketKind {
  readonly name: string;
  readonly frames: readonly Layer[];
}

/** How many frames of each kind. */
const REPEATS = 5;

export function packetKinds(seed: number): PacketKind[] {
  const draw = new Draw(seed);
  const makers = { ...linkKinds, ...ipKinds, ...tcpKinds, ...icmpv4Kinds, ...icmpv6Kinds, ...ndpKinds };
  return Object.entries(makers).map(([name, make]) => ({
    name,
    frames: Array.from({ length: REPEATS }, (_, i) => make(draw, i)),
  }));
}

const linkKinds: Record<string, Maker> = {
  "ARP request (RFC 826)": draw => ethernet(draw, ETHER_TYPE.arp, arp(draw, ARP_OPERATION.request)),
  "ARP reply": draw => ethernet(draw, ETHER_TYPE.arp, arp(draw, ARP_OPERATION.reply)),
  "RARP request (RFC 903)": draw => ethernet(draw, ETHER_TYPE.rarp, arp(draw, ARP_OPERATION.rarpRequest)),
  "RARP reply": draw => ethernet(draw, ETHER_TYPE.rarp, arp(draw, ARP_OPERATION.rarpReply)),
  "VLAN tag before IPv4 (802.1Q)": draw => {
    const ends = draw.v4();
    const packet = ipv4(draw, ends, IP_PROTOCOL.udp, udp(draw, ends, draw.payload()));
    return ethernet(draw, ETHER_TYPE.vlan, vlan(draw, ETHER_TYPE.ipv4, packet));
  },
  "VLAN tag before IPv6": draw => {
    const ends = draw.v6();
    const packet = ipv6(draw, ends, IP_PROTOCOL.udp, udp(draw, ends, draw.payload()));
    return ethernet(draw, ETHER_TYPE.vlan, vlan(draw, ETHER_TYPE.ipv6, packet));
  },
  "VLAN tag before ARP": draw =>
    ethernet(draw, ETHER_TYPE.vlan, vlan(draw, ETHER_TYPE.arp, arp(draw, ARP_OPERATION.request))),
};

/** An IPv4 packet with options around a UDP datagram. */
function withOptions(draw: Draw, options: readonly number[]): Layer {
  const ends = draw.v4();
  const datagram = udp(draw, ends, draw.payload());
  return v4Frame(draw, ipv4(draw, ends, IP_PROTOCOL.udp, datagram, { options: Uint8Array.from(options) }));
}

/** The chain's headers around a UDP datagram, outermost first. */
function withExtensions(draw: Draw, first: number, wrap: (datagram: Layer) => Layer): Layer {
  const ends = draw.v6();
  return v6Frame(draw, ipv6(draw, ends, first, wrap(udp(draw, ends, draw.payload()))));
}

const ROUTER_ALERT = Uint8Array.of(5, 2, 0, 0);

const ipKinds: Record<string, Maker> = {
  "UDP over IPv4": draw => {
    const ends = draw.v4();
    return v4Frame(draw, ipv4(draw, ends, IP_PROTOCOL.udp, udp(draw, ends, draw.payload())));
  },
  "UDP over IPv4 without a checksum": draw => {
    const ends = draw.v4();
    return v4Frame(draw, ipv4(draw, ends, IP_PROTOCOL.udp, udp(draw, ends, draw.payload(), false)));
  },
  "UDP over IPv6": draw => {
    const ends = draw.v6();
    return v6Frame(draw, ipv6(draw, ends, IP_PROTOCOL.udp, udp(draw, ends, draw.payload())));
  },
  "IPv4 fragments": (draw, i) => {
    const ends = draw.v4();
    // An experimental protocol (RFC 3692), of which nobody reads on.
    const values = { fragmentOffset: i === 0 ? 0 : 8 * (1 + draw.upTo(8_000)), moreFragments: i < 3 };
    const content = bytes(draw.bytes(8 * (1 + draw.upTo(40))));
    return v4Frame(draw, ipv4(draw, ends, 253, content, { ...values, dontFragment: false }));
  },
  "IPv4 record route, empty to full": (draw, i) => {
    const filled = Math.min(i, 3);
    return withOptions(draw, [
      1,
      7,
      15,
      4 + 4 * filled,
      ...draw.bytes(4 * filled),
      ...new Uint8Array(12 - 4 * filled),
    ]);
  },
  "IPv4 router alert": draw => withOptions(draw, [148, 4, 0, 0]),
  "IPv4 timestamps: times, with addresses, for listed hosts": (draw, i) => {
    const flag = [0, 1, 3][i % 3] as number;
    const entries = flag === 0 ? draw.bytes(4) : draw.bytes(8);
    const unused = new Uint8Array(entries.length);
    const head = [68, 4 + 2 * entries.length, 5 + entries.length, (draw.upTo(15) << 4) | flag];
    return withOptions(draw, [...head, ...entries, ...unused]);
  },
  "IPv4 source routes, walked to their end": (draw, i) =>
    withOptions(draw, [i % 2 === 0 ? 131 : 137, 11, 12, ...draw.bytes(8), 0]),
  "IPv4 options that need padding": draw => withOptions(draw, [1, 148, 4, 0, 0, 1]),
  "IPv6 hop-by-hop options": draw =>
    withExtensions(draw, IP_PROTOCOL.hopByHop, datagram =>
      ipv6Options("hopopts", IP_PROTOCOL.udp, ROUTER_ALERT, [["ipv6.opt.router_alert", 0]], datagram),
    ),
  "IPv6 destination options": draw =>
    withExtensions(draw, IP_PROTOCOL.destinationOptions, datagram =>
      ipv6Options("dstopts", IP_PROTOCOL.udp, Uint8Array.of(4, 1, draw.upTo(255)), [], datagram),
    ),
  "IPv6 hop-by-hop, destination, routing and atomic fragment headers": draw =>
    withExtensions(draw, IP_PROTOCOL.hopByHop, datagram => {
      const atomic = fragment(draw, IP_PROTOCOL.udp, 0, false, datagram);
      const routing = ipv6Routing(IP_PROTOCOL.fragment, atomic);
      const options = ipv6Options("dstopts", IP_PROTOCOL.routing, new Uint8Array(0), [], routing);
      const alert: [string, number] = ["ipv6.opt.router_alert", 0];
      return ipv6Options("hopopts", IP_PROTOCOL.destinationOptions, ROUTER_ALERT, [alert], options);
    }),
  "IPv6 fragments": (draw, i) => {
    const offset = i === 0 ? 0 : 8 * (1 + draw.upTo(8_000));
    const content = bytes(draw.bytes(8 * (1 + draw.upTo(40))));
    const piece = fragment(draw, 253, offset, i < 3, content);
    return v6Frame(draw, ipv6(draw, draw.v6(), IP_PROTOCOL.fragment, piece));
  },
  "IPv6 without a next header": draw =>
    v6Frame(draw, ipv6(draw, draw.v6(), IP_PROTOCOL.noNextHeader, bytes(new Uint8Array(0)))),
};

const { syn, ack, psh, fin, rst, urg, ece, cwr, ae } = TCP_FLAG;

/** A segment over IPv4 and IPv6 in turn. */
function segment(flags: number, options: (draw: Draw) => TcpOptions, limit = 200): Maker {
  return (draw, i) => {
    const ends = i % 2 === 0 ? draw.v4() : draw.v6();
    const inner = tcp(draw, ends, flags, options(draw), draw.payload(limit));
    return i % 2 === 0
      ? v4Frame(draw, ipv4(draw, ends, IP_PROTOCOL.tcp, inner))
      : v6Frame(draw, ipv6(draw, ends, IP_PROTOCOL.tcp, inner));
  };
}

function set(values: Partial<TcpOptions>, edges: readonly number[] = []): TcpOptions {
  const options = Object.assign(new TcpOptions(), values);
  options.sackEdges.set(edges);
  options.sackCount = edges.length / 2;
  return options;
}

const timestamps = (draw: Draw): Partial<TcpOptions> => ({
  hasTimestamps: true,
  timestampValue: draw.int32(),
  timestampEcho: draw.int32(),
});
const mss = (draw: Draw): { mss: number } => ({ mss: 1 + draw.upTo(0xfffe) });
const edges = (draw: Draw, blocks: number): number[] =>
  Array.from({ length: blocks }, () => draw.int32()).flatMap(left => [left, (left + 1_460) | 0]);

const tcpKinds: Record<string, Maker> = {
  "TCP without options": segment(ack | psh, () => set({})),
  "TCP, each flag alone or with ACK": (draw, i) =>
    segment(
      [rst, fin | ack, urg | ack, ece | ack, syn | ece | cwr | ae][i] ?? ack,
      () => set({}),
      0,
    )(draw, i),
  "TCP SYN with MSS": segment(syn, draw => set(mss(draw)), 0),
  "TCP SYN with MSS, SACK-permitted, timestamps and window scale": segment(
    syn,
    draw => set({ ...mss(draw), ...timestamps(draw), sackPermitted: true, windowScale: draw.upTo(14) }),
    0,
  ),
  "TCP SYN with SACK-permitted and no timestamps": segment(
    syn | ack,
    draw => set({ ...mss(draw), sackPermitted: true, windowScale: draw.upTo(14) }),
    0,
  ),
  "TCP SYN with timestamps and no SACK": segment(
    syn,
    draw => set({ ...mss(draw), ...timestamps(draw), windowScale: draw.upTo(14) }),
    0,
  ),
  "TCP SYN that asks for a fast open cookie (RFC 7413)": segment(
    syn,
    draw => set({ ...mss(draw), fastOpen: new Uint8Array(0) }),
    0,
  ),
  "TCP SYN with a fast open cookie and data": segment(syn, draw =>
    set({ ...mss(draw), fastOpen: draw.bytes(4 + 2 * draw.upTo(6)) }),
  ),
  "TCP SYN with an experimental fast open cookie": segment(syn, draw =>
    set({ ...mss(draw), fastOpen: draw.bytes(8), fastOpenExperimental: true }),
  ),
  "TCP with a user timeout in seconds (RFC 5482)": segment(ack, draw =>
    set({ userTimeout: draw.upTo(0x7fff) }),
  ),
  "TCP with a user timeout in minutes": segment(ack, draw =>
    set({ userTimeout: 60 * (547 + draw.upTo(30_000)) }),
  ),
  "TCP with an MD5 signature (RFC 2385)": segment(ack, draw =>
    set({ ...timestamps(draw), md5: draw.bytes(16) }),
  ),
  "TCP with timestamps": segment(ack | psh, draw => set(timestamps(draw))),
  "TCP with timestamps and one to three SACK blocks": (draw, i) =>
    segment(ack, () => set(timestamps(draw), edges(draw, 1 + (i % 3))))(draw, i),
  "TCP with four SACK blocks": segment(ack, draw => set({}, edges(draw, 4))),
};

/** RFC 2675: a packet above 64 KiB, as no link here carries it. */
export function jumbogram(seed: number): Layer {
  const draw = new Draw(seed);
  const length = 0x1_0008;
  const option = new Uint8Array(6);
  writeUint16(option, 0, 0xc204);
  writeUint32(option, 2, length);
  const rest = bytes(new Uint8Array(length - 8));
  const fields: [string, number][] = [["ipv6.opt.jumbo", length]];
  const payload = ipv6Options("hopopts", IP_PROTOCOL.noNextHeader, option, fields, rest);
  return v6Frame(draw, ipv6(draw, draw.v6(), IP_PROTOCOL.hopByHop, payload, { payloadLength: 0 }));
}
