import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AssertionError } from "./assert.ts";
import { PacketTail } from "./packet-tail.ts";
import { ByteRing } from "./ring.ts";

/** Bytes that tell where they come from: `stream(100, 3)` is 100, 101, 102 modulo 251. */
function stream(from: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (from + i) % 251);
}

function content(ring: ByteRing, offset = 0, count = ring.length - offset): number[] {
  const bytes = new Uint8Array(count + 2);
  ring.copyTo(offset, bytes, 1, count);
  expect([bytes[0], bytes.at(-1)]).toEqual([0, 0]);
  return [...bytes.subarray(1, count + 1)];
}

describe("ByteRing", () => {
  test("holds no memory until the first byte comes, and gives it back", () => {
    const ring = new ByteRing();
    ring.append(new Uint8Array(0));
    ring.place(100_000, new Uint8Array(0), 0, 0);
    expect(ring.capacity).toBe(0);
    ring.append(stream(0, 1));
    expect(ring.capacity).toBeGreaterThan(0);
    ring.release();
    expect([ring.capacity, ring.length]).toEqual([0, 0]);
    ring.append(stream(5, 2));
    expect(content(ring)).toEqual([5, 6]);
  });

  test("appends a part of its source", () => {
    const ring = new ByteRing();
    ring.append(stream(0, 10), 3, 6);
    expect(content(ring)).toEqual([3, 4, 5]);
  });

  test("carries content and placed bytes over when it grows, also when they wrap around", () => {
    const ring = new ByteRing();
    ring.append(stream(0, 4_000));
    ring.drop(3_990);
    ring.append(stream(4_000, 500));
    ring.place(600, stream(4_590, 400), 0, 400);
    ring.place(5_000, stream(8_990, 10), 0, 10);
    expect(ring.capacity).toBeGreaterThan(4_096);
    ring.place(ring.length, stream(4_500, 90), 0, 90);
    ring.extend(490);
    expect(content(ring)).toEqual([...stream(3_990, 1_000)]);
  });

  test("extending over bytes that were never placed, reading beyond the end, dropping too much: assertions", () => {
    const ring = new ByteRing();
    ring.append(stream(0, 10));
    expect(() => ring.extend(1)).toThrow(AssertionError);
    expect(() => ring.copyTo(5, new Uint8Array(10), 0, 6)).toThrow(AssertionError);
    expect(() => ring.copyTo(-1, new Uint8Array(10), 0, 1)).toThrow(AssertionError);
    expect(() => ring.drop(11)).toThrow(AssertionError);
    expect(() => ring.drop(-1)).toThrow(AssertionError);
    ring.drop(5);
    expect(() => ring.extend(1)).toThrow(AssertionError);
  });

  test("behaves as an array, whatever is appended, copied and dropped", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("append" as const), count: fc.nat(5_000) }),
      fc.record({ kind: fc.constant("drop" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const ring = new ByteRing();
        let first = 0;
        let last = 0;
        for (const action of steps) {
          if (action.kind === "append") {
            ring.append(stream(last, action.count));
            last += action.count;
          } else {
            const gone = Math.floor((last - first) * action.part);
            ring.drop(gone);
            first += gone;
          }
          expect(ring.length).toBe(last - first);
        }
        const middle = Math.floor((last - first) / 2);
        expect(content(ring, middle)).toEqual([...stream(first + middle, last - first - middle)]);
        expect(content(ring)).toEqual([...stream(first, last - first)]);
        const tail = new PacketTail();
        ring.show(middle, last - first - middle, tail);
        const shown = new Uint8Array(tail.length);
        tail.copyTo(shown, 0);
        expect([...shown]).toEqual([...stream(first + middle, last - first - middle)]);
      }),
      { numRuns: 50 },
    );
  });

  test("puts a stream together from pieces that come in any order, while the front is read away", () => {
    const total = 12_000;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(total - 1), fc.integer({ min: 1, max: 1_500 })), { maxLength: 60 }),
        pieces => {
          const ring = new ByteRing();
          const here = new Set<number>();
          let read = 0;
          for (const [start, length] of [...pieces, [0, total] as const]) {
            const from = Math.max(start, read);
            const to = Math.min(start + length, total);
            if (from >= to) continue;
            ring.place(from - read, stream(0, total), from, to);
            for (let i = from; i < to; i++) here.add(i);
            let next = read + ring.length;
            const before = next;
            while (here.has(next)) next++;
            ring.extend(next - before);
            expect(content(ring)).toEqual([...stream(read, next - read)]);
            const gone = ring.length >> 1;
            ring.drop(gone);
            read += gone;
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
