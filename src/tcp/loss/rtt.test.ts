import { describe, expect, test } from "vitest";
import { type Seq, seq } from "../../base/seq.ts";
import { type Duration, type Instant, milliseconds, seconds } from "../../base/time.ts";
import { RttEstimator } from "./rtt.ts";

const estimator = (): RttEstimator =>
  new RttEstimator({ minRto: milliseconds(200), minRttWindow: seconds(300) });
const ANY: Seq = seq(0);

describe("RttEstimator: RFC 6298 §2", () => {
  test("(2.2) the first sample is SRTT, and half of it RTTVAR", () => {
    const rtt = estimator();
    expect(rtt.isMeasured).toBe(false);
    rtt.sample(milliseconds(100), ANY, ANY);
    expect(rtt).toMatchObject({ srtt: 100_000, rttvar: 50_000, isMeasured: true, variance: 200_000 });
  });

  test("the first one's variance is 4 · RTTVAR, and holds for its round trip", () => {
    const rtt = estimator();
    rtt.sample(milliseconds(400), seq(0), seq(10));
    expect(rtt.variance).toBe(milliseconds(800));
    rtt.sample(milliseconds(400), seq(10), seq(20));
    expect(rtt.variance).toBe(milliseconds(800));
    rtt.sample(milliseconds(400), seq(11), seq(20));
    rtt.sample(milliseconds(400), seq(21), seq(30));
    expect(rtt.variance).toBeLessThan(milliseconds(800));
  });

  test("(2.3) later ones count 1/8 and 1/4, RTTVAR by the old SRTT", () => {
    const rtt = estimator();
    rtt.sample(milliseconds(100), ANY, ANY);
    rtt.sample(milliseconds(180), ANY, ANY);
    // RTTVAR = 3/4 · 50 + 1/4 · |100 − 180|; SRTT = 7/8 · 100 + 1/8 · 180
    expect(rtt.rttvar).toBe(milliseconds(57.5));
    expect(rtt.srtt).toBe(milliseconds(110));
    expect(rtt.variance).toBe(milliseconds(230));
  });

  test("a round trip that falls suddenly raises the deviation only by an eighth of that, as on Linux", () => {
    const rtt = estimator();
    rtt.sample(milliseconds(400), ANY, ANY);
    for (let i = 0; i < 50; i++) rtt.sample(milliseconds(400), ANY, ANY);
    const { rttvar } = rtt;
    rtt.sample(milliseconds(80), ANY, ANY);
    expect(rtt.rttvar - rttvar).toBeCloseTo((320_000 - rttvar) / 32, 0);
  });

  test("steady samples make the deviation vanish; the variance keeps its least value", () => {
    const rtt = estimator();
    for (let i = 0; i < 100; i++) rtt.sample(milliseconds(50), seq(2 * i + 1), seq(2 * i + 2));
    expect(rtt.srtt).toBeCloseTo(50_000);
    expect(rtt.rttvar).toBeLessThan(1);
    expect(rtt.variance).toBeCloseTo(200_000, 0);
  });

  test("the variance rises at once, and falls by a quarter each round trip", () => {
    const rtt = estimator();
    rtt.sample(milliseconds(100), seq(0), seq(10));
    rtt.sample(milliseconds(900), seq(5), seq(10));
    const high = rtt.variance;
    expect(high).toBe(4 * rtt.rttvar);
    // Within the round nothing falls.
    for (let i = 0; i < 60; i++) rtt.sample(rtt.srtt, seq(6), seq(10));
    expect(rtt.variance).toBe(high);
    rtt.sample(rtt.srtt, seq(11), seq(20));
    // The round that ends still had the high value; the next one has none.
    expect(rtt.variance).toBe(high);
    rtt.sample(rtt.srtt, seq(21), seq(30));
    expect(rtt.variance).toBeCloseTo(high - (high - 200_000) / 4, 0);
  });

  test("keeps the latest; the smallest is told apart", () => {
    const rtt = estimator();
    expect(rtt.min).toBe(Number.POSITIVE_INFINITY);
    for (const sample of [30, 10, 20]) {
      rtt.sample(sample as Duration, ANY, ANY);
      rtt.smallest(sample as Duration, 0 as Instant);
    }
    expect([rtt.min, rtt.latest, rtt.samples]).toEqual([10, 20, 3]);
  });
});
