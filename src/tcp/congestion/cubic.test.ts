import { describe, expect, test } from "vitest";
import { acked, MSS, parameters, RoundTrips } from "../../../test/tcp/congestion.ts";
import { type Duration, type Instant, milliseconds, seconds } from "../../base/time.ts";
import type { CongestionSettings } from "./congestion-control.ts";
import { Cubic } from "./cubic.ts";

function path(rtt: Duration, settings: Partial<CongestionSettings> = {}): RoundTrips<Cubic> {
  const all = { hystart: "off", hystartDetect: 3, ...settings } as const;
  return new RoundTrips(new Cubic(parameters({ settings: all })), rtt);
}

test("slow start doubles the window each round trip", () => {
  const way = path(milliseconds(50));
  way.round();
  way.round();
  expect(way.segments).toBe(40);
});

test("a loss leaves 0.7 of the window (§4.6; RFC 9293, MAY-18)", () => {
  const way = path(milliseconds(50));
  way.lostAt(1_000);
  expect(way.segments).toBe(Math.floor(1_280 * 0.7));
  expect(way.control.ssthresh).toBe(way.control.cwnd);
});

test("the window is back at W_max after K seconds, flat there, and steep beyond (§4.2)", () => {
  const way = path(milliseconds(100));
  way.lostAt(1_000);
  const max = 1_280;
  const k = Math.cbrt((max * 0.3) / 0.4);
  const began = way.now;
  const at = (after: number): number => {
    while (way.now < began + seconds(after)) way.round();
    return way.segments;
  };
  const [half, full, beyond] = [at(k / 2), at(k), at(2 * k)];
  expect(half).toBeGreaterThan(max * 0.93);
  expect(half).toBeLessThan(max);
  expect(Math.abs(full - max)).toBeLessThan(max * 0.03);
  expect(beyond).toBeGreaterThan(max * 1.2);
});

test("growth follows time, not round trips: a path ten times as long grows about as fast", () => {
  const windows = [20, 200].map(rtt => {
    const way = path(milliseconds(rtt));
    way.lostAt(1_000);
    const began = way.now;
    while (way.now < began + seconds(15)) way.round();
    return way.segments;
  });
  expect((windows[1] ?? 0) / (windows[0] ?? 1)).toBeGreaterThan(0.8);
});

describe("where Reno would be faster (§4.3)", () => {
  test("the window grows by α = 0.53 segments a round trip", () => {
    const way = path(milliseconds(2));
    way.lostAt(100);
    const before = way.segments;
    for (let i = 0; i < 60; i++) way.round();
    expect(way.segments - before).toBeGreaterThan(26);
    expect(way.segments - before).toBeLessThan(36);
  });

  test("from the window before the loss on as Reno does, a segment a round trip", () => {
    const way = path(milliseconds(2));
    way.lostAt(20);
    while (way.segments < 42) way.round();
    const before = way.segments;
    for (let i = 0; i < 40; i++) way.round();
    expect(way.segments - before).toBeGreaterThan(36);
    expect(way.segments - before).toBeLessThan(44);
  });
});

test("never more than half of the window in a round trip (§4.4)", () => {
  const way = path(milliseconds(100));
  way.lostAt(20);
  way.now = (way.now + seconds(1)) as Instant;
  way.round();
  way.now = (way.now + seconds(1_000)) as Instant;
  const before = way.segments;
  way.round();
  expect(way.segments).toBeGreaterThan(before * 1.3);
  expect(way.segments).toBeLessThanOrEqual(before * 1.5 + 1);
});

test("fast convergence: a window that did not reach the last maximum aims lower (§4.7)", () => {
  const way = path(milliseconds(100));
  way.lostAt(1_000);
  way.lose();
  const second = way.segments;
  const began = way.now;
  while (way.now < began + seconds(12)) way.round();
  expect(second).toBe(Math.floor(Math.floor(1_280 * 0.7) * 0.7));
  expect(way.segments).toBeLessThan(1_280 * 0.7);
});

test("a window that is not used does not grow (RFC 7661)", () => {
  const way = path(milliseconds(50));
  way.round(false);
  expect(way.segments).toBe(10);
  way.lostAt(100);
  const before = way.segments;
  for (let i = 0; i < 100; i++) way.round(false);
  expect(way.segments).toBe(before);
});

describe("a timeout (§4.8)", () => {
  test("leaves one segment, and only the first of a series lowers ssthresh", () => {
    const way = path(milliseconds(50));
    way.lostAt(100);
    way.control.onTimeout(true, 0, way.now);
    const { ssthresh } = way.control;
    way.control.onTimeout(false, 0, way.now);
    expect([way.segments, way.control.ssthresh]).toEqual([1, ssthresh]);
  });

  test("forgets W_max: the window grows from where slow start ended, by a twentieth in a round trip", () => {
    const way = path(milliseconds(10));
    way.lostAt(1_000);
    way.control.onTimeout(true, 0, way.now);
    const threshold = way.control.ssthresh / MSS;
    while (way.segments < threshold) way.round();
    const before = way.segments;
    way.round();
    expect(way.segments / before).toBeGreaterThan(1.03);
    expect(way.segments / before).toBeLessThan(1.06);
  });
});

