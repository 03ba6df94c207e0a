import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arp,
  counting,
  ethernet,
  FLAG,
  framed,
  ipv6,
  join,
  MAC_A,
  MAC_B,
  tcp,
  udp,
  zeros,
} from "../../../test/support/frames.ts";
import { LINK_TYPE } from "../link-type.ts";
import type { Circumstances } from "./circumstances.ts";
import { compileFilter, type FilterOptions, type PacketFilter } from "./compile.ts";
import { NAMED_CONSTANTS } from "./named-constants.ts";

const WEB = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 50_000, destinationPort: 80 };
const WEB6 = { source: "2001:db8::1", destination: "2001:db8::2", sourcePort: 50_000, destinationPort: 80 };
const SYN = framed(tcp({ ...WEB, flags: FLAG.syn }));
const DATA = framed(tcp({ ...WEB6, payload: counting(300) }));
const DNS = framed(udp({ ...WEB, destinationPort: 53 }));
const ARP = ethernet(
  0x0806,
  arp({ operation: 1, senderMac: MAC_A, senderIp: "10.0.0.1", targetMac: MAC_B, targetIp: "10.0.0.2" }),
);
const TAGGED = framed(udp({ ...WEB, destinationPort: 53 }), [7]);
const ALL = { SYN, DATA, DNS, ARP, TAGGED };

function compiled(text: string, linkType: number = LINK_TYPE.ethernet): PacketFilter {
  const result = compileFilter(text, linkType);
  if (!result.ok) throw new Error(`${text}: ${result.problem.message}`);
  return result.filter;
}

function matching(text: string): string[] {
  const filter = compiled(text);
  return Object.entries(ALL).flatMap(([name, frame]) => (filter.matches(frame) ? [name] : []));
}

function problem(
  text: string,
  linkType: number = LINK_TYPE.ethernet,
): { message: string; at: number } | undefined {
  const result = compileFilter(text, linkType);
  return result.ok ? undefined : result.problem;
}

// That the language means what tcpdump says it means is tested in test/interop/tcpdump-filters.test.ts.
describe("filters (pcap-filter(7))", () => {
  test.each([
    ["", ["SYN", "DATA", "DNS", "ARP", "TAGGED"]],
    ["tcp", ["SYN", "DATA"]],
    ["host 10.0.0.1", ["SYN", "DNS", "ARP"]],
    ["src net 2001:db8::/32", ["DATA"]],
    ["port 80 or 53", ["SYN", "DATA", "DNS"]],
    ["tcp[tcpflags] & tcp-syn != 0", ["SYN"]],
    ["len > 100", ["DATA"]],
    ["vlan 7 and udp port 53", ["TAGGED"]],
    ["not (ip or ip6)", ["ARP", "TAGGED"]],
    ["ether src 02:00:00:00:00:01 and arp", ["ARP"]],
  ])("%j", (text, names) => {
    expect(matching(text)).toEqual(names);
  });

  test("and and or bind equally, to the left", () => {
    expect(matching("arp or tcp and host 10.0.0.1")).toEqual(["SYN", "ARP"]);
    expect(matching("arp or (tcp and port 443)")).toEqual(["ARP"]);
  });

  test("on BSD loopback, of either byte order, and on Linux cooked v2", () => {
    const packet = udp(WEB);
    const filter = compiled("udp dst port 80", LINK_TYPE.null);
    expect(filter.matches(join([0, 0, 0, 2], packet))).toBe(true);
    expect(filter.matches(join([2, 0, 0, 0], packet))).toBe(true);
    expect(filter.matches(join([0, 0, 0, 30], packet))).toBe(false);
    expect(compiled("udp dst port 80", LINK_TYPE.linuxCooked2).matches(join([8, 0], zeros(18), packet))).toBe(
      true,
    );
  });

  test("the length on the wire counts, not what was captured", () => {
    expect(compiled("greater 1000").matches(SYN, 0, SYN.length, 1500)).toBe(true);
    expect(compiled("greater 1000").matches(SYN)).toBe(false);
  });

  test("a packet within a larger buffer is read by its own bounds", () => {
    const within = new Uint8Array(SYN.length + 100).fill(0x45);
    within.set(SYN, 50);
    expect(compiled("tcp dst port 80").matches(within, 50, 50 + SYN.length)).toBe(true);
    expect(compiled("tcp[30] = 0x45").matches(within, 50, 50 + SYN.length)).toBe(false);
  });

  test("what is loaded already is not loaded again", () => {
    expect(compiled("ip or ip6 or arp").program.length).toBe(6);
    // But where two ways meet, only if both have loaded it.
    const filter = compiled("(ether[0] = 1 and ether[1] = 2) or ether[1] = 9");
    expect(filter.matches(Uint8Array.of(9, 0))).toBe(false);
    expect(filter.matches(Uint8Array.of(0, 9))).toBe(true);
    expect(filter.matches(Uint8Array.of(1, 9))).toBe(true);
  });

  test("long alternatives need jumps that 8 bits cannot hold", () => {
    const ports = Array.from({ length: 100 }, (_, index) => `port ${1000 + index}`);
    const filter = compiled(`tcp and (${ports.join(" or ")} or port 80)`);
    expect(filter.program.length).toBeGreaterThan(1000);
    expect([SYN, DATA, DNS].map(frame => filter.matches(frame))).toEqual([true, true, false]);
  });
});

