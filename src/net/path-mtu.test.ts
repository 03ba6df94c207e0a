import { describe, expect, test } from "vitest";
import { type Instant, NEVER, seconds } from "../base/time.ts";
import { IpAddress, ip } from "../wire/address.ts";
import { PATH_MTU_LIFETIME, PathMtuCache } from "./path-mtu.ts";

const NOW = seconds(1_000) as number as Instant;
const V4 = ip("192.0.2.1");
const V6 = ip("2001:db8::1");

function later(micros: number): Instant {
  return (NOW + micros) as Instant;
}

describe("lower", () => {
  test("a path MTU is lowered for its destination alone", () => {
    const cache = new PathMtuCache();
    expect(cache.lower(V4, 1_400, 1_500, NOW)).toBe(true);
    expect(cache.get(V4, NOW)).toBe(1_400);
    expect(cache.get(ip("192.0.2.2"), NOW)).toBeUndefined();
    expect(cache.generation).toBe(1);
  });

  test("it is never raised by an error (RFC 1191 §3, RFC 8201 §4)", () => {
    const cache = new PathMtuCache();
    expect(cache.lower(V6, 1_500, 1_500, NOW)).toBe(false);
    expect(cache.lower(V6, 9_000, 1_500, NOW)).toBe(false);
    cache.lower(V6, 1_300, 1_500, NOW);
    expect(cache.lower(V6, 1_400, 1_500, NOW)).toBe(false);
    expect(cache.get(V6, NOW)).toBe(1_300);
    expect(cache.generation).toBe(1);
  });

  test("an IPv4 value below 552 becomes 552 (docs/decisions/min-path-mtu.md)", () => {
    const cache = new PathMtuCache();
    cache.lower(V4, 68, 1_500, NOW);
    expect(cache.get(V4, NOW)).toBe(552);
    expect(cache.lower(V4, 296, 552, NOW)).toBe(false);
  });

  test("a destination that reported less than 552 may have its packets cut on the way", () => {
    const cache = new PathMtuCache();
    cache.lower(V4, 600, 1_500, NOW);
    expect(cache.isTooSmall(V4)).toBe(false);
    cache.lower(V4, 500, 600, NOW);
    expect([cache.get(V4, NOW), cache.isTooSmall(V4)]).toEqual([552, true]);
    const other = new PathMtuCache();
    other.lower(V4, 552, 1_500, NOW);
    expect(other.lower(V4, 551, 552, NOW)).toBe(false);
    expect([other.isTooSmall(V4), other.generation]).toEqual([true, 2]);
    other.lower(V4, 551, 552, NOW);
    expect(other.generation).toBe(2);
  });

  test("one that says nothing more than is known already, or no size at all, marks no path", () => {
    const cache = new PathMtuCache();
    expect(cache.lower(V4, 500, 552, NOW)).toBe(false);
    expect([cache.size, cache.isTooSmall(V4)]).toEqual([0, false]);
    cache.lower(V4, 0, 1_500, NOW);
    expect(cache.isTooSmall(V4)).toBe(false);
  });

  test("nothing is lowered that the link does not carry by now", () => {
    const cache = new PathMtuCache();
    cache.lower(V6, 1_450, 1_500, NOW);
    expect(cache.lower(V6, 1_420, 1_400, NOW)).toBe(false);
    expect(cache.get(V6, NOW)).toBe(1_450);
  });

  test("an IPv6 value below 1280 is discarded (RFC 8201 §4)", () => {
    const cache = new PathMtuCache();
    expect(cache.lower(V6, 1_279, 1_500, NOW)).toBe(false);
    expect(cache.lower(V6, 0, 1_500, NOW)).toBe(false);
    expect(cache.lower(V6, 1_280, 1_500, NOW)).toBe(true);
  });

  test.each([
    [65_536, 65_535],
    [65_535, 32_000],
    [32_000, 17_914],
    [17_914, 8_166],
    [9_000, 8_166],
    [8_166, 4_352],
    [4_352, 2_002],
    [2_002, 1_492],
    [1_500, 1_492],
    [1_492, 1_006],
    [1_006, 552],
  ])("without a value, %i goes down to the plateau %i (RFC 1191 §7.1)", (current, plateau) => {
    const cache = new PathMtuCache();
    cache.lower(V4, 0, current, NOW);
    expect(cache.get(V4, NOW)).toBe(plateau);
  });
});

describe("age", () => {
  test("ten minutes after the last decrease it is forgotten (RFC 1191 §6.3, RFC 8201 §5.3)", () => {
    const cache = new PathMtuCache();
    cache.lower(V4, 1_400, 1_500, NOW);
    cache.lower(V4, 1_300, 1_400, later(1_000));
    expect(cache.get(V4, later(PATH_MTU_LIFETIME + 999))).toBe(1_300);
    expect(cache.get(V4, later(PATH_MTU_LIFETIME + 1_000))).toBeUndefined();
  });

  test("expire tells by the generation that larger packets may be tried", () => {
    const cache = new PathMtuCache();
    expect(cache.deadline).toBe(NEVER);
    cache.lower(V4, 1_400, 1_500, NOW);
    cache.lower(V6, 1_400, 1_500, later(5));
    cache.lower(V4, 1_300, 1_400, later(9));
    expect(cache.deadline).toBe(later(PATH_MTU_LIFETIME + 5));
    const before = cache.generation;
    cache.expire(later(PATH_MTU_LIFETIME + 4));
    expect(cache.generation).toBe(before);
    cache.expire(later(PATH_MTU_LIFETIME + 5));
    expect(cache.generation).toBe(before + 1);
    expect(cache.size).toBe(1);
    expect(cache.deadline).toBe(later(PATH_MTU_LIFETIME + 9));
  });
});

test("beyond its limit the destination that was lowered longest ago is forgotten", () => {
  const cache = new PathMtuCache(3);
  for (let i = 1; i <= 3; i++) cache.lower(IpAddress.v4(i), 1_400, 1_500, NOW);
  cache.lower(IpAddress.v4(1), 1_300, 1_400, NOW);
  cache.lower(IpAddress.v4(4), 1_400, 1_500, NOW);
  expect(cache.size).toBe(3);
  expect(cache.get(IpAddress.v4(1), NOW)).toBe(1_300);
  expect(cache.get(IpAddress.v4(2), NOW)).toBeUndefined();
});