test("a reduction that was no loss is taken back, and with it W_max (§4.9)", () => {
  const way = path(milliseconds(100));
  way.lostAt(1_000);
  const before = way.control.cwnd;
  way.control.onTimeout(true, 0, way.now);
  way.control.onSpurious();
  expect(way.control.cwnd).toBe(before);
  const began = way.now;
  while (way.now < began + seconds(8)) way.round();
  expect(way.segments).toBeGreaterThan(1_150);
  expect(way.segments).toBeLessThan(1_300);
});

test("while nobody sends, the cubic clock stands still (§5.8)", () => {
  const way = path(milliseconds(100));
  way.lostAt(1_000);
  for (let i = 0; i < 10; i++) way.round();
  const before = way.segments;
  const stopped = way.now;
  way.now = (way.now + seconds(600)) as Instant;
  way.control.onTransmissionStart(way.now, stopped);
  way.round();
  expect(way.segments).toBeLessThan(before * 1.1);
});

test("with the window of another control in the middle of a connection", () => {
  const control = new Cubic(parameters({ cwnd: 50 * MSS, ssthresh: 20 * MSS }));
  expect([control.cwnd, control.ssthresh]).toEqual([50 * MSS, 20 * MSS]);
  control.onAck(acked(10 * MSS));
  expect(control.cwnd).toBeLessThanOrEqual(51 * MSS);
});

describe("HyStart as on Linux", () => {
  const MANY = milliseconds(100);

  test("a round whose first nine samples are an eighth slower than the fastest ends slow start", () => {
    const way = path(MANY, { hystart: "classic", hystartDetect: 2 });
    way.round();
    way.round();
    way.rtt = milliseconds(113);
    way.round();
    way.round();
    expect(way.control.ssthresh / MSS).toBeGreaterThan(40);
    expect(way.control.ssthresh / MSS).toBeLessThan(120);
  });

  test("less than an eighth does not", () => {
    const way = path(MANY, { hystart: "classic", hystartDetect: 2 });
    way.round();
    way.round();
    way.rtt = milliseconds(112);
    way.round();
    way.round();
    expect(way.control.ssthresh).toBe(Number.POSITIVE_INFINITY);
  });

  test("acknowledgments closely behind each other for half of a round trip end slow start", () => {
    const way = path(MANY, { hystart: "classic", hystartDetect: 1 });
    for (let i = 0; i < 8 && way.control.ssthresh === Number.POSITIVE_INFINITY; i++) way.round();
    // 2 ms apart: when a window of 100 segments and more is acknowledged over a round trip.
    expect(way.control.ssthresh / MSS).toBeGreaterThan(100);
    expect(way.control.ssthresh / MSS).toBeLessThan(500);
  });

  test("a small window ends nothing", () => {
    const way = path(MANY, { hystart: "classic" });
    const control = way.control;
    for (let i = 0; i < 20; i++) {
      way.rtt = (way.rtt + milliseconds(20)) as Duration;
      control.onAck(acked(0, { rtt: way.rtt, now: way.now }));
    }
    expect(control.ssthresh).toBe(Number.POSITIVE_INFINITY);
  });

  test("each sign can be switched off", () => {
    const way = path(MANY, { hystart: "classic", hystartDetect: 0 });
    for (let i = 0; i < 8; i++) {
      way.round();
      way.rtt = (way.rtt + milliseconds(20)) as Duration;
    }
    expect(way.control.ssthresh).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("HyStart++ (RFC 9406)", () => {
  test("a queue that builds up ends slow start before anything is lost", () => {
    const way = path(milliseconds(50), { hystart: "plus-plus" });
    for (let i = 0; i < 4; i++) way.round();
    for (let i = 0; i < 12; i++) {
      way.rtt = (way.rtt + milliseconds(8)) as Duration;
      way.round();
    }
    expect(way.control.ssthresh).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test("a delay that goes away again was a false alarm: slow start goes on", () => {
    const way = path(milliseconds(50), { hystart: "plus-plus" });
    for (let i = 0; i < 3; i++) way.round();
    way.rtt = milliseconds(70);
    way.round();
    const conservative = way.segments;
    way.rtt = milliseconds(50);
    way.round();
    way.round();
    expect(way.segments).toBeGreaterThan(conservative * 2);
    expect(way.control.ssthresh).toBe(Number.POSITIVE_INFINITY);
  });

  test("only the first slow start is watched (§4.3)", () => {
    const way = path(milliseconds(50), { hystart: "plus-plus" });
    for (let i = 0; i < 5; i++) way.round();
    way.control.onTimeout(true, 0, way.now);
    const { ssthresh } = way.control;
    while (way.control.cwnd < ssthresh) {
      way.rtt = (way.rtt + milliseconds(30)) as Duration;
      way.round();
    }
    expect(way.control.ssthresh).toBe(ssthresh);
  });
});
