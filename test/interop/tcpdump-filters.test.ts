/** Our compiled filters against those of the real tcpdump: which packets of a capture match. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFilter } from "../../src/capture/bpf/compile.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { missingTools } from "../support/capture-tools.ts";
import {
  addressBytes,
  arp,
  counting,
  ethernet,
  FLAG,
  framed,
  icmpv4,
  icmpv6,
  igmp,
  ipv4,
  ipv6,
  join,
  MAC_A,
  MAC_B,
  tcp,
  tcpSegment,
  u16,
  u32,
  udp,
  udpDatagram,
  zeros,
} from "../support/frames.ts";
import { ourVerdict, programVerdict, tcpdumpVerdicts } from "./tcpdump-verdicts.ts";

const skipped = missingTools("tcpdump");

const HOSTS_V4 = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "192.168.1.9", "224.0.0.5"];
const HOSTS_V6 = ["2001:db8::1", "2001:db8:0:1::2", "fe80::1", "ff02::1"];
const PORTS = [22, 53, 80, 443, 8080, 50_000];

function packets(): Uint8Array[] {
  const list: Uint8Array[] = [];
  let seed = 7;
  const pick = <Item>(items: readonly Item[]): Item => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return items[(seed >>> 16) % items.length] as Item;
  };
  const sixOrFour = (): readonly string[] => pick([HOSTS_V4, HOSTS_V6]);
  for (let i = 0; i < 120; i++) {
    const hosts = sixOrFour();
    const ends = {
      source: pick(hosts),
      destination: pick(hosts),
      sourcePort: pick(PORTS),
      destinationPort: pick(PORTS),
    };
    const payload = counting(pick([0, 1, 10, 300]));
    const flags = pick([
      FLAG.syn,
      FLAG.ack,
      FLAG.syn | FLAG.ack,
      FLAG.fin | FLAG.ack,
      FLAG.rst,
      FLAG.psh | FLAG.ack,
    ]);
    list.push(
      pick([
        tcp({ ...ends, payload, flags, window: pick([0, 100, 65_535]) }),
        tcp({ ...ends, payload, flags, options: [2, 4, 5, 180] }),
        udp({ ...ends, payload }),
      ]),
    );
  }
  const v4 = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 80, destinationPort: 53 };
  const v6 = { source: "2001:db8::1", destination: "fe80::1", sourcePort: 80, destinationPort: 53 };
  const options = { options: [148, 4, 0, 0] };
  list.push(
    icmpv4(v4, 8, 0, join(u16(1), u16(2), counting(56))),
    icmpv4(v4, 0, 0, join(u16(1), u16(2), counting(56))),
    icmpv4(v4, 3, 3, join(u32(0), udp(v4))),
    icmpv6(v6, 128, 0, join(u16(1), u16(2))),
    icmpv6(v6, 135, 0, join(u32(0), addressBytes("fe80::1"))),
    igmp({ source: "10.0.0.1", destination: "224.0.0.22" }, join(0x11, 100, u16(0), u32(0))),
    ipv4({ ...v4, ...options, protocol: 6 }, tcpSegment({ ...v4, flags: FLAG.syn })),
    ipv4({ ...v4, ...options, protocol: 17 }, udpDatagram(v4)),
    ipv4({ ...v4, protocol: 17, fragment: 0x2000 }, udpDatagram(v4)),
    ipv4({ ...v4, protocol: 17, fragment: 0x0004 }, udpDatagram(v4)),
    ipv4({ ...v4, protocol: 6, fragment: 0x0004 }, tcpSegment({ ...v4, flags: FLAG.syn })),
    ipv4({ ...v4, protocol: 132 }, join(u16(80), u16(9), zeros(20))),
    ipv4({ ...v4, protocol: 50 }, join(zeros(20))),
    ipv4({ ...v4, protocol: 51 }, join(zeros(20))),
    ipv4({ ...v4, protocol: 103 }, join(zeros(20))),
    ipv4({ ...v4, protocol: 112 }, join(zeros(20))),
    ipv6({ ...v6, nextHeader: 44 }, join(17, 0, u16(1), u32(9), udpDatagram(v6))),
    ipv6({ ...v6, nextHeader: 44 }, join(58, 0, u16(0), u32(9), zeros(12))),
    ipv6({ ...v6, nextHeader: 0 }, join(6, 0, 1, 4, zeros(4), tcpSegment(v6))),
    ipv6({ ...v6, nextHeader: 59 }, join([])),
  );
  return list;
}

function frames(): Uint8Array[] {
  const list = packets().map((packet, index) =>
    framed(packet, index % 7 === 0 ? [100] : index % 11 === 0 ? [200, 7] : []),
  );
  for (const [operation, targetIp] of [
    [1, "10.0.0.2"],
    [2, "10.0.1.1"],
  ] as const) {
    const packet = arp({ operation, senderMac: MAC_A, senderIp: "10.0.0.1", targetMac: MAC_B, targetIp });
    list.push(ethernet(0x0806, packet), ethernet(0x8035, packet));
  }
  const broadcast = ethernet(
    0x0806,
    arp({ operation: 1, senderMac: MAC_A, senderIp: "10.0.0.1", targetMac: MAC_B, targetIp: "10.0.0.9" }),
  );
  broadcast.fill(0xff, 0, 6);
  list.push(broadcast, ethernet(0x88b5, counting(46)), ethernet(40, counting(46)));
  return list;
}

/** On any link. */
const FILTERS: readonly string[] = [
  ...[
    "",
    "ip",
    "ip6",
    "arp",
    "rarp",
    "tcp",
    "udp",
    "sctp",
    "icmp",
    "icmp6",
    "igmp",
    "esp",
    "ah",
    "pim",
    "vrrp",
  ],
  ...["host 10.0.0.1", "src host 10.0.0.1", "dst host 10.0.0.1", "src or dst host 10.0.0.1"],
  ...["src and dst host 10.0.0.1", "src 10.0.0.1", "ip host 10.0.0.1", "arp host 10.0.0.2"],
  ...["host 2001:db8::1", "src host 2001:db8::1", "ip6 host fe80::1", "dst fe80::1", "rarp host 10.0.1.1"],
  ...["net 10.0.0.0/24", "net 10", "net 10.0", "src net 10.0.0", "dst net 192.168.1.0 mask 255.255.255.0"],
  ...[
    "net 2001:db8::/32",
    "src net 2001:db8:0:1::/64",
    "ip6 net fe80::/10",
    "net 0.0.0.0/0",
    "net 10.0.0.0/31",
  ],
  ...["ip net 10.0.0.0/8", "net ::/0", "net 2001:db8::1/128", "host ::ffff:1.2.3.4"],
  ...["port 80", "src port 80", "dst port 80", "src or dst port 53", "src and dst port 80", "tcp port 80"],
  ...[
    "udp port 53",
    "tcp dst port 443",
    "udp src port 22",
    "sctp port 80",
    "port 0x50",
    "tcp src or dst port 80",
  ],
  ...[
    "portrange 22-80",
    "tcp portrange 100-50000",
    "src portrange 53-53",
    "udp dst portrange 50-90",
    "portrange 80-22",
  ],
  ...[
    "tcp port http",
    "udp port domain",
    "tcp dst port ssh",
    "tcp portrange ssh-http",
    "tcp port http or https",
  ],
  ...["proto gre", "ip proto ospf", "proto \\gre", "ip6 proto ipv6-icmp", "ip6 proto ipv6-frag"],
  ...[
    "proto 6",
    "ip proto 17",
    "ip6 proto 58",
    "ip proto \\tcp",
    "ip6 proto \\udp",
    "proto 44",
    "ip6 proto 44",
  ],
  ...[
    "less 100",
    "greater 200",
    "len > 60",
    "len = 54 or len == 58",
    "len - 14 >= 100",
    "len <= 60 and not arp",
  ],
  ...["tcp[13] & 2 != 0", "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn", "tcp[tcpflags] == tcp-syn"],
  ...["tcp[0:2] = 80", "tcp[4:4] = 0", "udp[4:2] > 10", "icmp[icmptype] = icmp-echo", "icmp[0] != 8"],
  ...["icmp6[icmp6type] == icmp6-echo", "ip[8] = 64", "ip[9] == 6 and ip[0] & 0xf = 5", "ip[0] & 0xf != 5"],
  ...["ip[6:2] & 0x1fff != 0", "ip6[6] = 44", "arp[7] = 1", "ip[2:2] - ((ip[0] & 0xf) << 2) > 100"],
  ...["tcp[((tcp[12] & 0xf0) >> 2)] = 0", "tcp and (ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2) != 0"],
  ...["tcp[14:2] * 2 > 200", "tcp[14:2] / 100 = 1", "tcp[14:2] % 7 = 2", "ip[8] ^ 64 = 0", "-ip[8] < 5"],
  ...[
    "udp[ip[8] - 64] = 0",
    "tcp[0:2] > tcp[2:2]",
    "len > ip[2:2] + 10",
    "1 = 1",
    "2 > 3",
    "ip[ip[0] & 0xf] = 0",
  ],
  ...[
    "not tcp",
    "! udp",
    "not (tcp or udp)",
    "tcp and port 80",
    "tcp or udp and port 80",
    "udp or tcp and port 80",
  ],
  ...["port 80 or 443", "port 80 and not 443", "host 10.0.0.1 and not 10.0.0.2", "tcp port 80 or 53"],
  ...["port (80 or 443)", "host (10.0.0.1 or 10.0.1.1)", "src port not 80", "dst host not 10.0.0.2"],
  ...["net 10.0.0.0/24 or 192.168.1.0/24", "not host 10.0.0.1 and tcp", "(tcp) and (port 80)", "((ip))"],
  ...["tcp && (port 80 || port 443)", "icmp or icmp6 or arp", "!(!tcp)", "tcp and not (src port 80 or 22)"],
  ...["ip multicast", "ip6 multicast", "not tcp[13] & 2 != 0", "tcp[13] & 2 != 0 or udp port 53"],
  ...["(tcp[13] & 2) != 0", "((tcp[13])) == 16", "(1 + 2) * 3 = 9", "tcp[2:2] = 80 or 53 = udp[2:2]"],
  ...["ip[0x0a:2] > 0", "port 010", "tcp[1 + 1 : 2] = 80", "ip[1000] = 0", "not ip[1000] = 0", "ip[-1] = 0"],
];

