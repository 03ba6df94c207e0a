import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { type Duration, seconds } from "../base/time.ts";
import { Fnv64 } from "./fnv.ts";
import { Trace } from "./trace.ts";
import { World } from "./world.ts";

const frame = (...bytes: number[]): PacketBuffer => PacketBuffer.from(Uint8Array.from(bytes));

describe("Fnv64", () => {
  test("gives the published hashes, a word a byte (draft-eastlake-fnv §6)", () => {
    const hash = (text: string): string => {
      const fnv = new Fnv64();
      for (const character of text) fnv.add(character.charCodeAt(0));
      return fnv.hex;
    };
    expect(hash("")).toBe("cbf29ce484222325");
    expect(hash("a")).toBe("af63dc4c8601ec8c");
    expect(hash("foobar")).toBe("85944171f73967e8");
  });

  test("is arithmetic modulo 2⁶⁴, for words of any size", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 })), words => {
        const fnv = new Fnv64();
        let expected = 0xcbf29ce484222325n;
        for (const word of words) {
          fnv.add(word);
          expected = ((expected ^ BigInt(word >>> 0)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
        }
        expect(fnv.hex).toBe(expected.toString(16).padStart(16, "0"));
      }),
    );
  });

  test("tells byte strings apart by each byte and by their length", () => {
    const hash = (bytes: number[]): string => {
      const fnv = new Fnv64();
      fnv.addBytes(Uint8Array.from(bytes));
      return fnv.hex;
    };
    const all = [[], [0], [0, 0], [1], [0, 1], [1, 2, 3, 4], [1, 2, 3, 4, 0], [1, 2, 3, 5], [0x80, 2, 3, 4]];
    expect(new Set(all.map(hash)).size).toBe(all.length);
  });
});

describe("Trace", () => {
  test("keeps frames and notes with their times, and shows a line for each", () => {
    const world = new World();
    const trace = new Trace(world);
    const observer = trace.observer("a-b");
    observer.frame("out", frame(1, 2, 255));
    world.runFor(1_500_000 as Duration);
    observer.frame("in", frame());
    trace.note("cut a-b");
    expect(trace.toString()).toBe(
      ["0.000000 a-b out 3 0102ff", "1.500000 a-b in 0 ", "1.500000 cut a-b"].join("\n"),
    );
    expect(trace.count).toBe(3);
  });

  test("keeps the last entries only, with copies of the bytes", () => {
    const trace = new Trace(new World(), { keep: 3 });
    const observer = trace.observer("x");
    const lent = frame(0);
    for (let i = 0; i < 5; i++) {
      lent.bytes[lent.start] = i;
      observer.frame("out", lent);
    }
    const kept = trace.entries().map(entry => (entry.kind === "frame" ? entry.bytes[0] : undefined));
    expect(kept).toEqual([2, 3, 4]);
    const none = new Trace(new World(), { keep: 0 });
    none.note("one");
    expect([none.entries(), none.count]).toEqual([[], 1]);
  });

  test("its hash depends on bytes, time, link, direction, order and notes; not on what is kept", () => {
    type Story = (trace: Trace, world: World) => void;
    const hashOf = (story: Story, keep = 10): string => {
      const world = new World();
      const trace = new Trace(world, { keep });
      story(trace, world);
      return trace.hash;
    };
    const base: Story = trace => {
      trace.observer("a").frame("out", frame(1));
      trace.observer("a").frame("in", frame(2));
    };
    const others: Story[] = [
      () => {},
      trace => {
        trace.observer("a").frame("out", frame(1));
        trace.observer("a").frame("in", frame(3));
      },
      trace => {
        trace.observer("a").frame("in", frame(2));
        trace.observer("a").frame("out", frame(1));
      },
      trace => {
        trace.observer("a").frame("in", frame(1));
        trace.observer("a").frame("in", frame(2));
      },
      trace => {
        trace.observer("b").frame("out", frame(1));
        trace.observer("a").frame("in", frame(2));
      },
      (trace, world) => {
        trace.observer("a").frame("out", frame(1));
        world.runFor(seconds(1));
        trace.observer("a").frame("in", frame(2));
      },
      trace => {
        trace.note("");
        trace.observer("a").frame("out", frame(1));
        trace.observer("a").frame("in", frame(2));
      },
    ];
    expect(hashOf(base)).toBe(hashOf(base, 0));
    expect(hashOf(base)).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set([base, ...others].map(story => hashOf(story))).size).toBe(1 + others.length);
  });
});
