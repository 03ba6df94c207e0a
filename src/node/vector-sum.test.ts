import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { foldSum, sumWords } from "../base/checksum.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { summedMemory } from "./vector-sum.ts";

const SIZE = 70_000;

afterEach(() => {
  vi.unstubAllGlobals();
});

test("any part has the sum that the loop finds, wherever it begins and ends", () => {
  const { bytes, summer } = summedMemory(SIZE);
  let seed = 1;
  for (let i = 0; i < bytes.length; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = seed >>> 16;
  }
  const place = fc.integer({ min: 0, max: SIZE });
  fc.assert(
    fc.property(place, fc.oneof(place, fc.integer({ min: 0, max: 70 })), (start, length) => {
      const end = Math.min(SIZE, start + length);
      expect(foldSum(summer?.sum(start, end) ?? -1)).toBe(foldSum(sumWords(bytes, start, end)));
    }),
  );
});

test("the largest sum does not overflow", () => {
  const { bytes, summer } = summedMemory(SIZE);
  bytes.fill(0xff);
  expect(foldSum(summer?.sum(0, 65_536) ?? -1)).toBe(0xffff);
});

test("packets in such memory are summed by it, until they have other bytes", () => {
  const { bytes } = summedMemory(SIZE);
  const packet = new PacketBuffer(0);
  packet.bytes = bytes.subarray(1_000, 3_000);
  const asked: number[][] = [];
  packet.sumBy({ sum: (from, to) => asked.push([from, to]) });
  packet.sumWords(100, 1_500, 7);
  packet.bytes = new Uint8Array(2_000).fill(1);
  expect(packet.sumWords(100, 200, 7)).toBe(7 + 50 * 0x101);
  expect(asked).toEqual([[1_100, 2_500]]);
});

test("a machine without WebAssembly has memory all the same", () => {
  vi.stubGlobal("WebAssembly", undefined);
  const { bytes, summer } = summedMemory(SIZE);
  expect([bytes.length, summer]).toEqual([SIZE, undefined]);
});
