import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { letters } from "../../../test/tcp/segments.ts";
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

  test("any run of appends and acknowledgments keeps the stream, across the wrap too", () => {
    const step = fc.record({ append: fc.nat(9_000), acknowledge: fc.nat(9_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.integer(), (steps, base) => {
        const buffer = new SendBuffer(seq(base));
        let given = 0;
        let acknowledged = 0;
        const byteAt = (position: number): number => (position * 7) & 0xff;
        for (const { append, acknowledge } of steps) {
          const chunk = Uint8Array.from({ length: append }, (_, i) => byteAt(given + i));
          buffer.append(chunk, 0, append);
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
      { numRuns: 40 },
    );
  });
});
