import { expect, test } from "vitest";
import { SeededRandom } from "../../base/random.ts";
import { type Instant, milliseconds, seconds } from "../../base/time.ts";
import { IpAddress, ip, LOOPBACK_V4 } from "../../wire/address.ts";
import { IcmpRateLimit } from "./rate-limit.ts";

const NOW = seconds(100) as number as Instant;

function later(micros: number): Instant {
  return (NOW + micros) as Instant;
}

/** How many errors in a row leave at one instant. */
function burst(
  limit: IcmpRateLimit,
  at: Instant,
  destination: (turn: number) => IpAddress,
  tries = 200,
): number {
  let sent = 0;
  for (let i = 0; i < tries; i++) if (limit.allow(destination(i), at)) sent++;
  return sent;
}

test("one destination is sent 6 errors at once and one a second after that (RFC 4443 §2.4 f)", () => {
  const limit = new IcmpRateLimit();
  const peer = (): IpAddress => ip("192.0.2.1");
  expect(burst(limit, NOW, peer)).toBe(6);
  expect(burst(limit, later(milliseconds(999)), peer)).toBe(0);
  expect(burst(limit, later(seconds(1)), peer)).toBe(1);
  expect(burst(limit, later(seconds(4)), peer)).toBe(3);
  expect(burst(limit, later(seconds(600)), peer)).toBe(6);
});

test("all destinations together are sent 50 errors at once and 1,000 a second", () => {
  const limit = new IcmpRateLimit();
  let next = 1;
  const strangers = (): IpAddress => IpAddress.v4(next++);
  expect(burst(limit, NOW, strangers)).toBe(50);
  expect(burst(limit, later(milliseconds(10)), strangers)).toBe(10);
  expect(burst(limit, later(seconds(9)), strangers)).toBe(50);
});

test("with random numbers the burst cannot be predicted, but is 50 on average (CVE-2020-25705)", () => {
  const bursts = Array.from({ length: 200 }, (_, seed) =>
    burst(new IcmpRateLimit({ random: new SeededRandom(seed) }), NOW, turn => IpAddress.v4(turn + 1)),
  );
  expect(new Set(bursts).size).toBeGreaterThan(10);
  const mean = bursts.reduce((sum, count) => sum + count, 0) / bursts.length;
  expect(Math.abs(mean - 50)).toBeLessThan(3);
});

test("an error that one limit refuses does not count against the other", () => {
  const limit = new IcmpRateLimit();
  expect(burst(limit, NOW, () => ip("192.0.2.1"))).toBe(6);
  expect(burst(limit, NOW, turn => IpAddress.v4(turn + 1))).toBe(44);
  const fresh = ip("198.51.100.1");
  expect(limit.allow(fresh, NOW)).toBe(false);
  expect(burst(limit, later(seconds(1)), () => fresh)).toBe(6);
});

test("loopback is not limited", () => {
  const limit = new IcmpRateLimit();
  expect(burst(limit, NOW, () => LOOPBACK_V4, 500)).toBe(500);
});

test("the table of destinations is bounded; the one unused for longest is forgotten", () => {
  const limit = new IcmpRateLimit({ destinations: 2, destinationBurst: 1 });
  const [a, b, c] = [ip("2001:db8::a"), ip("2001:db8::b"), ip("2001:db8::c")];
  expect([a, b, a, c].map(peer => limit.allow(peer, NOW))).toEqual([true, true, false, true]);
  // b has been forgotten for c, a has not.
  expect([a, b].map(peer => limit.allow(peer, NOW))).toEqual([false, true]);
});
