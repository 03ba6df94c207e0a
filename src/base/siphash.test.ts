import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "./random.ts";
import { SipHash } from "./siphash.ts";

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

function text(hash: readonly [number, number]): string {
  return [hash[1], hash[0]].map(word => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

describe("the test vectors of SipHash-2-4: key 00…0f, input 00, 01, 02, …", () => {
  // The reference implementation's vectors.h, read as little-endian numbers.
  const vectors: Array<[number, string]> = [
    [0, "726fdb47dd0e0e31"],
    [1, "74f839c593dc67fd"],
    [2, "0d6c8009d9a94f5a"],
    [3, "85676696d7fb7e2d"],
    [4, "cf2794e0277187b7"],
    [5, "18765564cd99a68d"],
    [6, "cbc9466e58fee3ce"],
    [7, "ab0200f58b01d137"],
    [8, "93f5f5799a932462"],
    [9, "9e0082df0ba9e4b0"],
    [15, "a129ca6149be45e5"],
  ];
  test.each(vectors)("input of %i bytes", (length, expected) => {
    const input = Uint8Array.from({ length }, (_, i) => i);
    expect(text(new SipHash(KEY).hash(input))).toBe(expected);
  });
});

const MASK = (1n << 64n) - 1n;

/** The paper's definition, in 64-bit numbers. */
function plainSipHash(key: Uint8Array, input: Uint8Array): string {
  const word = (bytes: Uint8Array, at: number): bigint =>
    bytes.slice(at, at + 8).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & MASK;
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let a = k0 ^ 0x736f6d6570736575n;
  let b = k1 ^ 0x646f72616e646f6dn;
  let c = k0 ^ 0x6c7967656e657261n;
  let d = k1 ^ 0x7465646279746573n;
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      a = (a + b) & MASK;
      c = (c + d) & MASK;
      b = rotate(b, 13n) ^ a;
      d = rotate(d, 16n) ^ c;
      a = rotate(a, 32n);
      c = (c + b) & MASK;
      a = (a + d) & MASK;
      b = rotate(b, 17n) ^ c;
      d = rotate(d, 21n) ^ a;
      c = rotate(c, 32n);
    }
  };
  const padded = new Uint8Array((Math.floor(input.length / 8) + 1) * 8);
  padded.set(input);
  padded[padded.length - 1] = input.length;
  for (let at = 0; at < padded.length; at += 8) {
    const m = word(padded, at);
    d ^= m;
    rounds(2);
    a ^= m;
  }
  c ^= 0xffn;
  rounds(4);
  return (a ^ b ^ c ^ d).toString(16).padStart(16, "0");
}

test("any key and any range of any input agree with the paper's definition", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.uint8Array({ maxLength: 50 }),
      fc.nat(10),
      (key, input, skip) => {
        const start = Math.min(skip, input.length);
        const hash = new SipHash(key);
        const words = hash.hash(input, start);
        expect(text(words)).toBe(plainSipHash(key, input.subarray(start)));
        expect(hash.hash32(input, start, input.length)).toBe(words[0]);
      },
    ),
  );
});

test("one object hashes again and again, each time alike", () => {
  const hash = new SipHash(KEY);
  const first = hash.hash32(Uint8Array.of(1, 2, 3));
  hash.hash32(Uint8Array.of(4));
  expect(hash.hash32(Uint8Array.of(1, 2, 3))).toBe(first);
});

test("a key drawn from the random source: equal for equal seeds, different for different ones", () => {
  const input = Uint8Array.of(1, 2, 3);
  const hashOf = (seed: number): number => SipHash.keyedBy(new SeededRandom(seed)).hash32(input);
  expect(hashOf(1)).toBe(hashOf(1));
  expect(hashOf(1)).not.toBe(hashOf(2));
});