/** On Ethernet only. */
const ETHERNET_FILTERS: readonly string[] = [
  ...["ether host 02:00:00:00:00:01", "ether src 02:00:00:00:00:01", "ether dst 02:00:00:00:00:01"],
  ...["ether src host 2:0:0:0:0:1 and arp", "ether dst ff:ff:ff:ff:ff:ff", "broadcast", "multicast"],
  ...[
    "ether broadcast",
    "ether multicast",
    "not ether multicast and arp",
    "ether proto 0x0806",
    "ether proto \\ip6",
  ],
  ...["ether[12:2] = 0x0806", "ether[0] & 1 != 0", "ether proto \\arp and host 10.0.0.2", "link[14] = 0x45"],
  ...[
    "vlan",
    "vlan 100",
    "vlan 5",
    "vlan and ip",
    "vlan 100 and tcp",
    "vlan and vlan",
    "vlan 200 and vlan 7 and ip6",
  ],
  ...[
    "not vlan",
    "vlan and tcp[13] & 2 != 0",
    "tcp or vlan and tcp",
    "ip6 or (vlan and ip6)",
    "vlan and port 80",
  ],
  ...["vlan 100 and host 10.0.0.1", "not vlan and tcp", "vlan 100 or vlan 7", "vlan and net 2001:db8::/32"],
];

