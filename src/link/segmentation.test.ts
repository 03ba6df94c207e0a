import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENDS, type Shape, superSegment, writeIp } from "../../test/support/super-segment.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { type Seq, seqAdd } from "../base/seq.ts";
import { seconds } from "../base/time.ts";
import { IPV4_HEADER_SIZE, Ipv4Header, ipv4ChecksumIsGood } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { transportChecksum } from "../wire/pseudo-header.ts";
import { TCP_FLAG, TcpHeader } from "../wire/tcp.ts";
import { UDP_HEADER_SIZE, UdpHeader, udpChecksum, udpChecksumIsGood } from "../wire/udp.ts";
import type { FrameSink, NetDevice } from "./net-device.ts";
import { createPair } from "./pair.ts";
import { FULL_OFFLOAD, largestWhenCut, SegmentCutter, segmentation } from "./segmentation.ts";
import { VirtualTime } from "./virtual-time.ts";

interface Seen {
  readonly sequence: Seq;
  readonly flags: number;
  readonly text: Uint8Array;
  readonly identification: number;
}

/** What a receiver makes of a segment, once its checksums and lengths have proved right. */
function received(packet: PacketBuffer, family: 4 | 6): Seen {
  const { bytes, network, transport, end } = packet;
  const [source, destination] = ENDS[family];
  let identification = 0;
  if (family === 4) {
    const header = new Ipv4Header();
    expect(header.read(bytes, network, end)).toBeUndefined();
    expect(ipv4ChecksumIsGood(bytes, network, header.headerLength)).toBe(true);
    expect(header.totalLength).toBe(end - network);
    identification = header.identification;
  } else {
    const header = new Ipv6Header();
    expect(header.read(bytes, network, end)).toBeUndefined();
    expect(header.payloadLength).toBe(end - transport);
  }
  expect(transportChecksum(source, destination, IP_PROTOCOL.tcp, bytes, transport, end)).toBe(0);
  const tcp = new TcpHeader();
  expect(tcp.read(bytes, transport, end)).toBeUndefined();
  const text = bytes.slice(transport + tcp.dataOffset, end);
  return { sequence: tcp.sequence, flags: tcp.flags, text, identification };
}

