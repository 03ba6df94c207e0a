import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { letters } from "../../../test/tcp/segments.ts";
import { PacketTail } from "../../base/packet-tail.ts";
import { seq, seqAdd } from "../../base/seq.ts";
import { SendBuffer } from "./send-buffer.ts";

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, letter => letter.charCodeAt(0));
}

function copy(buffer: SendBuffer, from: number, count: number): string {
  const target = new Uint8Array(count);
  buffer.copyTo(seq(from), count, target, 0);
  return letters(target);
}

describe("SendBuffer", () => {
  test("holds what it was given", () => {
    const buffer = new SendBuffer(seq(1));
    buffer.append(bytes("abc"), 0, 3);
    buffer.append(bytes("de"), 0, 2);
    expect([buffer.length, buffer.end]).toEqual([5, 6]);
    expect(copy(buffer, 1, 5)).toBe("abcde");
  });

  test("takes a part of an array", () => {
    const buffer = new SendBuffer(seq(1));
    buffer.append(bytes("abcdef"), 2, 4);
    expect(copy(buffer, 1, 2)).toBe("cd");
  });

  test("an acknowledgment frees what it covers; the numbers of the rest stay", () => {
    const buffer = new SendBuffer(seq(1));
    buffer.append(bytes("abcde"), 0, 5);
    buffer.acknowledged(seq(3));
    expect([buffer.length, buffer.end]).toEqual([3, 6]);
    expect(copy(buffer, 3, 3)).toBe("cde");
    buffer.acknowledged(seq(2));
    expect(buffer.length).toBe(3);
  });

  test("that of SYN and FIN frees nothing", () => {
    const buffer = new SendBuffer(seq(1));
    buffer.append(bytes("ab"), 0, 2);
    buffer.acknowledged(seq(1));
    expect(buffer.length).toBe(2);
    buffer.acknowledged(seq(4));
    expect([buffer.length, buffer.end]).toEqual([0, 3]);
  });

  test("text by reference lies where the user has it until it is acknowledged", () => {
    const buffer = new SendBuffer(seq(1));
    const memory = bytes("..cdefg.");
    buffer.append(bytes("ab"), 0, 2);
    buffer.refer(memory, 2, 4);
    buffer.refer(memory, 4, 7);
    buffer.append(bytes("hi"), 0, 2);
    expect([buffer.length, buffer.end, copy(buffer, 1, 9)]).toEqual([9, 10, "abcdefghi"]);
    memory.set(bytes("D"), 3);
    expect(copy(buffer, 2, 4)).toBe("bcDe");
    const tail = new PacketTail();
    buffer.show(seq(2), 8, tail);
    // What goes on in the same memory is one piece.
    expect(tail.pieces).toBe(3);
    expect(tail.piece(1).bytes).toBe(memory);
    expect(buffer.acknowledged(seq(3))).toBe(false);
    expect(buffer.acknowledged(seq(5))).toBe(true);
    expect(copy(buffer, 5, 5)).toBe("efghi");
    expect(buffer.acknowledged(seq(9))).toBe(true);
    expect(buffer.acknowledged(seq(10))).toBe(false);
    expect(buffer.length).toBe(0);
  });

  test("memory that was transferred away is missed until its text is let go", () => {
    const buffer = new SendBuffer(seq(1));
    const memory = new Uint8Array(100);
    buffer.append(bytes("ab"), 0, 2);
    expect(buffer.isThere).toBe(true);
    buffer.refer(memory, 10, 20);
    expect(buffer.isThere).toBe(true);
    structuredClone(memory, { transfer: [memory.buffer as ArrayBuffer] });
    expect(buffer.isThere).toBe(false);
    buffer.acknowledged(seq(13));
    expect(buffer.isThere).toBe(true);
  });

  test("any run of writes and acknowledgments keeps the stream, across the wrap too", () => {
    const step = fc.record({ append: fc.nat(9_000), acknowledge: fc.nat(9_000), isReferred: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.integer(), (steps, base) => {
        const buffer = new SendBuffer(seq(base));
        let given = 0;
        let acknowledged = 0;
        const byteAt = (position: number): number => (position * 7) & 0xff;
        for (const { append, acknowledge, isReferred } of steps) {
          const chunk = Uint8Array.from({ length: append }, (_, i) => byteAt(given + i));
          if (isReferred) buffer.refer(chunk, 0, append);
          else buffer.append(chunk, 0, append);
          given += append;
          acknowledged = Math.min(given, acknowledged + acknowledge);
          buffer.acknowledged(seqAdd(seq(base), acknowledged));
          expect(buffer.length).toBe(given - acknowledged);
          expect(buffer.end).toBe(seqAdd(seq(base), given));
          const target = new Uint8Array(buffer.length);
          buffer.copyTo(seqAdd(seq(base), acknowledged), buffer.length, target, 0);
          for (let i = 0; i < target.length; i++) {
            if (target[i] !== byteAt(acknowledged + i)) expect.fail(`byte ${acknowledged + i} is wrong`);
          }
        }
      }),
      { numRuns: 80 },
    );
  });
});
