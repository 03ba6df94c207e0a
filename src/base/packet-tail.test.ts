import { describe, expect, test } from "vitest";
import { PacketTail } from "./packet-tail.ts";

const bytes = Uint8Array.of(1, 2, 3, 4, 5);

function content(tail: PacketTail, offset = 0, count = tail.length - offset): number[] {
  const target = new Uint8Array(count + 1);
  tail.copyTo(target, 1, offset, count);
  return [...target.subarray(1)];
}

describe("PacketTail", () => {
  test("text in no piece, in one, in several", () => {
    const tail = new PacketTail();
    expect([tail.length, tail.pieces, content(tail)]).toEqual([0, 0, []]);
    tail.add(bytes, 3, 5);
    expect([tail.length, tail.pieces, content(tail)]).toEqual([2, 1, [4, 5]]);
    tail.add(bytes, 0, 1);
    expect([tail.length, tail.pieces, content(tail)]).toEqual([3, 2, [4, 5, 1]]);
    tail.add(bytes, 2, 2);
    expect(tail.pieces).toBe(2);
    tail.add(bytes, 1, 4);
    expect([tail.length, tail.pieces, content(tail)]).toEqual([6, 3, [4, 5, 1, 2, 3, 4]]);
  });

  test("a part of it, wherever pieces end", () => {
    const tail = new PacketTail();
    for (const [from, to] of [
      [0, 2],
      [2, 3],
      [3, 5],
    ] as const)
      tail.add(bytes, from, to);
    for (let from = 0; from <= 5; from++)
      for (let to = from; to <= 5; to++)
        expect(content(tail, from, to - from)).toEqual([...bytes.subarray(from, to)]);
  });

  test("what is cleared refers to nobody's memory", () => {
    const tail = new PacketTail();
    tail.add(bytes, 0, 3);
    tail.add(bytes, 3, 5);
    tail.clear();
    expect([tail.length, tail.pieces]).toEqual([0, 0]);
    expect([tail.piece(0).bytes.length, tail.piece(1).bytes.length]).toEqual([0, 0]);
  });
});
