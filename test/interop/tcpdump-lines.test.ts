/**
 * Our lines against those of the real tcpdump, over a generated set of packets. What differs on purpose is
 * listed in
 * `src/capture/packet-line.ts`.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../../src/base/bytes.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { type PacketLineOptions, PacketLines } from "../../src/capture/packet-line.ts";
import { PcapWriter } from "../../src/capture/pcap.ts";
import { missingTools, output, withFile } from "../support/capture-tools.ts";
import {
  addressBytes,
  arp,
  counting,
  type Ends,
  ethernet,
  FLAG,
  framed,
  icmpv4,
  icmpv6,
  icmpv6Message,
  igmp,
  ipPacket,
  ipv4,
  ipv6,
  join,
  MAC_A,
  MAC_B,
  type TcpFields,
  tcp,
  tcpSegment,
  u16,
  u32,
  udp,
  udpDatagram,
  zeros,
} from "../support/frames.ts";

const skipped = missingTools("tcpdump");

/**
 * The text after the time stamp, a line a packet; the hexadecimal dumps of unknown protocols are left out.
 */
function tcpdumpLines(frames: readonly Uint8Array[], snapLength: number, ...flags: string[]): string[] {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter(chunk => chunks.push(chunk), { linkType: LINK_TYPE.ethernet, snapLength });
  for (const [index, frame] of frames.entries()) writer.packet(index * 1000, frame, 0, frame.length);
  return withFile(concatBytes(chunks), "frames.pcap", path =>
    output("tcpdump", ["-n", "-t", ...flags, "-r", path], /^reading from file/)
      .split("\n")
      .filter(line => line !== "" && !line.startsWith("\t")),
  );
}

function tcpdumpVersion(): string {
  return output("tcpdump", ["--version"]);
}

function ourLines(
  frames: readonly Uint8Array[],
  snapLength: number,
  options: PacketLineOptions = {},
): string[] {
  const lines = new PacketLines(options);
  return frames.map(frame =>
    lines.line(LINK_TYPE.ethernet, frame, 0, Math.min(frame.length, snapLength), frame.length),
  );
}

function expectSameLines(frames: readonly Uint8Array[], snapLength = 262_144): void {
  const comparable = (line: string): string => line.replace(CUT_OPTION, "options [ ... [|tcp]");
  expect(ourLines(frames, snapLength).map(comparable)).toEqual(
    tcpdumpLines(frames, snapLength).map(comparable),
  );
}

const V4: Ends = { source: "10.0.0.1", destination: "192.168.200.255" };
const V6: Ends = { source: "2001:db8::1", destination: "fe80::1:0:0:ff" };
const V4_BACK: Ends = { source: V4.destination, destination: V4.source };
const V6_BACK: Ends = { source: V6.destination, destination: V6.source };

/** Of an option that was captured in part, tcpdump shows more. */
const CUT_OPTION = /options \[[^\]]* \[\|tcp\]>?$/;
/** Of an IPv6 header in part, tcpdump prints not even "IP6". */
const IPV6_HEADER_END = 54;

/** No port that tcpdump has a decoder for. */
const port = (): fc.Arbitrary<number> => fc.integer({ min: 40_000, max: 40_003 });
const word = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 0xffff_ffff });

const tcpOption = (): fc.Arbitrary<readonly number[]> =>
  fc.oneof(
    fc.constant([1]),
    fc.integer({ min: 0, max: 65_535 }).map(mss => [2, 4, ...u16(mss)]),
    fc.integer({ min: 0, max: 255 }).map(shift => [3, 3, shift]),
    fc.constant([4, 2]),
    fc.array(word(), { minLength: 1, maxLength: 3 }).map(edges => {
      const blocks = edges.flatMap(edge => [...u32(edge), ...u32(edge + 100)]);
      return [5, 2 + blocks.length, ...blocks];
    }),
    fc.tuple(word(), word()).map(([value, echo]) => [8, 10, ...u32(value), ...u32(echo)]),
    fc.integer({ min: 0, max: 20 }).map(length => [34, 2 + length, ...counting(length)]),
    fc.integer({ min: 2, max: 6 }).map(length => [29, 2 + length, ...counting(length)]),
    fc.integer({ min: 0, max: 6 }).map(length => [200, 2 + length, ...counting(length)]),
    fc.constant([254, 4, 0xf9, 0x89]),
    fc.constant([254, 8, 0xf9, 0x89, 1, 2, 3, 4]),
    fc.constant([253, 4, 1, 2]),
    // Wrong lengths.
    fc.constantFrom(
      [2, 3, 1],
      [8, 4, 1, 1],
      [3, 1],
      [5, 7, 1, 1, 1, 1, 1],
      [4, 3, 0],
      [2, 40, 1, 1],
      [34, 1],
    ),
  );

