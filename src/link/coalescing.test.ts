import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Shape, superSegment } from "../../test/support/super-segment.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { Coalescer } from "./coalescing.ts";
import type { Medium } from "./net-device.ts";
import { completeChecksum, SegmentCutter, writeIpLength } from "./segmentation.ts";

const PLAIN: Shape = {
  family: 4,
  text: 5_000,
  flags: TCP_FLAG.ack,
  sequence: 7,
  options: 12,
  segmentSize: 1_000,
};

/** The frames that a wire carries for a super-segment. */
function cut(frame: PacketBuffer): Uint8Array[] {
  const frames: Uint8Array[] = [];
  new SegmentCutter().cut(frame, segment => frames.push(segment.view().slice()));
  return frames;
}

interface Run {
  readonly delivered: PacketBuffer[];
  /** What was delivered, as it was on the wire. */
  readonly frames: Uint8Array[];
}

function coalesce(bursts: readonly (readonly Uint8Array[])[], medium: Medium = "ip"): Run {
  const delivered: PacketBuffer[] = [];
  const coalescer = new Coalescer(medium, frame => {
    const copy = new PacketBuffer(0);
    copy.copyFrom(frame);
    delivered.push(copy);
  });
  for (const burst of bursts) {
    for (const bytes of burst) coalescer.add(PacketBuffer.from(bytes));
    coalescer.flush();
  }
  return {
    delivered,
    frames: delivered.flatMap(frame => (frame.segmentSize > 0 ? cut(frame) : [frame.view()])),
  };
}