describe("what a capture knows beside the bytes", () => {
  const chosen = (text: string, known: Partial<Circumstances>, options?: FilterOptions): boolean => {
    const result = compileFilter(text, LINK_TYPE.ethernet, options);
    if (!result.ok) throw new Error(result.problem.message);
    const circumstances = { direction: undefined, interfaceName: undefined, ...known };
    return result.filter.matches(SYN, 0, SYN.length, SYN.length, circumstances);
  };

  test("inbound and outbound are the direction; where it is not known, neither", () => {
    const directions = ["in", "out", undefined] as const;
    const all = (text: string): boolean[] => directions.map(direction => chosen(text, { direction }));
    expect(all("inbound")).toEqual([true, false, false]);
    expect(all("outbound")).toEqual([false, true, false]);
    expect(all("not inbound")).toEqual([false, true, false]);
    expect(all("tcp and outbound")).toEqual([false, true, false]);
    expect(all("tcp or outbound")).toEqual([true, true, true]);
    expect(compiled("inbound").matches(SYN)).toBe(false);
  });

  test("ifname is the interface's name, and on is the same", () => {
    const names = ["eth0", "lo", undefined] as const;
    const all = (text: string): boolean[] => names.map(interfaceName => chosen(text, { interfaceName }));
    expect(all("ifname eth0")).toEqual([true, false, false]);
    expect(all("not on eth0")).toEqual([false, true, false]);
    expect(all("(on lo or ifname eth0) and not udp")).toEqual([true, true, false]);
    expect(all("on lo.7 or on br-lan")).toEqual([false, false, false]);
  });

  test("ip broadcast asks for the network's mask, and knows the limited broadcast without", () => {
    const to = (destination: string): Uint8Array => framed(udp({ ...WEB, destination }));
    const all = (options?: FilterOptions): boolean[] => {
      const result = compileFilter("ip broadcast", LINK_TYPE.ethernet, options);
      const ends = ["10.1.255.255", "10.1.0.0", "10.1.2.255", "255.255.255.255", "0.0.0.0"];
      return ends.map(end => result.ok && result.filter.matches(to(end)));
    };
    expect(all()).toEqual([false, false, false, true, true]);
    expect(all({ netmask: 0xffff_0000 })).toEqual([true, true, false, true, true]);
    expect(all({ netmask: 0xffff_ff00 })).toEqual([true, true, true, true, true]);
  });
});

test("protochain goes on behind an authentication header, within tunnels, and for so many headers", () => {
  const ends = { source: "2001:db8::1", destination: "2001:db8::2", sourcePort: 1, destinationPort: 2 };
  const chain = (...headers: readonly number[][]): Uint8Array =>
    framed(ipv6({ ...ends, nextHeader: headers[0]?.[0] ?? 6 }, join(...headers.map(([, ...rest]) => rest))));
  const security = (next: number): number[] => [51, next, 4, ...zeros(22)];
  const options = (next: number): number[] => [60, next, 0, ...zeros(6)];
  const filter = compiled("ip6 protochain 6");
  expect(filter.matches(chain(security(51), security(60), options(6), [6]))).toBe(true);
  expect(filter.matches(chain(security(51), security(60), options(17), [17]))).toBe(false);
  const many = (count: number): number[][] =>
    Array.from({ length: count }, (_, index) => options(index === count - 1 ? 6 : 60));
  expect(filter.matches(chain(...many(16)))).toBe(true);
  expect(filter.matches(chain(...many(17)))).toBe(false);
  const inner = chain(options(6), [6]).subarray(14);
  const tunnel = join([0, 0], [0x86, 0xdd], [0, 0, 5, 0], inner);
  const packet = framed(udp({ ...WEB, destinationPort: 6081, payload: tunnel }));
  expect(compiled("geneve 5 and protochain 6").matches(packet)).toBe(true);
  expect(compiled("geneve 5 and protochain 17").matches(packet)).toBe(false);
});