function expectSameMatches(
  linkType: number,
  packets: readonly Uint8Array[],
  filters: readonly string[],
): void {
  const ours = filters.map(text => ({ text, verdict: ourVerdict(text, linkType, packets) }));
  expect(ours).toEqual(tcpdumpVerdicts(linkType, packets, filters));
}

/** Filters at random, of parts that are well understood. */
function randomFilter(): fc.Arbitrary<string> {
  const part = fc.constantFrom(
    ...[
      "tcp",
      "udp",
      "ip",
      "ip6",
      "arp",
      "icmp",
      "port 80",
      "src port 53",
      "host 10.0.0.1",
      "net 10.0.0.0/24",
    ],
    ...[
      "tcp[13] & 2 != 0",
      "len > 70",
      "net 2001:db8::/48",
      "dst host fe80::1",
      "portrange 50-500",
      "udp[4:2] = 8",
    ],
  );
  const { expression } = fc.letrec<{ expression: string }>(tie => ({
    expression: fc.oneof(
      { maxDepth: 4, depthSize: "large" },
      part,
      fc.tuple(tie("expression"), fc.constantFrom("and", "or"), tie("expression")).map(all => all.join(" ")),
      tie("expression").map(inner => `(${inner})`),
      part.map(inner => `not ${inner}`),
      tie("expression").map(inner => `not (${inner})`),
    ),
  }));
  return expression;
}

