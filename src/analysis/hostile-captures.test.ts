/** Captures come from anybody: nothing in one makes the analysis throw, or keep more than its bounds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Conversation } from "../../test/support/conversation.ts";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import { LINK_TYPE } from "../capture/link-type.ts";
import { CaptureAnalyzer } from "./capture-analyzer.ts";

const FLAGS = fc.integer({ min: 0, max: 255 });
/** Near each other, near the edge of the space, and anywhere. */
const NUMBER = fc.oneof(
  fc.integer({ min: 0, max: 4000 }),
  fc.integer({ min: -3000, max: 3000 }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

const SAID = fc.record({
  flags: FLAGS,
  seq: NUMBER,
  ack: NUMBER,
  length: fc.constantFrom(0, 0, 1, 100, 1460),
  window: fc.constantFrom(0, 1, 512, 65_535),
  id: fc.constantFrom(0, 1, 2, 3, 40_000),
  sack: fc.array(fc.tuple(NUMBER, NUMBER), { maxLength: 3 }),
});

function wrapped(packet: CapturedPacket, linkType: number, header: readonly number[]): CapturedPacket {
  const bytes = Uint8Array.of(...header, ...packet.bytes);
  const layer = { ...packet.interface, linkType };
  return { ...packet, interface: layer, bytes, originalLength: packet.originalLength + header.length };
}

const ZEROS = (count: number): number[] => new Array<number>(count).fill(0);

describe("any capture", () => {
  test("segments that nobody would send", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), SAID), { maxLength: 40 }), segments => {
        const conversation = new Conversation({ initial: [0xffff_ff00, 5] });
        for (const [i, [isA, said]] of segments.entries()) {
          const full = said.sack.length === 0 ? { ...said, sack: undefined } : said;
          const { sack, ...rest } = full;
          const told = sack === undefined ? rest : { ...rest, sack };
          if (isA) conversation.a(i, told);
          else conversation.b(i, told);
        }
        const analyzer = new CaptureAnalyzer();
        for (const packet of conversation.packets) analyzer.packet(packet);
        const { connections } = analyzer.conclude();
        for (const { ends } of connections) {
          for (const end of ends) {
            expect(end.bytes).toBeGreaterThanOrEqual(0);
            expect(end.missingBytes).toBeGreaterThanOrEqual(0);
            expect(end.largestFlight).toBeLessThan(2 ** 31);
          }
        }
      }),
    );
  });

  test("bytes that are no packets, cut anywhere, on any link", () => {
    const links = [...Object.values(LINK_TYPE), 147];
    const [packet] = new Conversation().a(0, { length: 20 }).packets as [CapturedPacket];
    fc.assert(
      fc.property(
        fc.constantFrom(...links),
        fc.uint8Array({ maxLength: 90 }),
        fc.nat(80),
        (linkType, noise, cut) => {
          const analyzer = new CaptureAnalyzer();
          const layer = { linkType, snapLength: 0, name: undefined };
          analyzer.packet({ ...packet, interface: layer, bytes: noise, originalLength: noise.length });
          const bytes = packet.bytes.map((byte, i) => byte ^ (noise[i] ?? 0)).subarray(0, cut);
          analyzer.packet({ ...packet, interface: layer, bytes });
          analyzer.conclude();
        },
      ),
    );
  });

  test("an end that acknowledges nothing does not make the other's text pile up", () => {
    const conversation = new Conversation().opened();
    for (let i = 0; i < 20_000; i++) conversation.a(20 + i, { seq: 1 + 2 * i, ack: 1, length: 1 });
    const analyzer = new CaptureAnalyzer();
    for (const packet of conversation.packets) analyzer.packet(packet);
    expect(analyzer.conclude().connections[0]?.ends[0].gaps).toBe(19_999);
  });
});

describe("the same conversation on every link", () => {
  const conversation = new Conversation()
    .opened()
    .a(20, { seq: 1, ack: 1, length: 100 })
    .a(300, { seq: 1, ack: 1, length: 100 })
    .b(310, { seq: 1, ack: 101 });
  const summary = (packets: readonly CapturedPacket[]) => {
    const analyzer = new CaptureAnalyzer();
    for (const packet of packets) analyzer.packet(packet);
    return analyzer
      .conclude()
      .connections.map(({ ends }) => ends.map(({ wireBytes: _wireBytes, ...rest }) => rest));
  };
  const plain = summary(conversation.packets);

  test.each([
    ["Ethernet", LINK_TYPE.ethernet, [...ZEROS(12), 8, 0]],
    ["Ethernet with a tag", LINK_TYPE.ethernet, [...ZEROS(12), 0x81, 0, 0, 5, 8, 0]],
    ["Ethernet with two", LINK_TYPE.ethernet, [...ZEROS(12), 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]],
    ["Linux cooked", LINK_TYPE.linuxCooked, [...ZEROS(14), 8, 0]],
    ["Linux cooked 2", LINK_TYPE.linuxCooked2, [8, 0, ...ZEROS(18)]],
    ["loopback, little-endian", LINK_TYPE.null, [2, 0, 0, 0]],
    ["loopback, big-endian", LINK_TYPE.null, [0, 0, 0, 2]],
    ["raw IPv4", LINK_TYPE.ipv4, []],
  ])("%s", (_name, linkType, header) => {
    expect(plain).toHaveLength(1);
    expect(plain[0]?.[0]).toMatchObject({ retransmissions: 1, bytes: 100 });
    expect(summary(conversation.packets.map(packet => wrapped(packet, linkType, header)))).toEqual(plain);
  });

  test("behind an extension header of IPv6, and padded by Ethernet", () => {
    const six = new Conversation({ family: 6 }).opened().a(20, { seq: 1, ack: 1, length: 100 });
    const extended = six.packets.map(packet => {
      const bytes = [...packet.bytes];
      bytes.splice(40, 0, 6, 0, 1, 4, 0, 0, 0, 0);
      bytes[6] = 60;
      bytes[5] = (bytes[5] as number) + 8;
      return { ...packet, bytes: Uint8Array.from(bytes), originalLength: bytes.length };
    });
    expect(summary(extended)[0]?.[0]?.textBytes).toBe(100);
    const padded = conversation.packets.map(packet =>
      wrapped({ ...packet, bytes: Uint8Array.of(...packet.bytes, ...ZEROS(9)) }, LINK_TYPE.ethernet, [
        ...ZEROS(12),
        8,
        0,
      ]),
    );
    expect(summary(padded.map(packet => ({ ...packet, originalLength: packet.bytes.length })))).toEqual(
      plain,
    );
  });

  test("cut behind the TCP header, lengths are those of the wire", () => {
    const cut = conversation.packets.map(packet => ({ ...packet, bytes: packet.bytes.slice(0, 40) }));
    expect(summary(cut)[0]?.[0]).toMatchObject({ textBytes: 200, bytes: 100, retransmissions: 1 });
  });

  test("a super-segment that says no length has that of its packet", () => {
    const [packet] = new Conversation().a(0, { seq: 1, ack: 1, length: 900 }).packets as [CapturedPacket];
    const bytes = packet.bytes.slice();
    bytes.fill(0, 2, 4);
    const analyzer = new CaptureAnalyzer();
    analyzer.packet({ ...packet, bytes, originalLength: 100_000 });
    expect(analyzer.conclude().connections[0]?.ends[0].textBytes).toBe(100_000 - 40);
  });
});
