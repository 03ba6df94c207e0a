/** Our dissection against tshark's, field by field, over generated packets. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../../src/base/bytes.ts";
import { dissect, type FieldNode } from "../../src/capture/dissect.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { PcapngWriter } from "../../src/capture/pcapng-writer.ts";
import { missingTools, output, withFile } from "../support/capture-tools.ts";
import {
  addressBytes,
  arp,
  counting,
  type Ends,
  ethernet,
  framed,
  icmpv4,
  icmpv6,
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
} from "../support/frames.ts";

const skipped = missingTools("tshark");

/** tshark's name for a field, and ours where it differs. */
const FIELDS: Readonly<Record<string, string>> = {
  "eth.src": "eth.src",
  "eth.dst": "eth.dst",
  "vlan.id": "vlan.id",
  "vlan.priority": "vlan.priority",
  "arp.opcode": "arp.opcode",
  "arp.src.hw_mac": "arp.src.hw",
  "arp.src.proto_ipv4": "arp.src.proto",
  "arp.dst.proto_ipv4": "arp.dst.proto",
  "ip.src": "ip.src",
  "ip.dst": "ip.dst",
  "ip.hdr_len": "ip.hdr_len",
  "ip.len": "ip.len",
  "ip.id": "ip.id",
  "ip.flags.df": "ip.flags.df",
  "ip.flags.mf": "ip.flags.mf",
  "ip.ttl": "ip.ttl",
  "ip.proto": "ip.proto",
  "ip.checksum": "ip.checksum",
  "ip.dsfield.dscp": "ip.dscp",
  "ip.dsfield.ecn": "ip.ecn",
  "ipv6.src": "ipv6.src",
  "ipv6.dst": "ipv6.dst",
  "ipv6.plen": "ipv6.plen",
  "ipv6.nxt": "ipv6.nxt",
  "ipv6.hlim": "ipv6.hlim",
  "ipv6.flow": "ipv6.flow",
  "ipv6.fraghdr.ident": "ipv6.fraghdr.ident",
  "tcp.srcport": "tcp.srcport",
  "tcp.dstport": "tcp.dstport",
  "tcp.seq_raw": "tcp.seq",
  "tcp.ack_raw": "tcp.ack",
  "tcp.hdr_len": "tcp.hdr_len",
  "tcp.flags.fin": "tcp.flags.fin",
  "tcp.flags.syn": "tcp.flags.syn",
  "tcp.flags.reset": "tcp.flags.rst",
  "tcp.flags.push": "tcp.flags.psh",
  "tcp.flags.ack": "tcp.flags.ack",
  "tcp.flags.urg": "tcp.flags.urg",
  "tcp.flags.ece": "tcp.flags.ece",
  "tcp.flags.cwr": "tcp.flags.cwr",
  "tcp.window_size_value": "tcp.window_size_value",
  "tcp.urgent_pointer": "tcp.urgent_pointer",
  "tcp.checksum": "tcp.checksum",
  "tcp.options.mss_val": "tcp.mss",
  "tcp.options.wscale.shift": "tcp.wscale",
  "tcp.options.timestamp.tsval": "tcp.tsval",
  "tcp.options.timestamp.tsecr": "tcp.tsecr",
  "udp.srcport": "udp.srcport",
  "udp.dstport": "udp.dstport",
  "udp.length": "udp.length",
  "udp.checksum": "udp.checksum",
  "icmp.type": "icmp.type",
  "icmp.code": "icmp.code",
  "icmp.checksum": "icmp.checksum",
  "icmp.ident": "icmp.ident",
  "icmp.seq": "icmp.seq",
  "icmp.mtu": "icmp.mtu",
  "icmpv6.type": "icmpv6.type",
  "icmpv6.code": "icmpv6.code",
  "icmpv6.checksum": "icmpv6.checksum",
  "icmpv6.echo.identifier": "icmpv6.echo.identifier",
  "icmpv6.mtu": "icmpv6.mtu",
  "icmpv6.nd.ns.target_address": "icmpv6.nd.ns.target_address",
  "icmpv6.nd.na.target_address": "icmpv6.nd.na.target_address",
  "icmpv6.nd.na.flag.s": "icmpv6.nd.na.flag.s",
  "icmpv6.nd.ra.router_lifetime": "icmpv6.nd.ra.router_lifetime",
  "icmpv6.opt.linkaddr": "icmpv6.linkaddr",
  "icmpv6.opt.prefix.length": "icmpv6.prefix.length",
};

/** Numbers alike in all notations; everything else as it is. */
function comparable(text: string): string {
  const first = text.split(" ")[0] ?? "";
  if (text === "set" || text === "True") return "1";
  if (text === "not set" || text === "False") return "0";
  return /^(0x[0-9a-f]+|\d+)$/.test(first) ? String(Number(first)) : first;
}

function tsharkFields(frames: readonly Uint8Array[]): string[][] {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter(chunk => chunks.push(chunk));
  const via = writer.addInterface({ linkType: LINK_TYPE.ethernet, name: "test" });
  for (const [index, frame] of frames.entries()) writer.packet(via, index, frame, 0, frame.length);
  // Each quoted packet repeats fields: the outermost counts. No reassembly: fields of fragments are wanted.
  const preferences = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE"];
  const args = [
    ...preferences.flatMap(preference => ["-o", preference]),
    "-T",
    "fields",
    "-E",
    "occurrence=f",
  ];
  for (const field of Object.keys(FIELDS)) args.push("-e", field);
  return withFile(concatBytes(chunks), "frames.pcapng", path =>
    output("tshark", ["-n", "-r", path, ...args], /^Running as user/)
      .replace(/\n$/, "")
      .split("\n")
      .map(line => line.split("\t").map(comparable)),
  );
}