describe("what is wrong with a filter is said, with its place", () => {
  test.each([
    ["tcp and", 7],
    ["port nosuch", 5],
    ["host example.com", 5],
    ["tcp port 99999", 9],
    ["ip[0:3] = 1", 5],
    ["ip[0]", 5],
    ["net 10.0.0.1/8", 4],
    ["ether host 10.0.0.1", 11],
    ["host 02:00:00:00:00:01", 5],
    ["icmp port 5", 10],
    ["gateway 10.0.0.1", 0],
    ["decnet host 10.123", 12],
    ["tcp and type mgt", 8],
    ["wlan addr2 02:00:00:00:00:01", 5],
    ["vpi 7", 0],
    ["reason match", 0],
    ["ifindex 3", 0],
    ["ifname 5", 7],
    ["mpls and arp", 9],
    ["mpls and vlan", 9],
    ["vlan 4096", 5],
    ["geneve and geneve and geneve", 22],
    ["1 / 0 = 2", 2],
    ["host 1.2.3.256", 5],
    ["net 10.0.0.0 mask 255.0.255.0", 18],
    ["tcp $", 4],
    ["(tcp", 4],
    ["5", 0],
  ])("%j", (text, at) => {
    const found = problem(text);
    expect(found?.message).not.toBe("");
    expect(found?.at).toBe(at);
  });

  test("what every object inherits is no name of the language, wherever it stands", () => {
    for (const name of ["constructor", "toString", "hasOwnProperty", "valueOf"]) {
      for (const before of [
        "",
        "ip[0] ",
        "len ",
        "ether proto ",
        "ip proto ",
        "proto \\",
        "port ",
        "tcp[",
        "1 + ",
      ])
        for (const behind of ["", " 1", " = 1", "]", "] = 1"])
          expect([before, name, behind, problem(`${before}${name}${behind}`)?.message]).not.toContain(
            undefined,
          );
    }
  });

  test("well-known names are numbers, alone, in ranges and after or", () => {
    const programOf = (text: string): unknown => {
      const compiled = compileFilter(text, LINK_TYPE.ethernet);
      return compiled.ok ? compiled.filter.program : compiled.problem;
    };
    for (const [named, numbered] of [
      ["port http", "port 80"],
      ["tcp port ssh or ftp-data", "tcp port 22 or 20"],
      ["portrange ftp-data-http", "portrange 20-80"],
      ["portrange 22-http", "portrange 22-80"],
      ["ip proto gre", "ip proto 47"],
      ["proto \\ospf", "proto 89"],
    ] as const) {
      expect(programOf(named)).toEqual(programOf(numbered));
    }
  });

  test("Ethernet's words need Ethernet", () => {
    for (const text of ["ether host 02:00:00:00:00:01", "vlan 5", "mpls", "llc", "broadcast", "multicast"]) {
      expect(problem(text)).toBeUndefined();
      expect(problem(text, LINK_TYPE.raw)).toBeDefined();
    }
    expect(problem("tcp", 999)?.message).toContain("link type 999");
  });

  test("size is bounded, not the stack", () => {
    expect(problem("(".repeat(4000))?.message).toContain("deep");
    expect(problem("not ".repeat(4000))?.message).toContain("deep");
    expect(problem(`${"-".repeat(4000)}1 = 1`)?.message).toContain("deep");
    expect(problem(new Array(1300).fill("port 5").join(" or "))?.message).toContain("4096");
    expect(problem(new Array(20_000).fill("ip").join(" or "))?.message).toContain("long");
    expect(problem(`${new Array(2000).fill("len").join("+")} = 1`)?.message).toContain("4096");
    expect(compiled(`${new Array(100).fill("len").join("+")} = 6600`).matches(new Uint8Array(66))).toBe(true);
    const nested = `${"(len * ".repeat(40)}len${")".repeat(40)} = 1`;
    expect(problem(nested)?.message).toContain("complex");
  });

  test("any text is compiled or refused, never thrown", () => {
    const words = [
      ...[
        "tcp",
        "udp",
        "ip",
        "ip6",
        "arp",
        "ether",
        "vlan",
        "host",
        "net",
        "port",
        "portrange",
        "proto",
        "src",
        "dst",
      ],
      ...[
        "and",
        "or",
        "not",
        "(",
        ")",
        "[",
        "]",
        ":",
        "/",
        "-",
        "+",
        "&",
        "|",
        "=",
        "!=",
        "<",
        ">>",
        "len",
        "less",
      ],
      ...[
        "80",
        "0x10",
        "10.0.0.1",
        "10.0",
        "::1",
        "2001:db8::",
        "02:00:00:00:00:01",
        "mask",
        "broadcast",
        "multicast",
      ],
      ...["mpls", "pppoes", "geneve", "llc", "iso", "ipx", "atalk", "isis", "csnp", "inbound", "on", "eth0"],
      ...["protochain", "carp", "decnet", "wlan", "ifindex", "type", "rnr", "length", "pppoed"],
      ...Object.keys(NAMED_CONSTANTS).slice(0, 3),
    ];
    const text = fc.oneof(
      fc.array(fc.constantFrom(...words), { maxLength: 12 }).map(all => all.join(" ")),
      fc.string(),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(...Object.values(LINK_TYPE)), (filter, linkType) => {
        const result = compileFilter(filter, linkType);
        if (result.ok) result.filter.matches(SYN);
        else expect(result.problem.at).toBeLessThanOrEqual(filter.length);
      }),
      { numRuns: 3000 },
    );
  });
});
