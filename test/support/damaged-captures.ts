/**
 * Captures of every form, damaged at random: bytes and whole words changed, pieces cut out, doubled and moved,
 * the end missing. The same seed, the same capture.
 */
import { below, chance, SeededRandom } from "../../src/base/random.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { Conversation } from "./conversation.ts";
import { ethernet, framed, ipv6, join, type Piece, tcp, udp, zeros } from "./frames.ts";

interface Order {
  readonly u16: (value: number) => number[];
  readonly u32: (value: number) => number[];
}

const BIG: Order = {
  u16: value => [(value >>> 8) & 0xff, value & 0xff],
  u32: value => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff],
};
const LITTLE: Order = { u16: value => BIG.u16(value).reverse(), u32: value => BIG.u32(value).reverse() };

const ENDS = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 50_000, destinationPort: 80 };
const ENDS_6 = { source: "2001:db8::1", destination: "2001:db8::2", sourcePort: 50_000, destinationPort: 80 };

/** Of raw IP: a conversation with loss, and super-segments, whole and without a length. */
function packets(): Uint8Array[] {
  const conversation = new Conversation()
    .opened()
    .a(20, { seq: 1, ack: 1, length: 200 })
    .a(21, { seq: 401, ack: 1, length: 200 })
    .b(30, { seq: 1, ack: 201, sack: [[401, 601]] })
    .a(300, { seq: 201, ack: 1, length: 200 })
    .b(310, { seq: 1, ack: 601, window: 0, timestamps: [5, 6] });
  const large = tcp({ ...ENDS, sequence: 900, payload: zeros(3000) });
  const unsaid = large.slice();
  unsaid.fill(0, 2, 4);
  const chained = ipv6({ ...ENDS_6, nextHeader: 0 }, join(6, 0, 1, 4, zeros(4), tcp(ENDS_6).subarray(40)));
  return [...conversation.packets.map(({ bytes }) => bytes), large, unsaid, chained, udp(ENDS)];
}

const RAW = packets();

function pcap(order: Order, nanoseconds: boolean): Uint8Array {
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const header = join(
    order.u32(magic),
    order.u16(2),
    order.u16(4),
    zeros(8),
    order.u32(65_535),
    order.u32(1),
  );
  const records = RAW.map((packet, index) => {
    const frame = framed(packet, index % 4 === 0 ? [7] : []);
    const captured = index % 5 === 0 ? frame.subarray(0, 60) : frame;
    const lengths = join(order.u32(captured.length), order.u32(frame.length));
    return join(order.u32(1_700_000_000 + index), order.u32(index * 1000), lengths, captured);
  });
  return join(header, ...records);
}

function pcapng(order: Order): Uint8Array {
  const padded = (bytes: Uint8Array): Uint8Array => join(bytes, zeros((4 - (bytes.length % 4)) % 4));
  const block = (type: number, ...body: readonly Piece[]): Uint8Array => {
    const bytes = join(...body);
    const length = order.u32(bytes.length + 12);
    return join(order.u32(type), length, bytes, length);
  };
  const option = (code: number, value: Piece): Uint8Array => {
    const bytes = join(value);
    return join(order.u16(code), order.u16(bytes.length), padded(bytes));
  };
  const text = (value: string): number[] => [...new TextEncoder().encode(value)];
  const end = zeros(4);
  const section = block(0x0a0d_0d0a, order.u32(0x1a2b3c4d), order.u16(1), order.u16(0), zeros(8));
  const through = (linkType: number, ...options: readonly Piece[]): Uint8Array =>
    block(1, order.u16(linkType), zeros(2), order.u32(0), ...options, end);
  const packet = (index: number, via: number, bytes: Uint8Array): Uint8Array =>
    block(
      6,
      ...[order.u32(via), order.u32(0x5f000), order.u32(index * 1000)],
      ...[order.u32(bytes.length), order.u32(bytes.length), padded(bytes)],
      ...[option(2, order.u32(1 + (index % 2))), option(1, text("a remark")), end],
    );
  return join(
    section,
    through(LINK_TYPE.ethernet, option(2, text("eth0")), option(9, 9)),
    ...RAW.map((bytes, index) => packet(index, 0, framed(bytes))),
    // An interface after packets, whose clock counts powers of two and starts late.
    through(LINK_TYPE.raw, option(2, text("tün")), option(9, 0x8a), option(14, zeros(8))),
    ...RAW.map((bytes, index) => packet(index, 1, bytes)),
    block(3, order.u32(60), ethernet(0x0806, zeros(46))),
    block(0x0bad, zeros(20)),
    block(5, order.u32(0), zeros(8), option(2, zeros(8)), end),
  );
}

/** Of both byte orders and units; the last has two sections, which differ. */
export const WHOLE_CAPTURES: readonly Uint8Array[] = [
  pcap(LITTLE, false),
  pcap(BIG, true),
  pcapng(LITTLE),
  join(pcapng(BIG), pcapng(LITTLE)),
];

/** What lengths, counts and times are when somebody means harm. */
const ODD_WORDS: readonly number[] = [
  ...[0, 1, 3, 4, 8, 11, 12, 13, 16, 0xff, 0xffff, 0x10000, 0x00ff_ffff, 0x0100_0000, 0x0100_0001],
  ...[0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffc, 0xffff_ffff, 0x0a0d_0d0a, 0x1a2b_3c4d, 0x4d3c_2b1a],
];

export function damagedCapture(seed: number): Uint8Array {
  const random = new SeededRandom(seed);
  let bytes: Uint8Array = (WHOLE_CAPTURES[seed % WHOLE_CAPTURES.length] as Uint8Array).slice();
  for (let count = 1 + below(random, 6); count > 0; count--) bytes = damaged(bytes, random);
  return chance(random, 0.3) ? bytes.subarray(0, below(random, bytes.length + 1)) : bytes;
}

function damaged(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const at = below(random, bytes.length);
  switch (below(random, 5)) {
    case 0:
      bytes[at] = random.uint32();
      return bytes;
    case 1: {
      const order = chance(random, 0.5) ? BIG : LITTLE;
      const word = order.u32(ODD_WORDS[below(random, ODD_WORDS.length)] as number);
      // Fields of these formats stand at multiples of four; those of packets do not.
      const from = chance(random, 0.8) ? at & ~3 : at;
      bytes.set(word.slice(0, bytes.length - from), from);
      return bytes;
    }
    case 2:
      bytes[at] = (bytes[at] as number) ^ (1 << below(random, 8));
      return bytes;
    case 3: {
      const to = Math.min(bytes.length, at + 4 * below(random, 40));
      return join(bytes.subarray(0, at & ~3), bytes.subarray(to & ~3));
    }
    default: {
      const piece = bytes.subarray(at & ~3, (at & ~3) + 4 * below(random, 100));
      const into = below(random, bytes.length) & ~3;
      return join(bytes.subarray(0, into), piece, bytes.subarray(into));
    }
  }
}
