/**
 * pcap-filter(7) from top to end: each of its primitives, on each link type, does what tcpdump's does, or is
 * refused where tcpdump refuses it.
 */
import { describe, expect, test } from "vitest";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { missingTools } from "../support/capture-tools.ts";
import {
  arp,
  counting,
  ethernet,
  FLAG,
  framed,
  ipPacket,
  ipv4,
  ipv6,
  join,
  MAC_A,
  MAC_B,
  macBytes,
  type Piece,
  tcp,
  tcpSegment,
  u16,
  u32,
  udp,
  zeros,
} from "../support/frames.ts";
import { type FilterVerdict, ourVerdict, tcpdumpVerdicts, type Verdict } from "./tcpdump-verdicts.ts";

const skipped = missingTools("tcpdump");

const V4 = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 50_000, destinationPort: 80 };
const V6 = { source: "2001:db8::1", destination: "2001:db8::2", sourcePort: 50_000, destinationPort: 80 };
const SYN = tcp({ ...V4, flags: FLAG.syn });
const DATA = tcp({ ...V6, payload: counting(20) });
const QUESTION = udp({ ...V4, destinationPort: 53, payload: counting(30) });
const ARP = arp({
  operation: 1,
  senderMac: MAC_A,
  senderIp: "10.0.0.1",
  targetMac: MAC_B,
  targetIp: "10.0.0.2",
});
const BPDU = join(0x42, 0x42, 3, zeros(35));

function bytes(count: number): Uint8Array {
  return join(counting(count));
}

/** A frame with a length where the type of others is. */
function length8023(llc: Piece): Uint8Array {
  const bytes = join(llc);
  return ethernet(bytes.length, bytes);
}

function snap(organization: number, protocol: number): Uint8Array {
  return join(0xaa, 0xaa, 3, u32(organization).slice(1), u16(protocol), counting(40));
}

function labelled(labels: readonly number[], packet: Piece): Uint8Array {
  const stack = labels.map((label, index) =>
    u32((label << 12) | (index === labels.length - 1 ? 0x140 : 0x40)),
  );
  return join(stack.flat(), packet);
}

function pppoe(session: number, protocol: number, packet: Piece): Uint8Array {
  const carried = join(u16(protocol), packet);
  return join(0x11, 0, u16(session), u16(carried.length), carried);
}

function osi(protocol: number, type: number): Uint8Array {
  return join(0xfe, 0xfe, 3, protocol, 27, 1, 0, type, 1, zeros(30));
}

function geneve(
  ends: typeof V4,
  network: number,
  type: number,
  options: number,
  inner: Uint8Array,
): Uint8Array {
  const header = join(options / 4, 0, u16(type), u32(network << 8), zeros(options));
  return udp({ ...ends, destinationPort: 6081, payload: join(header, inner) });
}

/** Headers of IPv6 before a segment: each is of so many units of eight bytes beside the first. */
function chain(numbers: readonly number[], units = 0): Uint8Array {
  const headers = numbers.map((number, index) => {
    const next = numbers[index + 1] ?? 6;
    return number === 44 ? join(next, 0, u16(1), u32(9)) : join(next, units, zeros(6 + 8 * units));
  });
  return ipv6({ ...V6, nextHeader: numbers[0] ?? 6 }, join(...headers, tcpSegment(V6)));
}

/** RFC 4302: the length counts words of four bytes, less two. */
function authenticated(next: number): Uint8Array {
  return join(next, 4, u16(0), u32(1), u32(2), zeros(12));
}

