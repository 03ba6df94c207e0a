import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AssertionError } from "./assert.ts";
import { HEADROOM, PacketBuffer, PacketPool } from "./packet-buffer.ts";
import { type Instant, START_OF_TIME } from "./time.ts";

describe("PacketBuffer", () => {
  test("headers are prepended in place, data is appended", () => {
    const packet = new PacketBuffer(HEADROOM + 4);
    packet.bytes.set([3, 4], packet.append(2));
    packet.bytes.set([1, 2], packet.prepend(2));
    expect([...packet.view()]).toEqual([1, 2, 3, 4]);
    expect(packet.length).toBe(4);
  });

  test("too little headroom or tailroom is a bug of the caller", () => {
    const packet = new PacketBuffer(HEADROOM + 4);
    expect(() => packet.append(5)).toThrow(AssertionError);
    expect(() => packet.prepend(HEADROOM + 1)).toThrow(AssertionError);
    packet.append(4);
    packet.prepend(HEADROOM);
    expect(packet.start).toBe(0);
  });

  test("reset forgets offsets, marks and the time of arrival", () => {
    const packet = marked();
    packet.reset(10);
    expect([packet.start, packet.end, packet.network, packet.transport]).toEqual([10, 10, -1, -1]);
    expect([packet.segmentSize, packet.checksum, packet.receivedAt]).toEqual([0, "unknown", START_OF_TIME]);
  });

  test("a copy has the bytes, offsets and marks of the original, and its own memory", () => {
    const original = marked();
    const copy = new PacketBuffer(1);
    copy.copyFrom(original);
    const { bytes: _bytes, ...fields } = copy;
    const { bytes: _originals, ...originals } = original;
    expect(fields).toEqual(originals);
    expect([...copy.view()]).toEqual([...original.view()]);
    original.bytes.fill(0xee);
    expect([...copy.view()]).toEqual([1, 2, 3, 4, 5]);
  });

  test("a copy has the tail in its window", () => {
    const original = marked();
    original.gather().add(Uint8Array.of(0, 6, 7, 0), 1, 3);
    original.gather().add(Uint8Array.of(8), 0, 1);
    expect(original.length).toBe(8);
    const copy = new PacketBuffer(1);
    copy.copyFrom(original);
    expect([[...copy.view()], copy.length]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], 8]);
    original.reset();
    expect(original.length).toBe(0);
    copy.copyFrom(original);
    expect(copy.length).toBe(0);
  });

  test("fill copies any part of any source with any headroom, growing when it must", () => {
    const arbitrary = fc
      .uint8Array({ maxLength: 300 })
      .chain(source =>
        fc.tuple(fc.constant(source), fc.nat(source.length), fc.nat(source.length), fc.nat(200), fc.nat(400)),
      );
    fc.assert(
      fc.property(arbitrary, ([source, a, b, headroom, capacity]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const packet = new PacketBuffer(capacity);
        packet.fill(source, from, to, headroom);
        expect([...packet.view()]).toEqual([...source.subarray(from, to)]);
        expect(packet.start).toBe(headroom);
        packet.prepend(headroom);
        expect([...PacketBuffer.from(source).view()]).toEqual([...source]);
      }),
    );
  });
});

describe("PacketPool", () => {
  test("hands packets out again, empty", () => {
    const pool = new PacketPool(256, 1);
    const packet = pool.take();
    expect(packet.bytes.length).toBe(256);
    packet.append(5);
    packet.segmentSize = 3;
    pool.give(packet);
    const again = pool.take();
    expect(again).toBe(packet);
    expect([again.start, again.length, again.segmentSize]).toEqual([HEADROOM, 0, 0]);
  });

  test("keeps no more than its limit", () => {
    const pool = new PacketPool(64, 1);
    const [one, two] = [pool.take(), pool.take()];
    pool.give(one);
    pool.give(two);
    expect(pool.take()).toBe(one);
    expect(pool.take()).not.toBe(two);
  });
});

function marked(): PacketBuffer {
  const packet = PacketBuffer.from(Uint8Array.of(1, 2, 3, 4, 5), 40);
  packet.network = 41;
  packet.transport = 43;
  packet.segmentSize = 2;
  packet.checksum = "partial";
  packet.receivedAt = 77 as Instant;
  return packet;
}