const ethernet = (type: number) => (packet: Uint8Array) =>
  Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, type >> 8, type & 0xff, ...packet]);

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe("segments of a burst become one: only what is cut into the same again", () => {
  test("a run becomes one super-segment, whose last segment may be small", () => {
    for (const family of [4, 6] as const) {
      const wire = cut(superSegment({ ...PLAIN, family, text: 4_500, flags: TCP_FLAG.ack | TCP_FLAG.psh }));
      expect(wire).toHaveLength(5);
      const { delivered, frames } = coalesce([wire]);
      expect(delivered.map(({ segmentSize, checksum }) => [segmentSize, checksum])).toEqual([
        [1_000, "partial"],
      ]);
      expect(frames).toEqual(wire);
    }
  });

  test("frames of Ethernet too", () => {
    for (const [family, type] of [
      [4, 0x0800],
      [6, 0x86dd],
    ] as const) {
      const wire = cut(superSegment({ ...PLAIN, family })).map(ethernet(type));
      const { delivered, frames } = coalesce([wire], "ethernet");
      expect(delivered).toHaveLength(1);
      expect(frames).toEqual(wire);
      const mislabelled = cut(superSegment({ ...PLAIN, family })).map(ethernet(0x8100));
      expect(coalesce([mislabelled], "ethernet").delivered).toHaveLength(5);
    }
  });

  test("one segment alone is what it was, and known to be right", () => {
    const wire = cut(superSegment({ ...PLAIN, text: 1_000 }));
    const { delivered, frames } = coalesce([wire]);
    expect(delivered.map(({ segmentSize, checksum }) => [segmentSize, checksum])).toEqual([[0, "valid"]]);
    expect(frames).toEqual(wire);
  });

  test("the end of a burst, a push and a small segment end a run", () => {
    const wire = cut(superSegment(PLAIN));
    const counts = (bursts: Uint8Array[][]) => coalesce(bursts).delivered.length;
    expect(counts([wire.slice(0, 2), wire.slice(2)])).toBe(2);
    const pushed = cut(superSegment({ ...PLAIN, text: 2_000, flags: TCP_FLAG.ack | TCP_FLAG.psh }));
    const next = cut(superSegment({ ...PLAIN, sequence: 2_007 }));
    expect(counts([[...pushed, ...next]])).toBe(2);
    const small = cut(superSegment({ ...PLAIN, text: 1_500 }));
    expect(counts([[...small, ...cut(superSegment({ ...PLAIN, sequence: 1_507 }))]])).toBe(2);
  });

  test("a frame with a wrong checksum, another flow or a hole stays apart, in its place", () => {
    const wire = cut(superSegment(PLAIN)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const bad = changed(wire[1], 200, 0xaa);
    const worse = changed(wire[1], 11, 0xaa);
    for (const odd of [bad, worse, changed(wire[1], 1, 0x04)]) {
      const { delivered, frames } = coalesce([[wire[0], odd, wire[2], wire[3]]]);
      expect(delivered).toHaveLength(3);
      expect(frames).toEqual([wire[0], odd, wire[2], wire[3]]);
      expect(delivered[1]?.checksum).toBe("unknown");
    }
    expect(coalesce([[wire[0], wire[2]]]).delivered).toHaveLength(2);
  });

  test("segments that differ in any other field of their headers stay apart", () => {
    const wire = cut(superSegment(PLAIN));
    const fields = [1, 4, 5, 6, 8, 12, 19, 20, 23, 24, 27, 28, 31, 34, 35, 38, 40, 51];
    for (const at of fields) {
      const odd = repaired(
        changed(wire[1] as Uint8Array, at, ((wire[1] as Uint8Array)[at] as number) ^ 0x40),
      );
      const { delivered, frames } = coalesce([[wire[0] as Uint8Array, odd, ...wire.slice(2)]]);
      expect(delivered.length, `byte ${at}`).toBeGreaterThanOrEqual(3);
      expect(frames).toEqual([wire[0], odd, ...wire.slice(2)]);
    }
  });

  test("what begins, ends or is urgent is never joined", () => {
    for (const flag of [TCP_FLAG.fin, TCP_FLAG.syn, TCP_FLAG.rst, TCP_FLAG.urg, TCP_FLAG.cwr]) {
      const wire = cut(superSegment({ ...PLAIN, text: 1_000, flags: TCP_FLAG.ack }));
      const next = cut(superSegment({ ...PLAIN, text: 1_000, sequence: 1_007, flags: TCP_FLAG.ack | flag }));
      expect(coalesce([[...wire, ...next]]).delivered, `flag ${flag}`).toHaveLength(2);
    }
  });

  test("a super-segment is no larger than IP can carry", () => {
    const parts = [0, 1, 2, 3].flatMap(i =>
      cut(superSegment({ ...PLAIN, text: 20_000, sequence: 20_000 * i, segmentSize: 1_000 })),
    );
    const wire = parts.map((bytes, i) => repaired(changed(changed(bytes, 4, 1), 5, i)));
    const { delivered, frames } = coalesce([wire]);
    expect(delivered.map(frame => frame.length)).toEqual([65_052, 15_052]);
    expect(frames).toEqual(wire);
  });

  test("any frames at all come out as they went in, in order", () => {
    const piece = fc.record({
      family: fc.constantFrom(4 as const, 6 as const),
      text: fc.integer({ min: 1, max: 4_000 }),
      flags: fc.constantFrom(0x10, 0x10, 0x10, 0x18, 0x11, 0x50, 0x90, 0x04),
      sequence: fc.constantFrom(0, 1_000, 2_000, -1_000),
      options: fc.constantFrom(0, 12),
      segmentSize: fc.constantFrom(500, 1_000),
    });
    const burst = fc.array(fc.tuple(piece, fc.nat(1_200), fc.nat(255), fc.boolean()), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(burst, { maxLength: 3 }), bursts => {
        const wire = bursts.map(pieces =>
          pieces.flatMap(([shape, at, value, isBroken]) => {
            const frames = cut(superSegment(shape));
            return isBroken ? frames.map(bytes => changed(bytes, at % bytes.length, value)) : frames;
          }),
        );
        expect(coalesce(wire).frames).toEqual(wire.flat());
      }),
    );
  });
});

/** With right checksums, whatever was changed. */
function repaired(bytes: Uint8Array): Uint8Array {
  const packet = PacketBuffer.from(bytes);
  packet.network = packet.start;
  packet.transport = packet.start + 20;
  writeIpLength(packet);
  completeChecksum(packet);
  return packet.view().slice();
}
