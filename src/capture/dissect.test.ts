import fc from "fast-check";
import { describe, expect, test } from "vitest";
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
  zeros,
} from "../../test/support/frames.ts";
import { isLeaf } from "./dissect/field-tree.ts";
import { dissect, type FieldNode } from "./dissect.ts";
import { LINK_TYPE } from "./link-type.ts";

const V4 = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 40_000, destinationPort: 40_001 };
const V6 = { source: "2001:db8::1", destination: "fe80::2", sourcePort: 40_000, destinationPort: 40_001 };
const OPTIONS = [2, 4, 5, 180, 4, 2, 8, 10, ...u32(1), ...u32(0), 1, 3, 3, 7];
const SACK = [1, 1, 5, 10, ...u32(5), ...u32(9), 34, 6, 1, 2, 3, 4, 28, 4, 0x80, 5, 0];
const LINK_OPTION = [1, 1, 2, 0, 0, 0, 0, 1];
const PREFIX_OPTION = [3, 4, 64, 0xc0, ...u32(100), ...u32(50), ...u32(0), ...addressBytes("2001:db8::")];

/** One of every kind. */
const SAMPLES: readonly Uint8Array[] = [
  framed(tcp({ ...V4, flags: FLAG.syn, options: OPTIONS })),
  framed(tcp({ ...V6, options: SACK, payload: counting(9) }), [5, 0xe006]),
  framed(udp({ ...V4, payload: counting(9) })),
  framed(udp({ ...V6, payload: counting(9) })),
  join(framed(udp(V4)), zeros(18)),
  framed(icmpv4(V4, 8, 0, join(u16(1), u16(2), counting(8)))),
  framed(icmpv4(V4, 3, 4, join(u16(0), u16(1400), tcp({ ...V4, payload: counting(8) })))),
  framed(icmpv4(V4, 5, 1, join(addressBytes("10.0.0.9"), udp(V4)))),
  framed(icmpv4(V4, 9, 0, join(1, 2, u16(1800), addressBytes("10.0.0.1"), u32(-5)))),
  framed(icmpv4(V4, 14, 0, join(u16(1), u16(2), zeros(12)))),
  framed(icmpv6(V6, 128, 0, join(u16(1), u16(2), counting(8)))),
  framed(icmpv6(V6, 2, 0, join(u32(1280), udp({ ...V6, payload: counting(20) })))),
  framed(icmpv6(V6, 134, 0, join(64, 0xc8, u16(1800), u32(0), u32(0), LINK_OPTION, PREFIX_OPTION))),
  framed(icmpv6(V6, 135, 0, join(u32(0), addressBytes("fe80::2"), LINK_OPTION))),
  framed(icmpv6(V6, 136, 0, join(u32(0x6000_0000), addressBytes("fe80::2"), [2, ...LINK_OPTION.slice(1)]))),
  framed(icmpv6(V6, 137, 0, join(u32(0), addressBytes("fe80::2"), addressBytes("fe80::3")))),
  framed(
    icmpv6(V6, 143, 0, join(u16(0), u16(1), 4, 0, u16(1), addressBytes("ff02::9"), addressBytes("fe80::3"))),
  ),
  framed(
    icmpv6(V6, 130, 0, join(u16(9), u16(0), addressBytes("::"), 2, 125, u16(1), addressBytes("fe80::3"))),
  ),
  framed(
    igmp(V4, join(0x11, 100, u16(0), addressBytes("239.0.0.1"), 2, 125, u16(1), addressBytes("10.0.0.9"))),
  ),
  framed(igmp(V4, join(0x22, 0, u16(0), u16(0), u16(1), 4, 0, u16(1), addressBytes("239.0.0.1"), u32(7)))),
  framed(
    ipv4({ ...V4, protocol: 17, fragment: 0x2003, options: [7, 7, 4, 1, 2, 3, 4, 0] }, join(counting(16))),
  ),
  framed(ipv4({ ...V4, protocol: 4 }, tcp(V4))),
  framed(ipv4({ ...V4, protocol: 50 }, join(counting(20)))),
  framed(ipv4({ ...V4, protocol: 51 }, join(6, 4, u16(0), u32(7), u32(9), counting(12), tcpSegment(V4)))),
  framed(
    ipv6(
      { ...V6, nextHeader: 0 },
      join(
        [60, 0, 5, 2, 0, 0, 1, 0],
        [43, 0, 1, 4, 0, 0, 0, 0],
        [44, 2, 0, 1, 0, 0, 0, 0],
        addressBytes("fe80::7"),
        [6, 0, 0, 1, 0, 0, 0, 5],
        tcpSegment(V6),
      ),
    ),
  ),
  ethernet(
    0x0806,
    arp({ operation: 1, senderMac: MAC_A, senderIp: "10.0.0.1", targetMac: MAC_B, targetIp: "10.0.0.2" }),
  ),
  ethernet(0x88b5, counting(46)),
];

