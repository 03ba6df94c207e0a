import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../base/bytes.ts";
import type { CapturedPacket } from "./captured-packet.ts";
import { LINK_TYPE } from "./link-type.ts";
import { PcapngReader } from "./pcapng-reader.ts";
import { PcapngWriter } from "./pcapng-writer.ts";

/** Any characters; fast-check's own strings of these take long to set up. */
const text = (): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10_ffff })), {
      maxLength: 60,
    })
    .map(codes => String.fromCodePoint(...codes));

function written(write: (writer: PcapngWriter) => void): Uint8Array {
  const chunks: Uint8Array[] = [];
  write(new PcapngWriter(chunk => chunks.push(chunk)));
  return concatBytes(chunks);
}

function read(...chunks: readonly Uint8Array[]): { packets: CapturedPacket[]; error: PcapngReader["error"] } {
  const reader = new PcapngReader();
  const packets = chunks.flatMap(chunk => reader.push(chunk));
  reader.end();
  return { packets, error: reader.error };
}

type Words = readonly number[];

const big = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 0xff,
  (value >>> 8) & 0xff,
  value & 0xff,
];
const little = (value: number): number[] => big(value).reverse();

/** A block with this body, in either byte order. */
function block(word: (value: number) => Words, type: number, body: Words): number[] {
  const length = body.length + 12;
  return [...word(type), ...word(length), ...body, ...word(length)];
}

function section(word: (value: number) => Words): number[] {
  const version = word === big ? [0, 1, 0, 0] : [1, 0, 0, 0];
  return block(word, 0x0a0d0d0a, [...word(0x1a2b3c4d), ...version, ...word(-1), ...word(-1)]);
}

/** An interface block: link type, reserved, snap length, options. */
function interfaceBlock(
  word: (value: number) => Words,
  linkType: number,
  options: Words = [],
  snap = 0,
): number[] {
  const type = word === big ? [0, linkType, 0, 0] : [linkType, 0, 0, 0];
  return block(word, 1, [...type, ...word(snap), ...options]);
}

function packetBlock(word: (value: number) => Words, index: number, high: number, low: number): number[] {
  return block(word, 6, [...word(index), ...word(high), ...word(low), ...word(3), ...word(9), 1, 2, 3, 0]);
}