const shapes = fc.record({
  family: fc.constantFrom(4 as const, 6 as const),
  text: fc.integer({ min: 1, max: 5_000 }),
  flags: fc.integer({ min: 0, max: 0x1ff }),
  sequence: fc.integer(),
  options: fc.constantFrom(0, 12, 40),
  segmentSize: fc.integer({ min: 1, max: 1_448 }).map(size => Math.max(size, 100)),
  /** How much of the text lies apart, and where its first piece ends. */
  apart: fc.double({ min: 0, max: 1, noNaN: true }),
  split: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** The end of the packet's text moves to its tail, in two pieces. */
function layApart(packet: PacketBuffer, count: number, split: number): void {
  const memory = new Uint8Array(2 * count);
  const first = Math.floor(count * split);
  const from = packet.end - count;
  memory.set(packet.bytes.subarray(from, from + first), 2 * count - first);
  memory.set(packet.bytes.subarray(from + first, packet.end));
  packet.bytes.fill(0xee, from, packet.end);
  packet.end = from;
  packet.gather().add(memory, 2 * count - first, 2 * count);
  packet.gather().add(memory, 0, count - first);
}

describe("cutting a super-segment: RFC 9293 §3.1", () => {
  test("gives segments with right checksums and lengths, in order, whose text is the whole", () => {
    fc.assert(
      fc.property(shapes, shape => {
        const frame = superSegment(shape);
        const whole = frame.bytes.slice(frame.end - shape.text, frame.end);
        layApart(frame, Math.floor(shape.text * shape.apart), shape.split);
        const seen: Seen[] = [];
        new SegmentCutter().cut(frame, segment => seen.push(received(segment, shape.family)));
        expect(seen).toHaveLength(Math.ceil(shape.text / shape.segmentSize));
        let at = 0;
        for (const [i, { sequence, text, flags, identification }] of seen.entries()) {
          const isLast = i === seen.length - 1;
          expect(sequence).toBe(seqAdd(shape.sequence as Seq, at));
          expect(text).toEqual(whole.slice(at, at + shape.segmentSize));
          if (shape.family === 4) expect(identification).toBe((65_535 + i) & 0xffff);
          let expected = shape.flags;
          if (!isLast) expected &= ~(TCP_FLAG.fin | TCP_FLAG.psh);
          if (i > 0) expected &= ~TCP_FLAG.cwr;
          expect(flags).toBe(expected);
          at += text.length;
        }
      }),
    );
  });
});

interface DatagramShape {
  readonly family: 4 | 6;
  readonly payload: Uint8Array;
  readonly identification: number;
}

/** A whole packet with this datagram, the checksum done. */
function datagram({ family, payload, identification }: DatagramShape): PacketBuffer {
  const [source, destination] = ENDS[family];
  const headers = (family === 4 ? IPV4_HEADER_SIZE : IPV6_HEADER_SIZE) + UDP_HEADER_SIZE;
  const packet = new PacketBuffer(128 + headers + payload.length);
  packet.append(headers + payload.length);
  packet.network = packet.start;
  packet.transport = packet.start + headers - UDP_HEADER_SIZE;
  writeIp(packet, family, source, destination, IP_PROTOCOL.udp, identification);
  const { bytes, transport, end } = packet;
  bytes.set(payload, transport + UDP_HEADER_SIZE);
  const header = new UdpHeader();
  const length = UDP_HEADER_SIZE + payload.length;
  Object.assign(header, { sourcePort: 1, destinationPort: 2, length }).write(bytes, transport);
  header.checksum = udpChecksum(source, destination, bytes, transport, end);
  header.write(bytes, transport);
  return packet;
}

const datagrams = fc.record({
  family: fc.constantFrom(4 as const, 6 as const),
  payload: fc.uint8Array({ minLength: 1, maxLength: 3_000 }),
  segmentSize: fc.integer({ min: 1, max: 1_472 }).map(size => Math.max(size, 50)),
  identification: fc.integer({ min: 0, max: 0xffff }),
});

describe("cutting a super-datagram: RFC 768", () => {
  test("gives the datagrams that would have been built singly", () => {
    fc.assert(
      fc.property(datagrams, ({ family, payload, segmentSize, identification }) => {
        const whole = datagram({ family, payload, identification });
        Object.assign(whole, { segmentSize, checksum: "partial" });
        const cut: number[][] = [];
        new SegmentCutter().cut(whole, segment => cut.push([...segment.view()]));
        const single: number[][] = [];
        for (let at = 0; at < payload.length; at += segmentSize) {
          const part = payload.subarray(at, at + segmentSize);
          const id = (identification + single.length) & 0xffff;
          single.push([...datagram({ family, payload: part, identification: id }).view()]);
        }
        expect(cut).toEqual(single);
        const headers = whole.end - whole.network - payload.length;
        expect(largestWhenCut(whole)).toBe(headers + Math.min(segmentSize, payload.length));
      }),
    );
  });

  test("is left to a device that cuts UDP, and done for one that cuts only TCP", () => {
    const sizes = (cutsUdp: boolean): number[] => {
      const time = new VirtualTime();
      const [a, b] = createPair(time, { medium: "ip", offload: true });
      const seen: number[] = [];
      b.attach({ ...QUIET, receive: ({ length }) => seen.push(length) });
      const device = segmentation(Object.assign(a, { offload: { ...a.offload, cutsUdp } }));
      const payload = new Uint8Array(2_500);
      for (const packet of [
        superSegment({ family: 4, text: 2_500, flags: 0, sequence: 1, options: 0, segmentSize: 1_000 }),
        datagram({ family: 4, payload, identification: 0 }),
      ]) {
        expect(device.transmit(Object.assign(packet, { segmentSize: 1_000, checksum: "partial" }))).toBe(
          true,
        );
      }
      time.runFor(seconds(1));
      return seen;
    };
    expect(sizes(true)).toEqual([2_540, 2_528]);
    expect(sizes(false)).toEqual([2_540, 1_028, 1_028, 528]);
  });
});

test("a receiver may change a segment: the next one is as it should be", () => {
  for (const family of [4, 6] as const) {
    const frame = superSegment({
      family,
      text: 3_000,
      flags: 0x10,
      sequence: 1,
      options: 0,
      segmentSize: 1_000,
    });
    const seen: Seen[] = [];
    new SegmentCutter().cut(frame, segment => {
      seen.push(received(segment, family));
      segment.bytes.fill(0xee);
      segment.checksum = "valid";
      segment.start += 14;
      segment.network = -1;
      segment.transport += 20;
    });
    expect(seen.map(({ sequence, text }) => [sequence, text.length])).toEqual([
      [1, 1_000],
      [1_001, 1_000],
      [2_001, 1_000],
    ]);
  }
});

const QUIET: FrameSink = { receive() {}, writable() {} };

describe("a device with segmentation in software", () => {
  function wired(queueLimit?: number): {
    time: VirtualTime;
    device: NetDevice;
    seen: Seen[];
    room: () => number;
  } {
    const time = new VirtualTime();
    const [a, b] = createPair(time, { medium: "ip", queueLimit });
    const seen: Seen[] = [];
    const device = segmentation(a);
    let rooms = 0;
    device.attach({ receive() {}, writable: () => rooms++ });
    b.attach({
      ...QUIET,
      receive(frame) {
        frame.network = frame.start;
        frame.transport = frame.start + IPV4_HEADER_SIZE;
        seen.push(received(frame, 4));
      },
    });
    return { time, device, seen, room: () => rooms };
  }

  const shape: Shape = { family: 4, text: 10_000, flags: 0x10, sequence: 5, options: 12, segmentSize: 1_000 };

  test("segments are made in packets that the device lends, if they have the room", () => {
    const lent = [new PacketBuffer(200), new PacketBuffer(2_048), undefined, new PacketBuffer(2_048)];
    const seen: Seen[] = [];
    const own: boolean[] = [];
    const queue = [...lent];
    new SegmentCutter().cut(
      superSegment({ ...shape, text: 4_000 }),
      segment => {
        seen.push(received(segment, 4));
        own.push(lent.includes(segment));
      },
      { lend: () => queue.shift() },
    );
    expect(seen.map(({ sequence, text }) => [sequence, text.length])).toEqual([
      [5, 1_000],
      [1_005, 1_000],
      [2_005, 1_000],
      [3_005, 1_000],
    ]);
    expect(own).toEqual([false, true, false, true]);
  });

  test("takes super-segments and partial checksums, and says so", () => {
    const { time, device, seen } = wired();
    expect(device.offload).toEqual(FULL_OFFLOAD);
    expect(device.transmit(superSegment(shape))).toBe(true);
    expect(device.transmit(superSegment({ ...shape, text: 100, segmentSize: 0 }))).toBe(true);
    time.runFor(seconds(1));
    expect(seen.map(({ text }) => text.length)).toEqual([...new Array<number>(10).fill(1_000), 100]);
  });

  test("a super-segment that finds no room for all of it waits, and is not torn apart by the next one", () => {
    const { time, device, seen, room } = wired(4);
    expect(device.transmit(superSegment(shape))).toBe(true);
    expect(device.transmit(superSegment({ ...shape, sequence: 10_005 }))).toBe(false);
    time.runFor(seconds(1));
    expect(room()).toBe(1);
    expect(device.transmit(superSegment({ ...shape, sequence: 10_005 }))).toBe(true);
    time.runFor(seconds(1));
    expect(seen.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, i) => 5 + i * 1_000));
  });

  test("a UDP checksum is completed too, and is never 0 (RFC 768)", () => {
    const packet = new PacketBuffer(256);
    packet.append(IPV4_HEADER_SIZE + UDP_HEADER_SIZE + 2);
    packet.network = packet.start;
    packet.transport = packet.start + IPV4_HEADER_SIZE;
    const [source, destination] = ENDS[4];
    writeIp(packet, 4, source, destination, IP_PROTOCOL.udp);
    Object.assign(new UdpHeader(), { length: 10, checksum: 0x1234 }).write(packet.bytes, packet.transport);
    packet.checksum = "partial";
    const time = new VirtualTime();
    const [a, b] = createPair(time, { medium: "ip" });
    let good = false;
    b.attach({
      ...QUIET,
      receive({ bytes, start, end }) {
        good = udpChecksumIsGood(source, destination, bytes, start + IPV4_HEADER_SIZE, end);
      },
    });
    segmentation(a).transmit(packet);
    time.runFor(seconds(1));
    expect(good).toBe(true);
  });
});