function leaves(node: FieldNode): FieldNode[] {
  return isLeaf(node) ? [node] : node.children.filter(child => child.mask === undefined).flatMap(leaves);
}

function nodes(node: FieldNode): FieldNode[] {
  return [node, ...node.children.flatMap(nodes)];
}

function find(root: FieldNode, abbreviation: string): FieldNode | undefined {
  return nodes(root).find(node => node.abbreviation === abbreviation);
}

/**
 * Every byte in exactly one leaf, in order; children within their parents; bit fields fill their leaf
 * exactly.
 */
function faults(root: FieldNode, length: number): string[] {
  const found: string[] = [];
  let at = 0;
  for (const leaf of leaves(root)) {
    if (leaf.offset !== at) found.push(`${leaf.abbreviation} begins at ${leaf.offset}, not ${at}`);
    at += leaf.length;
  }
  if (at !== length) found.push(`the leaves end at ${at}, not ${length}`);
  for (const node of nodes(root)) {
    if (!/^[ -~]*$/.test(node.value)) found.push(`${node.abbreviation} is not plain text`);
    for (const child of node.children) {
      const isWithin =
        child.offset >= node.offset && child.offset + child.length <= node.offset + node.length;
      if (!isWithin) found.push(`${child.abbreviation} is not within ${node.abbreviation}`);
    }
    const masks = node.children.flatMap(child => (child.mask === undefined ? [] : [child.mask]));
    const all = 256 ** node.length - 1;
    const sum = masks.reduce((total, mask) => total + mask, 0);
    const union = masks.reduce((total, mask) => (total | mask) >>> 0, 0);
    if (masks.length > 0 && (sum !== all || union !== all)) found.push(`bits of ${node.abbreviation}`);
  }
  return found;
}

const damaged = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.array(fc.tuple(fc.nat(110), fc.nat(255)), { maxLength: 6 }),
    fc.option(fc.nat(130), { nil: 200 }),
  )
  .map(([sample, changes, length]) => {
    const copy = sample.slice(0, length);
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return copy;
  });

describe("the tree", () => {
  test("each byte of a frame belongs to exactly one leaf, for every kind of packet, cut anywhere", () => {
    for (const sample of SAMPLES) {
      for (let length = 0; length <= sample.length; length++) {
        const root = dissect(LINK_TYPE.ethernet, sample.subarray(0, length), sample.length);
        expect(faults(root, length)).toEqual([]);
      }
    }
  });

  test("so it is with arbitrary and damaged bytes, which never throw", () => {
    const linkType = fc.oneof(fc.constant(LINK_TYPE.ethernet), fc.constantFrom(...Object.values(LINK_TYPE)));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 150 })), linkType, (bytes, type) => {
        expect(faults(dissect(type, bytes), bytes.length)).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  test("well-formed packets have no problem, no undecoded byte and no bad checksum", () => {
    for (const sample of SAMPLES) {
      const all = nodes(dissect(LINK_TYPE.ethernet, sample));
      expect(all.filter(node => node.problem !== undefined)).toEqual([]);
      expect(all.filter(node => node.name === "Not decoded")).toEqual([]);
      expect(all.filter(node => node.checksum === "bad")).toEqual([]);
    }
  });

  test("packets within packets end as bytes, not in endless recursion", () => {
    let packet = udp(V4);
    for (let depth = 0; depth < 30; depth++) packet = ipv4({ ...V4, protocol: 4 }, packet);
    expect(faults(dissect(LINK_TYPE.raw, packet), packet.length)).toEqual([]);
  });
});

