import { describe, expect, test } from "vitest";
import { AssertionError } from "./assert.ts";
import { PacketTail } from "./packet-tail.ts";

const bytes = Uint8Array.of(1, 2, 3, 4, 5);

function content(tail: PacketTail): number[] {
  const target = new Uint8Array(tail.length + 1);
  tail.copyTo(target, 1);
  return [...target.subarray(1)];
}

describe("PacketTail", () => {
  test("text in one piece, in two, in none", () => {
    const tail = new PacketTail();
    expect([tail.length, tail.pieces, content(tail)]).toEqual([0, 0, []]);
    tail.add(bytes, 3, 5);
    expect([tail.length, tail.pieces, content(tail)]).toEqual([2, 1, [4, 5]]);
    tail.add(bytes, 0, 1);
    expect([tail.length, tail.pieces, content(tail)]).toEqual([3, 2, [4, 5, 1]]);
    tail.add(bytes, 2, 2);
    expect(tail.pieces).toBe(2);
    expect(() => tail.add(bytes, 0, 1)).toThrow(AssertionError);
  });

  test("what is cleared refers to nobody's memory", () => {
    const tail = new PacketTail();
    tail.add(bytes, 0, 5);
    tail.clear();
    expect([tail.length, tail.pieces, tail.first.bytes.length]).toEqual([0, 0, 0]);
  });
});
