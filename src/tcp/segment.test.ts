import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../test/tcp/bench.ts";
import { closed } from "../../test/tcp/fixtures.ts";
import { letters, type SegmentSpec, segment as spec } from "../../test/tcp/segments.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { Segment } from "./segment.ts";

function read(written: SegmentSpec, segmentSize = 0): Segment {
  const packet = PacketBuffer.from(closed().peer.writes(written));
  packet.segmentSize = segmentSize;
  packet.transport = packet.start;
  const segment = new Segment();
  const { peer: source, host: destination } = ADDRESSES[4];
  expect(segment.read(packet, { source, destination, trafficClass: 3, isGroup: false })).toBeUndefined();
  return segment;
}

function textOf(segment: Segment): string {
  return letters(segment.bytes.subarray(segment.textStart, segment.textEnd));
}

describe("Segment: the SEG.* of RFC 9293 §3.3.1", () => {
  test("shows the fields of header and options", () => {
    const segment = read(
      spec("SA", { seq: 7, ack: 9, window: 11, text: "abc", urgent: 2, mss: 1_000, windowScale: 3 }),
    );
    expect(segment).toMatchObject({ seq: 7, ack: 9, window: 11, urgentPointer: 2, trafficClass: 3 });
    expect([segment.isSyn, segment.isAck, segment.isFin, segment.isRst, segment.isUrg]).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    expect(segment.options).toMatchObject({ mss: 1_000, windowScale: 3, sackPermitted: false });
    expect(textOf(segment)).toBe("abc");
  });

  test("options of one segment are not left for the next", () => {
    const segment = read(spec("S", { seq: 7, mss: 1_000, timestamps: [1, 2] }));
    const packet = PacketBuffer.from(closed().peer.writes(spec("A", { seq: 1 })));
    packet.transport = packet.start;
    const { peer: source, host: destination } = ADDRESSES[4];
    segment.read(packet, { source, destination, trafficClass: 0, isGroup: false });
    expect(segment.options).toMatchObject({ mss: -1, hasTimestamps: false });
  });

  test("tells of how many a device has made it", () => {
    expect(read(spec("A", { text: 2_500 })).pieces).toBe(1);
    expect(read(spec("A", { text: 2_500 }), 1_000).pieces).toBe(3);
    expect(read(spec("A"), 1_000).pieces).toBe(1);
  });

  test("SEG.LEN counts SYN and FIN", () => {
    expect(read(spec("A", { text: "abc" })).length).toBe(3);
    expect(read(spec("SF", { text: "abc" })).length).toBe(5);
    expect(read(spec("AF", { seq: 10 })).end).toBe(11);
    expect(read(spec("A", { seq: -1, text: "abc" })).end).toBe(2);
  });

  test("trimming the front takes the SYN first, then text", () => {
    const segment = read(spec("SAF", { seq: 10, text: "abc" }));
    segment.trimFront(1);
    expect([segment.isSyn, segment.seq, textOf(segment)]).toEqual([false, 11, "abc"]);
    segment.trimFront(2);
    expect([segment.seq, textOf(segment), segment.end]).toEqual([13, "c", 15]);
  });

  test("trimming the end takes the FIN first, then text", () => {
    const segment = read(spec("AF", { seq: 10, text: "abc" }));
    segment.trimEnd(1);
    expect([segment.isFin, textOf(segment), segment.end]).toEqual([false, "abc", 13]);
    segment.trimEnd(2);
    expect([textOf(segment), segment.end]).toEqual(["a", 11]);
  });

  test("the window of a SYN is not scaled, trimmed or not (RFC 7323 §2.2)", () => {
    const first = read(spec("S", { seq: 10, window: 100 }));
    first.trimFront(1);
    expect(first.windowIn(3)).toBe(100);
    expect(read(spec("A", { seq: 10, window: 100 })).windowIn(3)).toBe(800);
  });
});
