import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../base/bytes.ts";
import type { CapturedPacket, CapturePackets } from "./captured-packet.ts";
import { LINK_TYPE } from "./link-type.ts";
import { PcapReader, PcapWriter, type PcapWriterOptions } from "./pcap.ts";

interface Written {
  readonly time: number;
  readonly nanoseconds: number;
  readonly bytes: Uint8Array;
}

function write(packets: readonly Written[], options: PcapWriterOptions): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter(chunk => chunks.push(chunk), options);
  for (const { time, nanoseconds, bytes } of packets) {
    writer.packet(time, bytes, 0, bytes.length, { nanoseconds });
  }
  return concatBytes(chunks);
}

/** Reads in pieces of the given sizes, over and over. */
function readInPieces(reader: CapturePackets, bytes: Uint8Array, sizes: readonly number[]): CapturedPacket[] {
  const packets: CapturedPacket[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    packets.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  reader.end();
  return packets;
}

const packet = (): fc.Arbitrary<Written> =>
  fc.record({
    time: fc.integer({ min: 0, max: 0xffff_ffff * 1_000_000 }),
    nanoseconds: fc.integer({ min: 0, max: 999 }),
    bytes: fc.uint8Array({ maxLength: 60 }),
  });

/** A file of one packet, the bytes 1 2 3 of 10, by a machine of the other byte order. */
function bigEndian(magic: readonly number[]): Uint8Array {
  return Uint8Array.from([
    ...magic,
    ...[0, 2, 0, 4],
    ...[0, 0, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0xff, 0xff],
    ...[0xf0, 0, 0, 101],
    ...[0, 0, 0, 5],
    ...[0, 0, 0x30, 0x39],
    ...[0, 0, 0, 3],
    ...[0, 0, 0, 10],
    ...[1, 2, 3],
  ]);
}

describe("pcap", () => {
  test("what is written is read again, however the bytes are cut (§4, §5)", () => {
    fc.assert(
      fc.property(
        fc.array(packet(), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (packets, sizes, nanoseconds) => {
          const file = write(packets, { linkType: LINK_TYPE.ethernet, nanoseconds });
          const reader = new PcapReader();
          const read = readInPieces(reader, file, sizes);
          expect(reader.error).toBeUndefined();
          expect(read.map(({ time, nanoseconds, bytes }) => ({ time, nanoseconds, bytes }))).toEqual(
            packets.map(given => (nanoseconds ? given : { ...given, nanoseconds: 0 })),
          );
        },
      ),
    );
  });

  test("the snap length cuts what is kept, not the length that is noted", () => {
    const file = write([{ time: 1, nanoseconds: 0, bytes: new Uint8Array(100) }], {
      linkType: 1,
      snapLength: 40,
    });
    const [read] = new PcapReader().push(file);
    expect(read?.bytes.length).toBe(40);
    expect(read?.originalLength).toBe(100);
    expect(read?.interface.snapLength).toBe(40);
  });

  test("both byte orders and both units of time are read", () => {
    const [micros] = new PcapReader().push(bigEndian([0xa1, 0xb2, 0xc3, 0xd4]));
    expect(micros).toMatchObject({ time: 5_012_345, nanoseconds: 0, originalLength: 10 });
    expect(micros?.bytes).toEqual(Uint8Array.of(1, 2, 3));
    expect(micros?.interface.linkType).toBe(LINK_TYPE.raw);
    const [nanos] = new PcapReader().push(bigEndian([0xa1, 0xb2, 0x3c, 0x4d]));
    expect(nanos).toMatchObject({ time: 5_000_012, nanoseconds: 345 });
  });

  test("a file that ends within a packet keeps the packets before", () => {
    const one = { time: 1, nanoseconds: 0, bytes: Uint8Array.of(1, 2, 3, 4) };
    const file = write([one, one], { linkType: 1 });
    const reader = new PcapReader();
    expect(reader.push(file.subarray(0, file.length - 1))).toHaveLength(1);
    reader.end();
    expect(reader.error).toMatchObject({ kind: "truncated", offset: 24 + 20 });
  });

  test("a packet longer than any is an error at once, not memory", () => {
    const file = write([{ time: 1, nanoseconds: 0, bytes: Uint8Array.of(1) }], { linkType: 1 });
    file.set([0xff, 0xff, 0xff, 0x7f], 24 + 8);
    const reader = new PcapReader();
    expect(reader.push(file)).toEqual([]);
    expect(reader.error?.kind).toBe("too-large");
    expect(reader.push(file)).toEqual([]);
  });

  test("arbitrary bytes never throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(3), (bytes, kind) => {
        const head =
          [[0xa1, 0xb2, 0xc3, 0xd4], [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0x3c, 0x4d], []][kind] ?? [];
        const reader = new PcapReader();
        reader.push(Uint8Array.from([...head, ...(kind === 3 ? [] : [0, 2, 0, 4]), ...bytes]));
        reader.end();
      }),
    );
  });
});
