import { describe, expect, test } from "vitest";
import { ascii, letters } from "../../../test/tcp/segments.ts";
import { LentBuffer } from "./lent-buffer.ts";

function lend(size: number): { lent: LentBuffer; buffer: Uint8Array } {
  const lent = new LentBuffer();
  const buffer = new Uint8Array(size);
  lent.lend(buffer);
  return { lent, buffer };
}

describe("a lent buffer: a RECEIVE that waits, RFC 9293 §3.10.3", () => {
  test("text lies where the reader wants it before he reads", () => {
    const { lent, buffer } = lend(8);
    lent.append(ascii("xhellox"), 1, 6);
    expect(letters(buffer.subarray(0, 5))).toBe("hello");
    expect([lent.length, lent.hasRoomFor(3), lent.hasRoomFor(4)]).toEqual([5, true, false]);
    expect([lent.read(buffer), lent.length]).toEqual([5, 0]);
  });

  test("who reads into it has it back", () => {
    const { lent, buffer } = lend(8);
    lent.append(ascii("hello"), 0, 5);
    lent.read(buffer);
    expect(lent.hasRoomFor(1)).toBe(false);
    lent.lend(buffer);
    expect(lent.hasRoomFor(8)).toBe(true);
  });

  test("another buffer gets a copy, in parts if it is small", () => {
    const { lent, buffer } = lend(8);
    lent.append(ascii("hello"), 0, 5);
    const other = new Uint8Array(2);
    expect([lent.read(other), letters(other)]).toEqual([2, "he"]);
    expect([lent.read(buffer), letters(buffer.subarray(0, 3))]).toEqual([3, "llo"]);
    expect(lent.hasRoomFor(1)).toBe(false);
  });

  test("text stays in the buffer that was lent when it came", () => {
    const { lent, buffer } = lend(8);
    lent.append(ascii("old"), 0, 3);
    const later = new Uint8Array(8);
    lent.lend(later);
    expect(lent.hasRoomFor(1)).toBe(false);
    expect([lent.read(buffer), letters(buffer.subarray(0, 3))]).toEqual([3, "old"]);
    lent.append(ascii("new"), 0, 3);
    expect(letters(later.subarray(0, 3))).toBe("new");
    expect(letters(buffer.subarray(0, 3))).toBe("old");
  });

  test("nothing lent takes nothing", () => {
    const { lent } = lend(8);
    lent.lend(undefined);
    expect(lent.hasRoomFor(1)).toBe(false);
  });

  test("a look leaves the text", () => {
    const { lent } = lend(8);
    lent.append(ascii("hello"), 0, 5);
    const target = new Uint8Array(8);
    expect([lent.peek(target, 3), letters(target.subarray(0, 2))]).toEqual([2, "lo"]);
    expect([lent.peek(target, 9), lent.length]).toEqual([0, 5]);
  });
});