const IP_PACKETS: readonly Uint8Array[] = [
  SYN,
  DATA,
  QUESTION,
  ipv4({ ...V4, destination: "255.255.255.255", protocol: 17 }, bytes(20)),
  ipv4({ ...V4, destination: "0.0.0.0", protocol: 17 }, bytes(20)),
  ipv4({ ...V4, destination: "10.0.0.255", protocol: 17 }, bytes(20)),
  ipv4({ ...V4, destination: "239.1.2.3", protocol: 17 }, bytes(20)),
  ipv6({ ...V6, destination: "ff02::5", nextHeader: 17 }, bytes(20)),
  chain([0]),
  chain([0, 60, 43, 44], 2),
  chain([60, 60, 60, 60, 60, 60, 60, 60]),
  chain([59]),
  ipv6({ ...V6, nextHeader: 51 }, join(authenticated(6), tcpSegment(V6))),
  ipv6({ ...V6, nextHeader: 0 }, join(51, 0, zeros(6), authenticated(58), counting(20))),
  ipv4({ ...V4, protocol: 51 }, join(authenticated(6), tcpSegment(V4))),
  ipv4({ ...V4, protocol: 51, options: [148, 4, 0, 0] }, join(authenticated(17), counting(20))),
  ipv4({ ...V4, protocol: 6, fragment: 4 }, bytes(20)),
  ...[2, 9, 50, 103, 112, 132, 47, 89].map(protocol => ipPacket(V4, protocol, join(33, zeros(23)))),
  ...[50, 103, 112, 132].map(protocol => ipPacket(V6, protocol, join(33, zeros(23)))),
  geneve(V4, 5, 0x0800, 0, SYN),
  geneve(V4, 5, 0x6558, 8, framed(SYN)),
  geneve(V6, 0xb, 0x86dd, 4, DATA),
  geneve(V6, 0xb, 0x6558, 0, framed(QUESTION, [7])),
  geneve(V4, 0xb, 0x6558, 0, ethernet(0x0806, ARP)),
  geneve(V4, 0xb, 0x6558, 0, framed(geneve(V6, 5, 0x0800, 4, QUESTION))),
];

/** Of the payload of a link layer whose types are EtherTypes. */
const TYPED: readonly (readonly [type: number, payload: Piece])[] = [
  ...IP_PACKETS.map(packet => [(packet[0] as number) >>> 4 === 6 ? 0x86dd : 0x0800, packet] as const),
  [0x0806, ARP],
  [0x8035, ARP],
  ...[0x6001, 0x6002, 0x6003, 0x6004, 0x6007, 0x809b, 0x80f3, 0x8137, 0x9000].map(
    type => [type, counting(46)] as const,
  ),
  [0x8863, join(0x11, 9, u16(0), u16(4), zeros(40))],
  [0x8864, pppoe(0x27, 0x21, SYN)],
  [0x8864, pppoe(5, 0x57, DATA)],
  [0x8864, pppoe(5, 0xc021, counting(20))],
  [0x8864, pppoe(5, 0x281, labelled([5], QUESTION))],
  [0x8864, pppoe(7, 0x23, join(0x83, zeros(20)))],
  [0x8864, pppoe(7, 0x2b, counting(30))],
];

function ethernetFrames(): Uint8Array[] {
  const broadcast = ethernet(0x0806, ARP);
  broadcast.set(macBytes("ff:ff:ff:ff:ff:ff"));
  const multicast = framed(QUESTION);
  multicast.set(macBytes("01:00:5e:00:00:05"));
  const controls = [
    0x00, 0x02, 0x01, 0x05, 0x09, 0x03, 0x13, 0x63, 0x73, 0x43, 0x6f, 0x7f, 0xe3, 0xf3, 0xaf, 0x87,
  ];
  const tagged = (types: readonly number[], packet: Uint8Array): Uint8Array =>
    ethernet(types[0] as number, join(...types.slice(1).map(type => u16(type)), u16(0x0800), packet));
  return [
    ...TYPED.map(([type, payload]) => ethernet(type, payload)),
    broadcast,
    multicast,
    framed(SYN, [100]),
    framed(DATA, [5]),
    framed(QUESTION, [100, 200]),
    tagged([0x88a8, 300, 0x8100, 5], SYN),
    tagged([0x9100, 100, 0x8100, 200], SYN),
    ethernet(BPDU.length, BPDU, [5]),
    ethernet(0x8847, labelled([5], QUESTION), [5]),
    ethernet(0x8864, pppoe(5, 0x21, SYN), [100]),
    ethernet(0x8847, labelled([5], SYN)),
    ethernet(0x8847, labelled([7], DATA)),
    ethernet(0x8847, labelled([100_000, 1024], SYN)),
    ethernet(0x8847, labelled([5, 7, 1024], DATA)),
    ethernet(0x8847, labelled([5], ethernet(0x0806, ARP))),
    length8023(BPDU),
    length8023(join(0xe0, 0xe0, 3, counting(40))),
    length8023(join(0xff, 0xff, counting(40))),
    length8023(join(0x06, 0x06, 3, SYN)),
    length8023(snap(0, 0x8137)),
    length8023(snap(0x08_0007, 0x809b)),
    length8023(snap(0, 0x80f3)),
    length8023(snap(0, 0x0800)),
    ...controls.map(control => length8023(join(0xf0, 0xf0, control, counting(40)))),
    ...[0x81, 0x82, 0x83].map(protocol => length8023(osi(protocol, 15))),
    ...[15, 16, 17, 18, 20, 24, 25, 26, 27, 30].map(type => length8023(osi(0x83, type))),
  ];
}