function ourFields(frame: Uint8Array): string[] {
  const values = new Map<string, string>();
  const visit = (node: FieldNode): void => {
    if (!values.has(node.abbreviation)) values.set(node.abbreviation, comparable(node.value));
    for (const child of node.children) visit(child);
  };
  visit(dissect(LINK_TYPE.ethernet, frame));
  return Object.values(FIELDS).map(ours => values.get(ours) ?? "");
}

const V4: Ends = { source: "10.0.0.1", destination: "192.168.7.9" };
const V6: Ends = { source: "2001:db8::1", destination: "fe80::1:2" };
const word = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 0xffff_ffff });
const half = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 0xffff });
const ends = (): fc.Arbitrary<Ends> => fc.constantFrom(V4, V6);
const port = (): fc.Arbitrary<number> => fc.integer({ min: 50_000, max: 50_100 });
const tags = (): fc.Arbitrary<number[]> => fc.array(half(), { maxLength: 1 });
const payload = (): fc.Arbitrary<number[]> => fc.nat(12).map(counting);

const anyTcp = (): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      ends: ends(),
      tags: tags(),
      sourcePort: port(),
      destinationPort: port(),
      sequence: word(),
      acknowledgment: word(),
      flags: fc.nat(255),
      window: half(),
      urgent: half(),
      payload: payload(),
      stamps: fc.tuple(word(), word()),
      mss: half(),
      shift: fc.nat(14),
    })
    .map(({ ends, tags, stamps, mss, shift, ...fields }) => {
      const options = [2, 4, ...u16(mss), 3, 3, shift, 8, 10, ...u32(stamps[0]), ...u32(stamps[1])];
      return framed(tcp({ ...ends, ...fields, options }), tags);
    });

const anyUdp = (): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(ends(), tags(), port(), port(), payload())
    .map(([ends, tags, sourcePort, destinationPort, payload]) =>
      framed(udp({ ...ends, sourcePort, destinationPort, payload }), tags),
    );

const quoted = udp({ ...V4, sourcePort: 50_000, destinationPort: 50_001, payload: counting(4) });
const quoted6 = udp({ ...V6, sourcePort: 50_000, destinationPort: 50_001, payload: counting(4) });
const target = addressBytes("fe80::77");
const link = [2, 1, 2, 0, 0, 0, 0, 1];
const prefix = [3, 4, 64, 0xc0, ...u32(100), ...u32(50), ...u32(0), ...addressBytes("2001:db8::")];

const OTHERS: readonly Uint8Array[] = [
  framed(icmpv4(V4, 8, 0, join(u16(77), u16(5), counting(16)))),
  framed(icmpv4(V4, 3, 4, join(u16(0), u16(1400), quoted))),
  framed(icmpv4(V4, 3, 1, join(u32(0), quoted))),
  framed(icmpv4(V4, 11, 0, join(u32(0), quoted))),
  framed(icmpv6(V6, 128, 0, join(u16(77), u16(5), counting(16)))),
  framed(icmpv6(V6, 1, 4, join(u32(0), quoted6))),
  framed(icmpv6(V6, 2, 0, join(u32(1280), quoted6))),
  framed(icmpv6(V6, 135, 0, join(u32(0), target, [1, ...link.slice(1)]))),
  framed(icmpv6(V6, 136, 0, join(u32(0x6000_0000), target, link))),
  framed(icmpv6(V6, 134, 0, join(64, 0x40, u16(1800), u32(0), u32(0), prefix))),
  framed(ipv4({ ...V4, protocol: 17, id: 4711, fragment: 0x2000 }, join(counting(24)))),
  framed(ipv4({ ...V4, protocol: 17, id: 4711, fragment: 0x0003 }, join(counting(8)))),
  framed(
    ipv4(
      { ...V4, protocol: 6, fragment: 0x4000, options: [148, 4, 0, 0] },
      tcpSegment({ ...V4, sourcePort: 50_000, destinationPort: 50_001 }),
    ),
  ),
  framed(ipv6({ ...V6, nextHeader: 44 }, join(17, 0, u16(0x0009), u32(99), counting(16)))),
  ethernet(
    0x0806,
    arp({ operation: 2, senderMac: MAC_A, senderIp: "10.0.0.1", targetMac: MAC_B, targetIp: "10.0.0.2" }),
  ),
];

describe.skipIf(skipped !== undefined)(
  `as tshark dissects it${skipped === undefined ? "" : ` (${skipped})`}`,
  () => {
    test("every field that both know has the same value", () => {
      const frames = [
        ...OTHERS,
        ...fc.sample(anyTcp(), { numRuns: 150, seed: 3 }),
        ...fc.sample(anyUdp(), { numRuns: 50, seed: 4 }),
      ];
      expect(frames.map(ourFields)).toEqual(tsharkFields(frames));
    });
  },
);