describe.skipIf(skipped !== undefined)(
  `as tcpdump filters${skipped === undefined ? "" : ` (${skipped})`}`,
  () => {
    test("frames of Ethernet", () => {
      expectSameMatches(LINK_TYPE.ethernet, frames(), [...FILTERS, ...ETHERNET_FILTERS]);
    });

    test("the programs that tcpdump compiles do in our machine what ours do", () => {
      const list = frames();
      const filters = [...FILTERS, ...ETHERNET_FILTERS].filter(text => text !== "");
      const different = filters.flatMap(text => {
        const theirs = programVerdict(text, "EN10MB", list);
        const ours = ourVerdict(text, LINK_TYPE.ethernet, list);
        return String(theirs) === String(ours) ? [] : [`${text}: ${theirs}, but ours ${ours}`];
      });
      expect(different).toEqual([]);
    });

    test("raw IP packets", () => {
      expectSameMatches(LINK_TYPE.raw, packets(), FILTERS);
    });

    test("Linux cooked packets", () => {
      const cooked = packets().map(packet =>
        join(
          u16(0),
          u16(1),
          u16(6),
          zeros(8),
          u16((packet[0] as number) >>> 4 === 6 ? 0x86dd : 0x0800),
          packet,
        ),
      );
      expectSameMatches(
        LINK_TYPE.linuxCooked,
        cooked,
        FILTERS.filter((_, index) => index % 5 === 0),
      );
    });

    test("filters put together at random", () => {
      expectSameMatches(LINK_TYPE.ethernet, frames(), fc.sample(randomFilter(), { numRuns: 80, seed: 5 }));
    });

    test("what tcpdump refuses, we refuse", () => {
      const refused = [
        ...[
          "tcp and",
          "port",
          "host",
          "port 99999",
          "port nosuchservice",
          "portrange http-nosuchservice",
          "net 10.0.0.1/8",
          "host 10.0.0.0/8",
          "(tcp",
          "tcp)",
          "ip[0",
          "ip[0:3] = 1",
        ],
        ...["tcp host 10.0.0.1", "icmp port 80", "1 / 0 = 1", "tcp tcp", "and tcp", "vlan foo", "len"],
        ...["net 300.1", "ether host 10.0.0.1", "ip host 2001:db8::1", "portrange 1-70000", "not", "!", "@"],
      ];
      expect(refused.filter(text => compileFilter(text, LINK_TYPE.ethernet).ok)).toEqual([]);
      expect(refused.filter(text => spawnSync("tcpdump", ["-y", "EN10MB", "-d", text]).status === 0)).toEqual(
        [],
      );
    });
  },
);