function cookedFrames(version: 1 | 2): Uint8Array[] {
  return TYPED.flatMap(([type, payload], index) => {
    const packetType = index % 5;
    return version === 1
      ? join(u16(packetType), u16(1), u16(6), macBytes(MAC_A), zeros(2), u16(type), payload)
      : join(u16(type), zeros(2), u32(index % 4), u16(1), packetType, 6, macBytes(MAC_A), zeros(2), payload);
  });
}

const MAC = "02:00:00:00:00:01";

/** By the headings of the manual, in its order. */
const MANUAL: Readonly<Record<string, readonly string[]>> = {
  "host, dst host, src host": [
    "host 10.0.0.1",
    "src host 2001:db8::1",
    "dst host 10.0.0.2",
    "ip host 10.0.0.1",
  ],
  "ether dst, src, host": [
    ...[`ether dst ${MAC}`, `ether src ${MAC}`, `ether host ${MAC}`, `fddi host ${MAC}`, `tr src ${MAC}`],
    ...[`wlan host ${MAC}`, "ether host 2.0.0.0.0.1", "ether host 02-00-00-00-00-01"],
    ...["ether host 0200.0000.0001", "ether host 020000000001", "ether host 2:0:0:0-0-1"],
  ],
  gateway: ["gateway 10.0.0.1", "gateway snup"],
  "net, dst net, src net": [
    "net 10.0.0.0/24",
    "dst net 10",
    "src net 2001:db8::/32",
    "net 10.0 mask 255.255.0.0",
  ],
  "port, portrange": ["port 80", "tcp dst port 80", "src port 50000", "udp portrange 50-60", "ip port 80"],
  "less, greater": ["less 60", "greater 60", "len <= 60", "length > 100", "less 0x40"],
  "ip proto, ip6 proto, proto": [
    ...["ip proto 6", "ip proto \\udp", "ip6 proto 44", "proto 17", "proto \\sctp", "proto nosuch"],
    ...["icmp", "icmp6", "ah", "esp", "pim", "sctp", "tcp", "udp", "igmp", "igrp", "vrrp", "carp"],
    ...["ip proto \\gre", "ip proto \\ospf", "tcp proto 6", "arp proto 6"],
  ],
  protochain: [
    ...["ip6 protochain 6", "ip protochain 6", "protochain 6", "ip6 protochain 44", "ip6 protochain 0"],
    ...["protochain \\tcp", "protochain 17", "protochain 51", "ip6 protochain 59", "ip6 protochain 58"],
    ...["not ip6 protochain 60 and ip6", "tcp protochain 6", "ip6 protochain \\icmp6nosuch"],
    ...[
      "vlan and protochain 6",
      "mpls and protochain 6",
      "pppoes and ip protochain 6",
      "protochain 43 or arp",
    ],
  ],
  broadcast: ["broadcast", "ether broadcast", "ip broadcast", "ip6 broadcast", "not ip broadcast and ip"],
  multicast: ["multicast", "ether multicast", "ip multicast", "ip6 multicast", "arp multicast"],
  "ether proto": [
    ...["aarp", "arp", "atalk", "decnet", "ip", "ip6", "ipx", "iso", "lat", "loopback", "mopdl", "moprc"].map(
      name => `ether proto \\${name}`,
    ),
    ...["netbeui", "rarp", "sca", "stp"].map(name => `ether proto \\${name}`),
    ...["ether proto 0x0800", "ether proto 0x42", "ether proto 0xfe", "ether proto 6", "ether proto 1500"],
    ...["ether proto 1501", "link proto 0x0806", "ether proto loopback", "ether proto nosuch"],
    ...["ip", "ip6", "arp", "rarp", "atalk", "aarp", "decnet", "iso", "stp", "ipx", "netbeui"],
    ...["lat", "moprc", "mopdl", "sca", "not iso", "stp or ipx"],
  ],
  llc: [
    ...["llc", "llc i", "llc s", "llc u", "llc rr", "llc rnr", "llc rej", "llc ui", "llc ua", "llc disc"],
    ...[
      "llc sabme",
      "llc test",
      "llc xid",
      "llc frmr",
      "llc nosuch",
      "not llc",
      "llc and stp",
      "vlan and llc",
    ],
  ],
  "ifname, on, rnr, … (pf)": [
    ...[
      "rnr 5",
      "rulenum 5",
      "reason match",
      "rset foo",
      "ruleset foo",
      "srnr 1",
      "subrulenum 1",
      "action pass",
    ],
  ],
  "wlan, type, subtype, dir": [
    ...[`wlan ra ${MAC}`, `wlan ta ${MAC}`, `wlan addr1 ${MAC}`, `wlan addr4 ${MAC}`, "type mgt"],
    ...["type mgt subtype beacon", "subtype beacon", "dir tods", "radio[0] = 1"],
  ],
  vlan: [
    ...["vlan", "vlan 100", "vlan 100 and vlan 200", "vlan and vlan 5 and ip", "vlan and stp", "vlan 4096"],
    ...[
      "vlan 5 and mpls 5 and udp",
      "vlan 100 and pppoes 5 and tcp port 80",
      "not vlan",
      "vlan and ether[0] = 2",
    ],
  ],
  mpls: [
    ...["mpls", "mpls 5", "mpls 100000 and mpls 1024", "mpls and mpls 1024 and host 10.0.0.1", "mpls and ip"],
    ...[
      "mpls and ip6",
      "mpls and tcp port 80",
      "mpls 1048576",
      "mpls and arp",
      "mpls and vlan",
      "mpls and iso",
    ],
    ...["mpls and net 10.0.0.0/8", "mpls and ip[8] = 64", "mpls and mpls and mpls and ip6", "mpls or ip"],
    ...["mpls and ether proto 0x0806", "mpls and ether proto 0x86dd", "mpls and arp[0] = 1", "mpls and clnp"],
    ...["mpls and pppoed", "mpls and pppoes", `mpls and ether src ${MAC}`, "mpls and llc", "not mpls"],
  ],
  "pppoed, pppoes": [
    ...["pppoed", "pppoes", "pppoes 0x27", "pppoes 0x27 and ip", "pppoes and ip6", "pppoes and tcp port 80"],
    ...[
      "pppoes 65536",
      "pppoes and mpls 5",
      "pppoes and mpls 5 and udp",
      "pppoes and iso",
      "pppoes and isis",
    ],
    ...["pppoes and ether proto 0xc021", "pppoes and ether[0:2] = 0x21", "pppoes and vlan", "pppoes and llc"],
    ...[
      `pppoes and ether host ${MAC}`,
      "pppoes and multicast",
      "pppoes and ipx",
      "pppoes and arp",
      "not pppoes",
    ],
    ...["pppoes and ip multicast", "pppoes and ppp[1] = 0x21", "pppoes and inbound and nosuch"],
  ],
  geneve: [
    ...[
      "geneve",
      "geneve 5",
      "geneve 0xb and ip",
      "geneve 0xb and ip6",
      "geneve and tcp port 80",
      "geneve and arp",
    ],
    ...[
      `geneve and ether src ${MAC}`,
      "geneve and vlan 7",
      "geneve and vlan 7 and udp port 53",
      "geneve 16777216",
    ],
    ...["geneve and host 10.0.0.1", "geneve and geneve 5", "geneve and geneve and udp port 53", "not geneve"],
    ...[
      "geneve and ether[0] & 1 = 0",
      "geneve and multicast",
      "tcp or geneve and tcp",
      "geneve and ip[0] = 0x45",
    ],
    ...["geneve and tcp[tcpflags] & tcp-syn != 0", "geneve and len > 100"],
    ...["geneve and ip broadcast"],
  ],
  "iso proto, IS-IS": [
    ...["iso proto 0x81", "iso proto \\clnp", "iso proto \\esis", "iso proto \\isis", "clnp", "esis", "isis"],
    ...["es-is", "is-is", "l1", "l2", "iih", "lsp", "snp", "csnp", "psnp", "iso proto \\nosuch"],
    ...["vlan and clnp", "not isis", "isis and iih or stp"],
  ],
  ATM: [
    ...["vpi 3", "vci 3", "lane", "oamf4s", "oamf4e", "oamf4", "oam", "metac", "bcc", "sc", "ilmic"],
    ...["connectmsg", "metaconnect"],
  ],
  "proto [ expr : size ]": [
    ...[
      "arp",
      "atalk",
      "carp",
      "decnet",
      "ether",
      "fddi",
      "icmp",
      "icmp6",
      "igmp",
      "igrp",
      "ip",
      "ip6",
      "lat",
    ],
    ...[
      "link",
      "mopdl",
      "moprc",
      "pim",
      "ppp",
      "rarp",
      "sca",
      "sctp",
      "slip",
      "tcp",
      "tr",
      "udp",
      "vrrp",
      "wlan",
    ],
    ...["iso", "stp", "ipx", "netbeui", "aarp", "ah", "esp", "isis", "llc", "vlan", "nosuch"],
  ].flatMap(name => [`${name}[0] & 1 = 1`, `${name}[1:2] > 5`, `${name}[len - 60] != 0`]),
  "offsets and values with names": [
    ...[
      "icmp[icmptype] = icmp-echo",
      "icmp[icmpcode] = 0",
      "icmp6[icmp6type] = icmp6-echo",
      "icmp6[icmp6code] = 0",
    ],
    ...["tcp[tcpflags] & (tcp-fin|tcp-rst|tcp-push|tcp-ack|tcp-urg|tcp-ece|tcp-cwr) = tcp-ack"],
  ],
};

