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
  ipv4,
  join,
  MAC_A,
  macBytes,
  type TcpFields,
  tcp,
  u16,
  u32,
  udp,
  zeros,
} from "../../test/support/frames.ts";
import { LINK_TYPE } from "./link-type.ts";
import { type PacketLineOptions, PacketLines } from "./packet-line.ts";

const CLIENT = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 51_234, destinationPort: 80 };
const SERVER = { source: "10.0.0.2", destination: "10.0.0.1", sourcePort: 80, destinationPort: 51_234 };
const SYN_OPTIONS = [2, 4, 5, 180, 4, 2, 8, 10, ...u32(1), ...u32(0), 1, 3, 3, 7];

function tcpLines(segments: readonly TcpFields[], options: PacketLineOptions = {}): string[] {
  const lines = new PacketLines(options);
  return segments.map(segment => lines.line(LINK_TYPE.raw, tcp(segment)));
}

function line(linkType: number, bytes: Uint8Array, options: PacketLineOptions = {}): string {
  return new PacketLines(options).line(linkType, bytes);
}

const HANDSHAKE: readonly TcpFields[] = [
  { ...CLIENT, sequence: 1000, flags: FLAG.syn, window: 64_240, options: SYN_OPTIONS },
  { ...SERVER, sequence: 5000, acknowledgment: 1001, flags: FLAG.syn | FLAG.ack, window: 65_160 },
  { ...CLIENT, sequence: 1001, acknowledgment: 5001, window: 502 },
  { ...CLIENT, sequence: 1001, acknowledgment: 5001, flags: FLAG.psh | FLAG.ack, payload: counting(5) },
  { ...SERVER, sequence: 5001, acknowledgment: 1006, flags: FLAG.fin | FLAG.ack },
];

describe("TCP", () => {
  test("sequence numbers are relative to the first ones from the SYN-ACK on", () => {
    expect(tcpLines(HANDSHAKE)).toEqual([
      "IP 10.0.0.1.51234 > 10.0.0.2.80: Flags [S], seq 1000, win 64240, " +
        "options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0",
      "IP 10.0.0.2.80 > 10.0.0.1.51234: Flags [S.], seq 5000, ack 1001, win 65160, length 0",
      "IP 10.0.0.1.51234 > 10.0.0.2.80: Flags [.], ack 1, win 502, length 0",
      "IP 10.0.0.1.51234 > 10.0.0.2.80: Flags [P.], seq 1:6, ack 1, win 65535, length 5",
      "IP 10.0.0.2.80 > 10.0.0.1.51234: Flags [F.], seq 1, ack 6, win 65535, length 0",
    ]);
  });

  test("absolute numbers when asked for", () => {
    expect(tcpLines(HANDSHAKE, { absoluteSequence: true })[3]).toContain("seq 1001:1006, ack 5001");
  });

  test("the flows that are remembered are bounded: the one silent for longest is forgotten", () => {
    const other = (port: number): TcpFields => ({
      ...CLIENT,
      sourcePort: port,
      sequence: 9,
      acknowledgment: 9,
    });
    const third = HANDSHAKE[2] as TcpFields;
    const numbers = (middle: readonly TcpFields[]): string | undefined =>
      tcpLines([...HANDSHAKE, ...middle, third], { maxFlows: 2 }).at(-1);
    expect(numbers([other(1)])).toContain("ack 1,");
    expect(numbers([other(1), third, other(2)])).toContain("ack 1,");
    expect(numbers([other(1), other(2)])).toContain("ack 5001,");
  });
});

describe("checksums", () => {
  test("good ones go without a word", () => {
    const options = { verifyChecksums: true };
    expect(tcpLines(HANDSHAKE, options).join()).not.toContain("cksum");
    expect(line(LINK_TYPE.raw, udp({ ...CLIENT, payload: [1, 2, 3] }), options)).not.toContain("cksum");
    expect(line(LINK_TYPE.raw, icmpv4(CLIENT, 8, 0, u32(7)), options)).not.toContain("cksum");
  });

  test("a bad one is marked, with the right value; unless checking is not asked for", () => {
    const whole = udp({ ...CLIENT, payload: [1, 2, 3] });
    const right = `0x${(((whole[26] as number) << 8) | (whole[27] as number)).toString(16).padStart(4, "0")}`;
    whole.set([0x12, 0x34], 26);
    const text = "IP 10.0.0.1.51234 > 10.0.0.2.80: UDP, length 3";
    expect(line(LINK_TYPE.raw, whole, { verifyChecksums: true })).toBe(
      `${text} (bad cksum udp 0x1234, should be ${right})`,
    );
    expect(line(LINK_TYPE.raw, whole)).toBe(text);
  });

  test.each([
    ["ip", 10],
    ["tcp", 36],
  ])("each changed bit of the %s checksum is seen", (name, at) => {
    const whole = tcp({ ...CLIENT, payload: counting(7) });
    whole[at] = (whole[at] as number) ^ 0x10;
    expect(line(LINK_TYPE.raw, whole, { verifyChecksums: true })).toContain(`(bad cksum ${name} `);
  });

  test("UDP without a checksum, fragments and cut packets are not judged (RFC 768, RFC 791 §3.2)", () => {
    const none = udp({ ...CLIENT, payload: [1, 2, 3] });
    none.set([0, 0], 26);
    const fragment = ipv4({ ...CLIENT, protocol: 17, fragment: 0x2000 }, none.subarray(20));
    fragment.set([1, 2], 26);
    for (const packet of [none, fragment]) {
      expect(line(LINK_TYPE.raw, packet, { verifyChecksums: true })).not.toContain("cksum");
    }
    const cut = new PacketLines({ verifyChecksums: true });
    expect(cut.line(LINK_TYPE.raw, none, 0, 29, 31)).not.toContain("cksum");
  });
});

