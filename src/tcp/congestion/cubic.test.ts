import { describe, expect, test } from "vitest";
import { type Duration, type Instant, milliseconds, seconds } from "../../base/time.ts";
import { AckSample } from "./congestion-control.ts";
import { Cubic } from "./cubic.ts";

const MSS = 1_000;

/** Acknowledgments of whole windows, a round trip apart. */
class Path {
  readonly cubic = new Cubic({ mss: MSS, initialWindow: 10 * MSS });
  readonly sample = new AckSample();
  now = 0 as Instant;
  rtt: Duration;

  constructor(rtt: Duration) {
    this.rtt = rtt;
  }

  get segments(): number {
    return this.cubic.cwnd / MSS;
  }

  round(limited = true): void {
    this.now = (this.now + this.rtt) as Instant;
    const window = this.cubic.cwnd;
    for (let acked = 0; acked < window; acked += 2 * MSS)
      this.ack(Math.min(2 * MSS, window - acked), acked === 0, limited);
  }

  ack(bytes: number, roundStart = false, limited = true): void {
    const { sample } = this;
    sample.now = this.now;
    sample.ackedBytes = bytes;
    sample.rtt = this.rtt;
    sample.minRtt = this.rtt;
    sample.roundStart = roundStart;
    sample.cwndLimited = limited;
    sample.priorInFlight = this.cubic.cwnd;
    this.cubic.onAck(sample);
  }

  lose(): void {
    this.sample.now = this.now;
    this.sample.priorInFlight = this.cubic.cwnd;
    this.cubic.onCongestion("loss", this.sample);
    this.cubic.onRecovered(this.sample);
  }

  /** Up to a window of so many segments, then a loss. */
  lostAt(segments: number): void {
    while (this.segments < segments) this.round();
    this.lose();
  }
}

test("slow start doubles the window each round trip", () => {
  const path = new Path(milliseconds(50));
  path.round();
  path.round();
  expect(path.segments).toBe(40);
});

test("a loss leaves 0.7 of the window (§4.6)", () => {
  const path = new Path(milliseconds(50));
  path.lostAt(1_000);
  expect(path.segments).toBe(Math.floor(1_280 * 0.7));
  expect(path.cubic.ssthresh).toBe(path.cubic.cwnd);
});

test("the window is back at W_max after K seconds, flat there, and steep beyond (§4.2)", () => {
  const path = new Path(milliseconds(100));
  path.lostAt(1_000);
  const max = 1_280;
  const k = Math.cbrt((max * 0.3) / 0.4);
  const began = path.now;
  const at = (after: number): number => {
    while (path.now < began + seconds(after)) path.round();
    return path.segments;
  };
  const [half, full, beyond] = [at(k / 2), at(k), at(2 * k)];
  expect(half).toBeGreaterThan(max * 0.93);
  expect(half).toBeLessThan(max);
  expect(Math.abs(full - max)).toBeLessThan(max * 0.03);
  expect(beyond).toBeGreaterThan(max * 1.2);
});

test("growth follows time, not round trips: a path ten times as long grows about as fast", () => {
  const windows = [20, 200].map(rtt => {
    const path = new Path(milliseconds(rtt));
    path.lostAt(1_000);
    const began = path.now;
    while (path.now < began + seconds(15)) path.round();
    return path.segments;
  });
  expect((windows[1] ?? 0) / (windows[0] ?? 1)).toBeGreaterThan(0.8);
});

test("where Reno would be faster, the window grows like Reno's (§4.3)", () => {
  const path = new Path(milliseconds(2));
  path.lostAt(20);
  const before = path.segments;
  for (let i = 0; i < 100; i++) path.round();
  // α = 0.53 segments a round trip
  expect(path.segments - before).toBeGreaterThan(40);
  expect(path.segments - before).toBeLessThan(110);
});

test("fast convergence: a window that did not reach the last maximum aims lower (§4.7)", () => {
  const path = new Path(milliseconds(100));
  path.lostAt(1_000);
  path.lose();
  const second = path.segments;
  const began = path.now;
  while (path.now < began + seconds(12)) path.round();
  expect(second).toBeCloseTo(1_280 * 0.7 * 0.7, 2);
  expect(path.segments).toBeLessThan(1_280 * 0.7);
});

test("a window that is not used does not grow (RFC 7661)", () => {
  const path = new Path(milliseconds(50));
  path.round(false);
  expect(path.segments).toBe(10);
  path.lostAt(100);
  const before = path.segments;
  for (let i = 0; i < 100; i++) path.round(false);
  expect(path.segments).toBe(before);
});

test("a timeout leaves one segment, and only the first of a series lowers ssthresh", () => {
  const path = new Path(milliseconds(50));
  path.lostAt(100);
  path.cubic.onTimeout(path.cubic.cwnd, path.now);
  const { ssthresh } = path.cubic;
  path.cubic.onTimeout(0, path.now);
  expect([path.segments, path.cubic.ssthresh]).toEqual([1, ssthresh]);
});

test("a reduction that was no loss is taken back (§4.9)", () => {
  const path = new Path(milliseconds(50));
  path.round();
  path.round();
  const before = path.cubic.cwnd;
  path.cubic.onTimeout(before, path.now);
  path.cubic.onSpurious();
  expect(path.cubic.cwnd).toBe(before);
});

test("while nobody sends, the cubic clock stands still (§5.8)", () => {
  const path = new Path(milliseconds(100));
  path.lostAt(1_000);
  for (let i = 0; i < 10; i++) path.round();
  const before = path.segments;
  path.now = (path.now + seconds(600)) as Instant;
  path.round();
  expect(path.segments).toBeLessThan(before * 1.1);
});

describe("HyStart++ (RFC 9406)", () => {
  test("a queue that builds up ends slow start before anything is lost", () => {
    const path = new Path(milliseconds(50));
    for (let i = 0; i < 4; i++) path.round();
    for (let i = 0; i < 12; i++) {
      path.rtt = (path.rtt + milliseconds(8)) as Duration;
      path.round();
    }
    expect(path.cubic.ssthresh).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test("a delay that goes away again was a false alarm: slow start goes on", () => {
    const path = new Path(milliseconds(50));
    for (let i = 0; i < 3; i++) path.round();
    path.rtt = milliseconds(70);
    path.round();
    const conservative = path.segments;
    path.rtt = milliseconds(50);
    path.round();
    path.round();
    expect(path.segments).toBeGreaterThan(conservative * 2);
    expect(path.cubic.ssthresh).toBe(Number.POSITIVE_INFINITY);
  });
});