const NAMED = [
  ...[
    "echoreply",
    "unreach",
    "sourcequench",
    "redirect",
    "echo",
    "routeradvert",
    "routersolicit",
    "timxceed",
  ],
  ...["paramprob", "tstamp", "tstampreply", "ireq", "ireqreply", "maskreq", "maskreply"],
].map(name => `icmp-${name}`);
const NAMED_6 = [
  ...["destinationunreach", "packettoobig", "timeexceeded", "parameterproblem", "echo", "echoreply"],
  ...["multicastlistenerquery", "multicastlistenerreportv1", "multicastlistenerdone", "routersolicit"],
  ...["routeradvert", "neighborsolicit", "neighboradvert", "redirect", "routerrenum", "nodeinformationquery"],
  ...["nodeinformationresponse", "ineighbordiscoverysolicit", "ineighbordiscoveryadvert"],
  ...["multicastlistenerreportv2", "homeagentdiscoveryrequest", "homeagentdiscoveryreply"],
  ...["mobileprefixsolicit", "mobileprefixadvert", "certpathsolicit", "certpathadvert"],
  ...["multicastrouteradvert", "multicastroutersolicit", "multicastrouterterm"],
].map(name => `icmp6-${name}`);

/** On links that are not Ethernet: each protocol's bytes are asked for once. */
function elsewhere(): readonly string[] {
  return Object.values(MANUAL)
    .flat()
    .filter(text => !/\[(1:2|len - 60)\]/.test(text));
}

