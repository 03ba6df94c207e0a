import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascii, letters } from "../../../test/tcp/segments.ts";
import { seq, seqAdd, seqDiff } from "../../base/seq.ts";
import { ReceiveBuffer } from "./receive-buffer.ts";

function reader(buffer: ReceiveBuffer): (most?: number) => string {
  return (most = 10_000) => {
    const target = new Uint8Array(most);
    return letters(target.subarray(0, buffer.read(target)));
  };
}

describe("ReceiveBuffer", () => {
  test("text in order is readable at once", () => {
    const buffer = new ReceiveBuffer(100);
    expect(buffer.place(seq(0), ascii("hello"), 0, 5, seq(0))).toBe(5);
    expect([buffer.readable, buffer.room]).toEqual([5, 95]);
    const read = reader(buffer);
    expect(read(2)).toBe("he");
    expect(read()).toBe("llo");
    expect(buffer.room).toBe(100);
  });

  test("text behind a hole waits, and takes no room from the window", () => {
    const buffer = new ReceiveBuffer(100);
    expect(buffer.place(seq(3), ascii("lo"), 0, 2, seq(0))).toBe(0);
    expect([buffer.readable, buffer.room, buffer.outOfOrder.count]).toEqual([0, 100, 1]);
    expect(buffer.place(seq(0), ascii("hel"), 0, 3, seq(0))).toBe(5);
    expect(buffer.outOfOrder.count).toBe(0);
    expect(reader(buffer)()).toBe("hello");
  });

  test("memory that a full buffer took is given back when it is empty, but not what a flow uses all the time", () => {
    const buffer = new ReceiveBuffer(4 << 20);
    const target = new Uint8Array(4 << 20);
    expect(buffer.memory).toBe(0);
    buffer.place(seq(0), new Uint8Array(200_000), 0, 200_000, seq(0));
    buffer.read(target);
    expect(buffer.memory).toBe(256 << 10);
    buffer.place(seq(200_000), new Uint8Array(3 << 20), 0, 3 << 20, seq(200_000));
    buffer.read(target.subarray(0, 2 << 20));
    expect(buffer.memory).toBe(4 << 20);
    const nxt = seq(200_000 + (3 << 20));
    buffer.place(seqAdd(nxt, 1), ascii("behind"), 0, 6, nxt);
    buffer.read(target);
    expect([buffer.readable, buffer.memory]).toEqual([0, 4 << 20]);
    expect(buffer.place(nxt, ascii("?"), 0, 1, nxt)).toBe(7);
    expect(reader(buffer)()).toBe("?behind");
    expect(buffer.memory).toBe(0);
  });

  test("text in order goes into a lent buffer while nothing else waits", () => {
    const buffer = new ReceiveBuffer(100);
    const lent = new Uint8Array(6);
    buffer.lend(lent);
    buffer.place(seq(0), ascii("hello"), 0, 5, seq(0));
    expect([buffer.memory, buffer.readable, buffer.room, letters(lent.subarray(0, 5))]).toEqual([
      0,
      5,
      95,
      "hello",
    ]);
    buffer.place(seq(5), ascii(" world"), 0, 6, seq(5));
    expect(buffer.readable).toBe(11);
    const look = new Uint8Array(4);
    expect([buffer.peek(look, 4), letters(look)]).toEqual([4, "o wo"]);
    expect([buffer.read(lent), letters(lent)]).toEqual([6, "hello "]);
    expect(reader(buffer)()).toBe("world");
  });

  test("text that fills a hole does not pass what waits behind it", () => {
    const buffer = new ReceiveBuffer(100);
    const lent = new Uint8Array(20);
    buffer.lend(lent);
    buffer.place(seq(2), ascii("llo"), 0, 3, seq(0));
    expect(buffer.place(seq(0), ascii("he"), 0, 2, seq(0))).toBe(5);
    buffer.place(seq(5), ascii("!"), 0, 1, seq(5));
    expect([buffer.read(lent), letters(lent.subarray(0, 6))]).toEqual([6, "hello!"]);
  });

  test("only what has no hole before it joins", () => {
    const buffer = new ReceiveBuffer(100);
    buffer.place(seq(2), ascii("c"), 0, 1, seq(0));
    buffer.place(seq(4), ascii("e"), 0, 1, seq(0));
    expect(buffer.place(seq(0), ascii("ab"), 0, 2, seq(0))).toBe(3);
    expect(buffer.outOfOrder.count).toBe(1);
    expect(buffer.place(seq(3), ascii("d"), 0, 1, seq(3))).toBe(2);
    expect(reader(buffer)()).toBe("abcde");
  });

  test("reading does not disturb what waits behind a hole", () => {
    const buffer = new ReceiveBuffer(100);
    const read = reader(buffer);
    buffer.place(seq(0), ascii("ab"), 0, 2, seq(0));
    buffer.place(seq(3), ascii("d"), 0, 1, seq(2));
    expect(read()).toBe("ab");
    expect(buffer.place(seq(2), ascii("c"), 0, 1, seq(2))).toBe(2);
    expect(read()).toBe("cd");
  });

  test("discard forgets what can be read", () => {
    const buffer = new ReceiveBuffer(100);
    buffer.place(seq(0), ascii("ab"), 0, 2, seq(0));
    buffer.discard();
    expect([buffer.readable, buffer.room]).toEqual([0, 100]);
  });

  test("a limit lowered below what is held leaves no room", () => {
    const buffer = new ReceiveBuffer(100);
    buffer.place(seq(0), ascii("hello"), 0, 5, seq(0));
    buffer.limit = 3;
    expect(buffer.room).toBe(0);
  });

  test("random pieces in any order, with overlaps, reads and lent buffers in between: the original comes out", () => {
    const step = fc.record({
      at: fc.nat(4_000),
      length: fc.integer({ min: 1, max: 900 }),
      read: fc.nat(600),
      lend: fc.constantFrom("nothing", "another", "the same"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer(), (steps, base) => {
        const byteAt = (position: number): number => (position * 13 + (position >> 8)) & 0xff;
        const original = Uint8Array.from({ length: 4_900 }, (_, i) => byteAt(i));
        const buffer = new ReceiveBuffer(10_000);
        const start = seq(base);
        let nxt = start;
        const received: number[] = [];
        const place = (from: number, to: number): void => {
          // The caller trims what is old.
          const first = Math.max(from, seqDiff(nxt, start));
          if (first >= to) return;
          nxt = seqAdd(nxt, buffer.place(seqAdd(start, first), original, first, to, nxt));
        };
        let lent = new Uint8Array(0);
        for (const { at, length, read, lend } of steps) {
          if (lend === "another") lent = new Uint8Array(read);
          if (lend !== "nothing") buffer.lend(lent);
          place(at, at + length);
          const target = read % 2 === 0 ? lent : new Uint8Array(read);
          received.push(...target.subarray(0, buffer.read(target)));
          expect(buffer.readable).toBe(seqDiff(nxt, start) - received.length);
        }
        for (let at = 0; at < 4_900; at += 700) place(at, at + 700);
        const rest = new Uint8Array(5_000);
        received.push(...rest.subarray(0, buffer.read(rest)));
        expect(received.length).toBe(4_900);
        for (let i = 0; i < 4_900; i++) if (received[i] !== original[i]) expect.fail(`byte ${i} is wrong`);
        expect(buffer.outOfOrder.count).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