const tcpOptions = (): fc.Arbitrary<number[]> =>
  fc.array(tcpOption(), { maxLength: 4 }).map(options => {
    const bytes: number[] = [];
    for (const option of options) if (bytes.length + option.length <= 40) bytes.push(...option);
    return bytes;
  });

const ends = (): fc.Arbitrary<Ends> => fc.constantFrom(V4, V6, V4_BACK, V6_BACK);

const anyTcp = (): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      ends: ends(),
      sourcePort: port(),
      destinationPort: port(),
      sequence: word(),
      acknowledgment: word(),
      flags: fc.integer({ min: 0, max: 255 }),
      window: fc.integer({ min: 0, max: 65_535 }),
      urgent: fc.integer({ min: 0, max: 65_535 }),
      options: tcpOptions(),
      payload: fc.integer({ min: 0, max: 9 }).map(counting),
    })
    .map(({ ends, ...fields }) => framed(tcp({ ...ends, ...fields })));

describe.skipIf(skipped !== undefined)(
  `as tcpdump prints it${skipped === undefined ? "" : ` (${skipped})`}`,
  () => {
    test("the README's conversation: relative numbers from the SYN-ACK on", () => {
      const client = { ...V4, sourcePort: 51_234, destinationPort: 45_000 };
      const server = { ...V4_BACK, sourcePort: 45_000, destinationPort: 51_234 };
      const stamps = [1, 1, 8, 10, ...u32(7), ...u32(9)];
      const segments: TcpFields[] = [
        {
          ...client,
          sequence: 0xffff_fff0,
          flags: FLAG.syn,
          options: [2, 4, 5, 180, 4, 2, 8, 10, ...u32(1), ...u32(0), 1, 3, 3, 7],
        },
        { ...server, sequence: 500, acknowledgment: 0xffff_fff1, flags: FLAG.syn | FLAG.ack },
        { ...client, sequence: 0xffff_fff1, acknowledgment: 501 },
        { ...client, sequence: 0xffff_fff1, acknowledgment: 501, payload: counting(100), options: stamps },
        { ...server, sequence: 501, acknowledgment: 84, payload: counting(3), flags: FLAG.ack | FLAG.psh },
        {
          ...client,
          sequence: 85,
          acknowledgment: 501,
          options: [1, 1, 5, 18, ...u32(601), ...u32(701), ...u32(801), ...u32(901)],
        },
        { ...server, sequence: 504, acknowledgment: 85, flags: FLAG.fin | FLAG.ack },
        { ...client, sequence: 85, acknowledgment: 505, flags: FLAG.rst | FLAG.ack },
        { ...client, sequence: 85, flags: FLAG.rst },
        { ...server, sequence: 505, acknowledgment: 85, flags: FLAG.ack | FLAG.urg, urgent: 17 },
      ];
      const frames = segments.map(fields => framed(tcp(fields)));
      expectSameLines(frames);
      expect(ourLines(frames, 262_144, { absoluteSequence: true })).toEqual(
        tcpdumpLines(frames, 262_144, "-S"),
      );
    });

    test("TCP with any flags, numbers, options and payload", () => {
      expectSameLines(fc.sample(anyTcp(), { numRuns: 2000, seed: 1 }));
    });

    test("TCP of which only the first bytes were captured", () => {
      const frames = fc.sample(anyTcp(), { numRuns: 60, seed: 2 });
      const short = frames.filter(frame => frame[12] === 0x08);
      for (let snap = 15; snap < IPV6_HEADER_END; snap++) expectSameLines(short, snap);
      for (let snap = IPV6_HEADER_END; snap < 110; snap++) expectSameLines(frames, snap);
    });

    test("UDP of both families, also with wrong lengths", () => {
      const lengths = [undefined, 8, 9, 12, 13, 500];
      const frames = [V4, V6].flatMap(ends =>
        lengths.map(length => {
          const fields = { ...ends, sourcePort: 40_000, destinationPort: 65_535, payload: counting(5) };
          return framed(udp(length === undefined ? fields : { ...fields, length }));
        }),
      );
      expectSameLines(frames);
      for (let snap = IPV6_HEADER_END; snap < 70; snap++) expectSameLines(frames, snap);
    });

    test("ICMP: echo, and every error with the packet it quotes", () => {
      const quotes = [
        udp({ ...V4_BACK, sourcePort: 40_000, destinationPort: 40_001, payload: counting(4) }),
        tcp({ ...V4_BACK, sourcePort: 40_000, destinationPort: 40_001 }),
        ipv4({ ...V4_BACK, protocol: 253 }, join(counting(8))),
      ];
      const errors = quotes.flatMap(quote =>
        counting(17).flatMap(code => [
          icmpv4(V4, 3, code, join(u16(0), u16(code * 100), quote)),
          icmpv4(V4, 5, code, join(addressBytes("10.9.8.7"), quote)),
          icmpv4(V4, 11, code, join(u32(0), quote)),
          icmpv4(V4, 12, code, join(code, zeros(3), quote)),
        ]),
      );
      const queries = [
        icmpv4(V4, 8, 0, join(u16(4660), u16(7), counting(56))),
        icmpv4(V4, 0, 0, join(u16(4660), u16(7), counting(56))),
        icmpv4(
          V4,
          9,
          0,
          join(2, 2, u16(1800), addressBytes("10.0.0.1"), u32(0), addressBytes("10.0.0.2"), u32(5)),
        ),
        icmpv4(V4, 9, 0, join(1, 3, u16(4000), addressBytes("10.0.0.1"), u32(0))),
        icmpv4(V4, 10, 0, u32(0)),
        icmpv4(V4, 13, 0, join(u16(1), u16(2), zeros(12))),
        icmpv4(V4, 14, 0, join(u16(1), u16(2), u32(3_723_004), u32(86_399_999), u32(1))),
        icmpv4(V4, 17, 0, join(u16(1), u16(2), u32(0))),
        icmpv4(V4, 18, 0, join(u16(1), u16(2), u32(0xffffff00))),
        icmpv4(V4, 4, 0, join(u32(0), quotes[0] ?? [])),
        icmpv4(V4, 99, 1, u32(0)),
      ];
      const frames = [...errors, ...queries].map(packet => framed(packet));
      expectSameLines(frames);
      for (const snap of [35, 37, 41, 42, 45, 50, 58, 62, 64, 66]) expectSameLines(frames, snap);
    });

    test("ICMPv6: echo, errors, neighbor discovery, multicast listeners", () => {
      const quotes = [
        udp({ ...V6_BACK, sourcePort: 40_000, destinationPort: 40_001, payload: counting(4) }),
        ipv6(
          { ...V6_BACK, nextHeader: 0 },
          join(6, 0, 1, 4, zeros(4), tcpSegment({ ...V6_BACK, sourcePort: 1, destinationPort: 2 })),
        ),
      ];
      const errors = quotes.flatMap(quote =>
        [0, 1, 2, 3, 4].flatMap(code => [
          icmpv6(V6, 1, code, join(u32(0), quote)),
          icmpv6(V6, 2, code, join(u32(1280), quote)),
          icmpv6(V6, 3, code, join(u32(0), quote)),
          icmpv6(V6, 4, code, join(u32(40), quote)),
        ]),
      );
      const target = addressBytes("fe80::abcd");
      const link = [1, 1, 2, 0, 0, 0, 0, 1];
      const messages = [
        icmpv6(V6, 128, 0, join(u16(4660), u16(7), counting(56))),
        icmpv6(V6, 129, 0, join(u16(4660), u16(7), counting(56))),
        icmpv6(V6, 133, 0, join(u32(0), link)),
        icmpv6(V6, 134, 0, join(64, 0x40, u16(1800), u32(0), u32(0), link)),
        icmpv6(V6, 135, 0, join(u32(0), target, link)),
        icmpv6(V6, 136, 0, join(u32(0x6000_0000), target, link)),
        icmpv6(V6, 137, 0, join(u32(0), target, addressBytes("2001:db8::9"), link)),
        icmpv6(V6, 130, 0, join(u16(1000), u16(0), addressBytes("::"))),
        icmpv6(V6, 130, 0, join(u16(1000), u16(0), addressBytes("ff02::9"), 2, 125, u16(1), target)),
        icmpv6(V6, 131, 0, join(u16(0), u16(0), addressBytes("ff02::9"))),
        icmpv6(V6, 132, 0, join(u16(0), u16(0), addressBytes("ff02::9"))),
        icmpv6(V6, 143, 0, join(u16(0), u16(1), 4, 0, u16(0), addressBytes("ff02::9"))),
      ];
      const frames = [...errors, ...messages].map(packet => framed(packet));
      expectSameLines(frames);
      for (const snap of [55, 57, 58, 61, 62, 70, 78, 94, 101, 102, 104]) expectSameLines(frames, snap);
    });

    test("ARP, RARP and inverse ARP, padded and not", () => {
      const frames = [1, 2, 3, 4, 8, 9].flatMap(operation =>
        ["00:00:00:00:00:00", MAC_B].flatMap(targetMac => {
          const type = operation === 3 || operation === 4 ? 0x8035 : 0x0806;
          const packet = arp({
            operation,
            senderMac: MAC_A,
            senderIp: "10.0.0.1",
            targetMac,
            targetIp: "10.0.0.2",
          });
          return [ethernet(type, packet), ethernet(type, join(packet, zeros(18)))];
        }),
      );
      const strange = join(
        u16(7),
        u16(0x0800),
        1,
        4,
        u16(1),
        9,
        addressBytes("10.0.0.1"),
        0,
        addressBytes("10.0.0.2"),
      );
      const notIp = join(u16(1), u16(0x86dd), 6, 16, u16(1), zeros(44));
      frames.push(ethernet(0x0806, strange), ethernet(0x0806, notIp));
      expectSameLines(frames);
      for (const snap of [20, 22, 30, 41]) expectSameLines(frames, snap);
    });

    test("fragments, VLAN tags, padding, and IP in IP", () => {
      const datagram = udpDatagram({
        ...V4,
        sourcePort: 40_000,
        destinationPort: 40_001,
        payload: counting(24),
      });
      const first = datagram.subarray(0, 16);
      const rest = datagram.subarray(16);
      const inner = tcp({ ...V4, sourcePort: 40_000, destinationPort: 40_001, flags: FLAG.syn });
      expectSameLines([
        framed(ipv4({ ...V4, protocol: 17, fragment: 0x2000 }, first)),
        framed(ipv4({ ...V4, protocol: 17, fragment: 0x0002 }, rest)),
        framed(ipv4({ ...V4, protocol: 6, fragment: 0x2002 }, rest)),
        framed(inner, [100]),
        framed(inner, [0xe00a, 20]),
        join(framed(inner), zeros(6)),
        framed(ipv4({ ...V4, protocol: 4 }, inner)),
        framed(ipv4({ ...V4, protocol: 41 }, tcp({ ...V6, sourcePort: 40_000, destinationPort: 40_001 }))),
        framed(ipv4({ ...V4, protocol: 253 }, join(counting(9)))),
        framed(ipv6({ ...V6, nextHeader: 253 }, join(counting(9)))),
        framed(ipv4({ ...V4, protocol: 50 }, join(u32(7), u32(9), counting(32)))),
        framed(
          ipv4({ ...V4, protocol: 51 }, join(6, 4, u16(0), u32(7), u32(9), counting(12), inner.subarray(20))),
        ),
        framed(ipv4({ ...V4, protocol: 6, options: [1, 1, 1, 0] }, inner.subarray(20))),
        framed(ipv4({ ...V4, protocol: 1, options: [148, 4, 0, 0] }, icmpv4(V4, 8, 0, u32(5)).subarray(20))),
      ]);
    });

    test("IPv6 extension headers", () => {
      const ends = { ...V6, sourcePort: 40_000, destinationPort: 40_001 };
      const segment = tcpSegment({ ...ends, flags: FLAG.syn });
      const datagram = udpDatagram({ ...ends, payload: counting(9) });
      const options = (next: number): number[] => [next, 0, 1, 4, 0, 0, 0, 0];
      const hop = addressBytes("2001:db8::77");
      const header = (nextHeader: number, ...pieces: (Uint8Array | number[])[]): Uint8Array =>
        framed(ipv6({ ...V6, nextHeader }, join(...pieces)));
      const echo = icmpv6Message(V6, 128, 0, u32(1));
      expectSameLines([
        header(0, options(6), segment),
        header(60, options(17), datagram),
        header(0, options(60), options(58), echo),
        header(43, [6, 2, 0, 1, 0, 0, 0, 0], hop, segment),
        header(43, [6, 2, 2, 1, 0, 0, 0, 0], hop, segment),
        header(43, [17, 4, 4, 1, 1, 0, 0, 9], hop, hop, datagram),
        header(43, [6, 2, 77, 1, 0, 0, 0, 0], hop, segment),
        header(43, [6, 1, 0, 1, 0, 0, 0, 0], zeros(8), segment),
        header(44, [17, 0, 0, 1, ...u32(99)], datagram),
        header(44, [17, 0, 0, 0x0c, ...u32(99)], datagram),
        header(44, [58, 0, 0, 1, ...u32(99)], echo),
        header(59),
        header(59, counting(4)),
      ]);
    });

    test("IGMP", () => {
      const ends = { source: "10.0.0.1", destination: "224.0.0.22" };
      const group = addressBytes("239.1.2.3");
      const messages = [
        join(0x11, 100, u16(0), u32(0)),
        join(0x11, 20, u16(0), group),
        join(0x11, 0, u16(0), group),
        join(0x11, 100, u16(0), group, 2, 125, u16(1), addressBytes("10.0.0.9")),
        join(0x11, 24, u16(0), group, 2, 125, u16(0)),
        join(0x12, 0, u16(0), group),
        join(0x16, 0, u16(0), group),
        join(0x17, 0, u16(0), group),
        join(0x22, 0, u16(0), u16(0), u16(1), 4, 0, u16(0), group),
        join(0x55, 0, u16(0), group),
      ];
      expectSameLines(messages.map(message => framed(igmp(ends, message))));
    });

    // Later versions have other words for these.
    test.skipIf(skipped !== undefined || !/version 4\.99\.[0-3]$/m.test(tcpdumpVersion()))(
      "packets that lie about their lengths or versions (tcpdump 4.99.3)",
      () => {
        const segment = tcpSegment({
          ...V4,
          sourcePort: 40_000,
          destinationPort: 40_001,
          payload: counting(20),
        });
        const good = ipv4({ ...V4, protocol: 6 }, segment);
        const changed = (at: number, value: number): Uint8Array =>
          framed(good).map((byte, i) => (i === at ? value : byte));
        const frames = [
          framed(ipv4({ ...V4, protocol: 6, totalLength: 500 }, segment)),
          framed(ipv4({ ...V4, protocol: 6, totalLength: 30 }, segment)),
          framed(ipv4({ ...V4, protocol: 6, totalLength: 19 }, segment)),
          framed(ipv6({ ...V6, nextHeader: 6, payloadLength: 400 }, segment)),
          framed(ipv6({ ...V6, nextHeader: 6, payloadLength: 12 }, segment)),
          changed(14, 0x44),
          changed(14, 0x4f),
          changed(46, 0x40),
          changed(46, 0xf0),
          ethernet(0x0800, ipPacket(V6, 6, segment)),
          ethernet(0x86dd, good),
        ];
        expectSameLines(frames);
      },
    );
  },
);