/** Filters on which we and tcpdump differ: its verdict and ours. */
function differences(
  linkType: number,
  packets: readonly Uint8Array[],
  filters: readonly string[],
): readonly string[] {
  const theirs = tcpdumpVerdicts(linkType, packets, filters);
  return theirs.flatMap(({ text, verdict }: FilterVerdict) => {
    const ours = ourVerdict(text, linkType, packets);
    return shown(ours) === shown(verdict) ? [] : [`${text}: ${shown(verdict)}, but ours ${shown(ours)}`];
  });
}

function shown(verdict: Verdict): string {
  return typeof verdict === "string" ? verdict : `[${verdict.join(" ")}]`;
}

describe.skipIf(skipped !== undefined)(
  `pcap-filter(7)${skipped === undefined ? "" : ` (${skipped})`}`,
  () => {
    describe("on Ethernet", () => {
      const frames = ethernetFrames();
      test.each(Object.entries(MANUAL))("%s", (_, filters) => {
        expect(differences(LINK_TYPE.ethernet, frames, filters)).toEqual([]);
      });
    });

    test("on raw IP", () => {
      expect(differences(LINK_TYPE.raw, IP_PACKETS, elsewhere())).toEqual([]);
    });

    test("on Linux cooked links", () => {
      const directed = ["inbound", "outbound", "not inbound and tcp", "outbound or arp"];
      expect(differences(LINK_TYPE.linuxCooked, cookedFrames(1), [...elsewhere(), ...directed])).toEqual([]);
    });

    test("on Linux cooked links, version 2, but for IPX, which libpcap does not find there", () => {
      const directed = ["inbound", "outbound", "ifindex 1", "ifindex 3 and inbound", "ifindex"];
      const filters = elsewhere().filter(text => !text.includes("ipx"));
      expect(differences(LINK_TYPE.linuxCooked2, cookedFrames(2), [...filters, ...directed])).toEqual([]);
    });

    test("names of offsets and values are their numbers", () => {
      const numbered = Array.from({ length: 256 }, (_, type) => [
        ipPacket(V4, 1, join(type, 0, zeros(6))),
        ipPacket(V6, 58, join(type, 0, zeros(6))),
      ]).flat();
      const filters = [
        ...NAMED.map(name => `icmp[icmptype] = ${name}`),
        ...NAMED_6.map(name => `icmp6[icmp6type] = ${name}`),
      ];
      expect(differences(LINK_TYPE.raw, numbered, filters)).toEqual([]);
    });
  },
);
