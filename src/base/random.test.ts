import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { below, chance, type Random, SeededRandom } from "./random.ts";

const draws = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.uint32());

/** A source that always says the same. */
const constant = (value: number): Random => ({ uint32: () => value, fill: () => {} });

describe("a seed gives its numbers on every machine, for ever", () => {
  // From an independent implementation of splitmix32 and xoshiro128**. Another sequence would break every
  // kept seed.
  test.each([
    [0, [1789933344, 44971166, 2521387044, 3848737593, 1138324114]],
    [1, [393288148, 2174103013, 3814759091, 2092745082, 1865176206]],
    [7, [210494603, 711084892, 3993689120, 4089369890, 1706118055]],
    [4294967295, [4104197751, 1825856343, 1152209388, 2427537429, 3685145430]],
  ])("seed %i", (seed, expected) => {
    expect(draws(new SeededRandom(seed), expected.length)).toEqual(expected);
  });

  test("bytes are the words' octets, the lowest first, and draw one word for each 4 or part of 4", () => {
    const bytes = new Uint8Array(6);
    const random = new SeededRandom(1);
    random.fill(bytes);
    const [first, second, third] = draws(new SeededRandom(1), 3) as [number, number, number];
    const octets = [0, 8, 16, 24].map(shift => (first >>> shift) & 0xff);
    expect([...bytes]).toEqual([...octets, second & 0xff, (second >>> 8) & 0xff]);
    expect(random.uint32()).toBe(third);
    const whole = new SeededRandom(1);
    whole.fill(new Uint8Array(8));
    expect(whole.uint32()).toBe(third);
  });
});

test("seeds next to each other, and 0, give unrelated sequences", () => {
  const firsts = Array.from({ length: 1_000 }, (_, seed) => new SeededRandom(seed).uint32());
  expect(new Set(firsts).size).toBe(1_000);
});

test("a fork has its own sequence, and its draws do not disturb its origin's", () => {
  const [a, b] = [new SeededRandom(7), new SeededRandom(7)];
  const fork = a.fork();
  b.fork();
  draws(fork, 100);
  expect(draws(a, 10)).toEqual(draws(b, 10));
  expect(draws(new SeededRandom(7).fork(), 10)).not.toEqual(draws(new SeededRandom(7), 10));
});

test("words are spread evenly: each of 16 buckets, in high and low bits, within 10 % over 32,000 draws", () => {
  const random = new SeededRandom(42);
  const high = new Array<number>(16).fill(0);
  const low = new Array<number>(16).fill(0);
  for (const word of draws(random, 32_000)) {
    high[word >>> 28] = (high[word >>> 28] as number) + 1;
    low[word & 15] = (low[word & 15] as number) + 1;
  }
  for (const count of [...high, ...low]) expect(Math.abs(count - 2_000)).toBeLessThan(200);
});

test("below: 0 … limit − 1, both ends reached", () => {
  expect(below(constant(0), 6)).toBe(0);
  expect(below(constant(0xffff_ffff), 6)).toBe(5);
  expect(below(constant(0xffff_ffff), 0x1_0000_0000)).toBe(0xffff_ffff);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 1, max: 0x1_0000_0000 }),
      (word, limit) => {
        const value = below(constant(word), limit);
        expect(Number.isInteger(value) && value >= 0 && value < limit).toBe(true);
      },
    ),
  );
});

test("chance: never at 0, always at 1, about half of the time at 0.5", () => {
  expect(chance(constant(0), 0)).toBe(false);
  expect(chance(constant(0xffff_ffff), 1)).toBe(true);
  expect(chance(constant(0x7fff_ffff), 0.5)).toBe(true);
  expect(chance(constant(0x8000_0000), 0.5)).toBe(false);
});