describe("checksums", () => {
  const verdicts = (bytes: Uint8Array, ...more: number[]): unknown[] =>
    nodes(dissect(LINK_TYPE.raw, bytes, ...more)).flatMap(node => node.checksum ?? []);

  test("good, bad with the right value, and unverified", () => {
    const packet = tcp({ ...V4, payload: counting(5) });
    expect(verdicts(packet)).toEqual(["good", "good"]);
    const right = `0x${(((packet[36] as number) << 8) | (packet[37] as number)).toString(16).padStart(4, "0")}`;
    packet.set([0xab, 0xcd], 36);
    expect(verdicts(packet)).toEqual(["good", "bad"]);
    expect(find(dissect(LINK_TYPE.raw, packet), "tcp.checksum")?.value).toBe(
      `0xabcd (incorrect, should be ${right})`,
    );
    expect(verdicts(packet.subarray(0, 42), packet.length)).toEqual(["good", "unverified"]);
  });

  test("none is expected of fragments, quotations and UDP without one (RFC 768)", () => {
    expect(verdicts(ipv4({ ...V4, protocol: 6, fragment: 0x2000 }, tcpSegment(V4)))).toEqual([
      "good",
      "unverified",
    ]);
    expect(verdicts(icmpv4(V4, 11, 0, join(u32(0), tcp(V4))))).toEqual([
      "good",
      "good",
      "good",
      "unverified",
    ]);
    const unchecked = udp(V4);
    unchecked.set([0, 0], 26);
    expect(verdicts(unchecked)).toEqual(["good", "unverified"]);
  });

  test("behind a routing header the final destination counts (RFC 8200 §8.1)", () => {
    const last = "2001:db8::99";
    const segment = tcpSegment({ ...V6, destination: last });
    const header = join([6, 2, 2, 1, 0, 0, 0, 0], addressBytes(last));
    expect(verdicts(ipv6({ ...V6, nextHeader: 43 }, join(header, segment)))).toEqual(["good"]);
  });
});

describe("fields", () => {
  test("values read as people write them", () => {
    const root = dissect(LINK_TYPE.ethernet, SAMPLES[0] as Uint8Array);
    const value = (abbreviation: string): string | undefined => find(root, abbreviation)?.value;
    expect(root.children.map(child => child.name)).toEqual(["Ethernet", "IPv4", "TCP"]);
    expect(value("eth.dst")).toBe("02:00:00:00:00:02");
    expect(value("ip.hdr_len")).toBe("20 bytes");
    expect(value("ip.proto")).toBe("6 (TCP)");
    expect(value("tcp.flags.syn")).toBe("set");
    expect(value("tcp.flags.ack")).toBe("not set");
    expect(value("tcp.mss")).toBe("1460");
    expect(value("tcp.wscale")).toBe("7 (times 128)");
  });

  test("what is wrong is said where it is", () => {
    const problem = (bytes: Uint8Array, abbreviation: string): string | undefined =>
      find(dissect(LINK_TYPE.raw, bytes), abbreviation)?.problem;
    expect(problem(ipv4({ ...V4, protocol: 6, totalLength: 90 }, tcpSegment(V4)), "ip")).toBe(
      "50 bytes are missing",
    );
    expect(problem(udp({ ...V4, length: 7 }), "udp")).toBe("a length of 7 is too short");
    expect(problem(udp({ ...V4, length: 90 }), "udp")).toBe("the length reaches beyond the packet");
    expect(problem(tcp({ ...V4, options: [2, 3, 1, 0] }), "tcp.option")).toBe("the length should be 4");
    expect(problem(tcp({ ...V4, options: [2, 9, 1, 0] }), "tcp.option")).toBe("a length of 9 cannot be");
    expect(problem(tcp(V4).subarray(0, 30), "tcp")).toBe("ends too early");
  });
});