describe("link types", () => {
  const packet = udp({ ...CLIENT, payload: [1] });
  const text = "IP 10.0.0.1.51234 > 10.0.0.2.80: UDP, length 1";

  test("Ethernet, raw IP, BSD loopback in both byte orders, Linux cooked v1 and v2", () => {
    expect(line(LINK_TYPE.ethernet, framed(packet))).toBe(text);
    expect(line(LINK_TYPE.raw, packet)).toBe(text);
    expect(line(LINK_TYPE.null, join([2, 0, 0, 0], packet))).toBe(text);
    expect(line(LINK_TYPE.null, join([0, 0, 0, 2], packet))).toBe(text);
    expect(line(LINK_TYPE.linuxCooked, join(zeros(14), u16(0x0800), packet))).toBe(text);
    const cooked2 = join(u16(0x0800), u16(0), u32(3), u16(1), 4, 6, zeros(8), packet);
    expect(line(LINK_TYPE.linuxCooked2, cooked2)).toBe(`if3   Out ${text}`);
    expect(line(147, packet)).toBe("link type 147, length 29");
  });

  test("unknown EtherTypes and 802.3 frames are one line", () => {
    expect(line(LINK_TYPE.ethernet, ethernet(0x88b5, counting(46)))).toBe(
      "02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype Unknown (0x88b5), length 60",
    );
    expect(line(LINK_TYPE.ethernet, ethernet(38, counting(46)))).toBe(
      "02:00:00:00:00:01 > 02:00:00:00:00:02, 802.3, length 38",
    );
  });

  test("the link header is shown when asked for", () => {
    expect(line(LINK_TYPE.ethernet, framed(packet, [0xb064]), { linkHeader: true })).toBe(
      "02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 47: " +
        `vlan 100, p 5, DEI, ${text}`,
    );
  });
});

describe("what comes from strangers", () => {
  const seeds = [
    framed(tcp({ ...CLIENT, options: SYN_OPTIONS, payload: counting(20) })),
    framed(udp({ ...CLIENT, payload: counting(20) })),
    framed(icmpv4(CLIENT, 3, 3, join(u32(0), tcp(CLIENT)))),
    ethernet(
      0x0806,
      arp({ operation: 1, senderMac: MAC_A, senderIp: "10.0.0.1", targetMac: MAC_A, targetIp: "10.0.0.2" }),
    ),
    ethernet(
      0x86dd,
      join(
        [0x60, 0, 0, 0],
        u16(60),
        0,
        9,
        addressBytes("::1"),
        addressBytes("::2"),
        [60, 0],
        zeros(6),
        counting(60),
      ),
    ),
    join(macBytes(MAC_A), macBytes(MAC_A), u16(0x8100), u16(5), u16(0x0800)),
  ];
  const damaged = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 8 }),
      fc.nat(100),
    )
    .map(([seed, changes, length]) => {
      const copy = seed.slice(0, length);
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
      return copy;
    });
  const anything = fc.oneof(fc.uint8Array({ maxLength: 120 }), damaged);
  const linkType = fc.constantFrom(...Object.values(LINK_TYPE));

  test("never throws, is one line of printable ASCII, and depends on no byte outside", () => {
    fc.assert(
      fc.property(anything, linkType, fc.nat(255), fc.nat(50), (bytes, type, filler, missing) => {
        const options = { verifyChecksums: true, linkHeader: filler % 2 === 0 };
        const text = new PacketLines(options).line(type, bytes, 0, bytes.length, bytes.length + missing);
        expect(text).toMatch(/^[ -~]*$/);
        const within = new Uint8Array(bytes.length + 80).fill(filler);
        within.set(bytes, 40);
        const start = 40;
        const end = 40 + bytes.length;
        expect(new PacketLines(options).line(type, within, start, end, bytes.length + missing)).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });

  test("packets within packets are not followed without end", () => {
    let packet = udp(CLIENT);
    for (let depth = 0; depth < 40; depth++) packet = ipv4({ ...CLIENT, protocol: 4 }, packet);
    expect(line(LINK_TYPE.raw, packet)).toMatch(/\[too many packets within packets\]$/);
  });
});