describe("pcapng", () => {
  test("packets come back with interface, time, direction, comment and length (§4.3)", () => {
    const detail = fc.record({
      time: fc.integer({ min: 0, max: 2 ** 53 - 1_000_000 }),
      nanoseconds: fc.integer({ min: 0, max: 999 }),
      via: fc.nat(1),
      bytes: fc.uint8Array({ maxLength: 40 }),
      direction: fc.constantFrom("in" as const, "out" as const, undefined),
      comment: fc.option(text(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(detail, { maxLength: 6 }), fc.integer({ min: 1, max: 100 }), (packets, size) => {
        const file = written(writer => {
          writer.addInterface({ linkType: LINK_TYPE.ethernet, name: "eth0" });
          writer.addInterface({ linkType: LINK_TYPE.raw, name: "tün0", resolution: 9 });
          for (const { via, time, bytes, ...details } of packets) {
            writer.packet(via, time, bytes, 0, bytes.length, details);
          }
          writer.end([0, 3]);
        });
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < file.length; at += size) chunks.push(file.subarray(at, at + size));
        const result = read(...chunks);
        expect(result.error).toBeUndefined();
        expect(result.packets).toEqual(
          packets.map(given => ({
            interface: expect.objectContaining(
              given.via === 0
                ? { linkType: LINK_TYPE.ethernet, name: "eth0", snapLength: 262_144 }
                : { linkType: LINK_TYPE.raw, name: "tün0", snapLength: 262_144 },
            ),
            time: given.time,
            nanoseconds: given.via === 0 ? 0 : given.nanoseconds,
            bytes: given.bytes,
            originalLength: given.bytes.length,
            direction: given.direction,
            comment: given.comment,
          })),
        );
      }),
    );
  });

  test("every block's length is a multiple of 4 and stands at both ends (§3.1)", () => {
    const chunks: Uint8Array[] = [];
    const writer = new PcapngWriter(chunk => chunks.push(chunk));
    writer.addInterface({ linkType: 1, name: "x" });
    for (let length = 0; length < 9; length++) {
      writer.packet(0, 1, new Uint8Array(9), 0, length, { comment: "c".repeat(length) });
    }
    writer.end();
    for (const chunk of chunks) {
      expect(chunk.length % 4).toBe(0);
      const view = new DataView(chunk.buffer);
      expect(view.getUint32(4, true)).toBe(chunk.length);
      expect(view.getUint32(chunk.length - 4, true)).toBe(chunk.length);
    }
  });

  test("a name that is longer than any is cut", () => {
    const capture = written(writer => {
      const index = writer.addInterface({ linkType: LINK_TYPE.raw, name: "x".repeat(60_000) });
      writer.packet(index, 0, Uint8Array.of(1), 0, 1);
    });
    expect(read(capture).packets[0]?.interface.name).toBe("x".repeat(256));
  });

  test("the snap length of the interface cuts what is kept", () => {
    const file = written(writer => {
      const via = writer.addInterface({ linkType: 1, snapLength: 20 });
      writer.packet(via, 5, new Uint8Array(50), 10, 50);
    });
    const [packet] = read(file).packets;
    expect(packet?.bytes.length).toBe(20);
    expect(packet?.originalLength).toBe(40);
  });

  test("sections of either byte order follow each other, each with its own interfaces (§4.1)", () => {
    const file = Uint8Array.from([
      ...section(big),
      ...interfaceBlock(big, 1),
      ...packetBlock(big, 0, 1, 2),
      ...section(little),
      ...interfaceBlock(little, 101),
      ...interfaceBlock(little, 113),
      ...packetBlock(little, 1, 0, 7),
    ]);
    const { packets, error } = read(file);
    expect(error).toBeUndefined();
    expect(packets.map(packet => [packet.interface.linkType, packet.time, packet.originalLength])).toEqual([
      [1, 0x1_0000_0002, 9],
      [113, 7, 9],
    ]);
  });

  test("if_tsresol and if_tsoffset scale and shift the times (§4.2)", () => {
    const timed = (options: Words, high: number, low: number): CapturedPacket | undefined =>
      read(
        Uint8Array.from([
          ...section(big),
          ...interfaceBlock(big, 1, [...options, 0, 0, 0, 0]),
          ...packetBlock(big, 0, high, low),
        ]),
      ).packets[0];
    const resolution = (value: number): number[] => [0, 9, 0, 1, value, 0, 0, 0];
    const offset = (seconds: number): number[] => [
      0,
      14,
      0,
      8,
      ...big(seconds < 0 ? -1 : 0),
      ...big(seconds),
    ];
    expect(timed(resolution(3), 0, 5)).toMatchObject({ time: 5000, nanoseconds: 0 });
    expect(timed(resolution(9), 0, 5_000_123)).toMatchObject({ time: 5000, nanoseconds: 123 });
    expect(timed(resolution(0x80 | 1), 0, 3)).toMatchObject({ time: 1_500_000 });
    expect(timed(offset(10), 0, 1)).toMatchObject({ time: 10_000_001 });
    expect(timed([...offset(-1), ...resolution(9)], 0, 1_500_000_000)).toMatchObject({ time: 500_000 });
    expect(timed(resolution(0), 0xffff_ffff, 0xffff_ffff)).toMatchObject({ time: 0 });
  });

  test("simple packets belong to the first interface, obsolete packet blocks are read (§4.4, appendix A)", () => {
    const simple = block(big, 3, [...big(9), 1, 2, 3, 0]);
    const obsolete = block(big, 2, [0, 1, 0, 9, ...big(0), ...big(4), ...big(2), ...big(2), 8, 9, 0, 0]);
    const file = [...section(big), ...interfaceBlock(big, 1, [], 3), ...interfaceBlock(big, 101)];
    const { packets, error } = read(Uint8Array.from([...file, ...simple, ...obsolete]));
    expect(error).toBeUndefined();
    expect(
      packets.map(packet => [packet.interface.linkType, Array.from(packet.bytes), packet.originalLength]),
    ).toEqual([
      [1, [1, 2, 3], 9],
      [101, [8, 9], 2],
    ]);
  });

  test("unknown blocks are skipped as they arrive, whatever their size (§3.1)", () => {
    const huge = 64 * 1024 * 1024;
    const reader = new PcapngReader();
    reader.push(Uint8Array.from([...section(big), ...interfaceBlock(big, 1), ...big(0x0bad), ...big(huge)]));
    const piece = new Uint8Array(1024 * 1024);
    for (let left = huge - 8; left > 0; left -= piece.length) {
      reader.push(piece.subarray(0, Math.min(left, piece.length)));
    }
    expect(reader.push(Uint8Array.from(packetBlock(big, 0, 0, 1)))).toHaveLength(1);
    expect(reader.error).toBeUndefined();
  });

  test("what is malformed is an error value that names the place; packets before it stand", () => {
    const good = [...section(big), ...interfaceBlock(big, 1), ...packetBlock(big, 0, 0, 1)];
    const following = (bytes: Words): unknown[] => {
      const { packets, error } = read(Uint8Array.from([...good, ...bytes]));
      return [packets.length, error?.kind, error?.offset];
    };
    expect(following(packetBlock(big, 1, 0, 1))).toEqual([1, "malformed", good.length]);
    expect(following([...big(6), ...big(11), 0, 0, 0])).toEqual([1, "truncated", good.length]);
    expect(following([...big(6), ...big(13), 0, 0, 0, 0])).toEqual([1, "malformed", good.length]);
    expect(following([...big(6), ...big(4), 0, 0, 0, 0])).toEqual([1, "malformed", good.length]);
    expect(following([...big(6), ...big(0x7fff_fff0), 0, 0, 0, 0])).toEqual([1, "too-large", good.length]);
    expect(following([...big(6), ...big(16), 0, 0, 0, 0, ...big(20)])).toEqual([1, "malformed", good.length]);
    expect(following(block(big, 6, [...big(0), ...big(0), ...big(0), ...big(99), ...big(99)]))).toEqual([
      1,
      "malformed",
      good.length,
    ]);
    expect(following(interfaceBlock(big, 1, [0, 2, 0, 200, 0, 0, 0, 0]))).toEqual([
      1,
      "malformed",
      good.length,
    ]);
    expect(following(packetBlock(big, 0, 0, 1).slice(0, -1))).toEqual([1, "truncated", good.length]);
    expect(following(block(big, 0x0a0d0d0a, big(0x01020304)))).toEqual([1, "malformed", good.length]);
  });

  test("arbitrary and damaged bytes never throw", () => {
    const file = written(writer => {
      writer.addInterface({ linkType: 1, name: "a", resolution: 9 });
      writer.packet(0, 1, new Uint8Array(6), 0, 6, { direction: "in", comment: "x" });
      writer.packet(0, 2, new Uint8Array(6), 0, 6);
      writer.end();
    });
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(damage, fc.nat(file.length), (changes, length) => {
        const copy = file.slice(0, length);
        for (const [at, value] of changes) copy[at] = value;
        read(copy);
      }),
      { numRuns: 500 },
    );
  });
});
