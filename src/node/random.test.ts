import { expect, test } from "vitest";
import { CryptoRandom } from "./random.ts";

test("words are 32 bits, unsigned, and no two of a long run of them are the same page twice", () => {
  const random = new CryptoRandom();
  const words = Array.from({ length: 5_000 }, () => random.uint32());
  expect(words.every(word => Number.isInteger(word) && word >= 0 && word < 2 ** 32)).toBe(true);
  // 5,000 words of 2³² collide about three times in a thousand runs, and never twenty times over.
  expect(new Set(words).size).toBeGreaterThan(4_980);
  expect(words.some(word => word > 0x7fff_ffff)).toBe(true);
});

test("fill fills the whole view, and nothing beside it", () => {
  const random = new CryptoRandom();
  const bytes = new Uint8Array(4_096);
  random.fill(bytes.subarray(1_024, 3_072));
  expect(bytes.subarray(0, 1_024).every(byte => byte === 0)).toBe(true);
  expect(bytes.subarray(3_072).every(byte => byte === 0)).toBe(true);
  expect(new Set(bytes.subarray(1_024, 2_048)).size).toBeGreaterThan(100);
  expect(new Set(bytes.subarray(2_048, 3_072)).size).toBeGreaterThan(100);
});

test("two sources are independent", () => {
  const [a, b] = [new CryptoRandom(), new CryptoRandom()];
  expect([a.uint32(), a.uint32(), a.uint32()]).not.toEqual([b.uint32(), b.uint32(), b.uint32()]);
});
