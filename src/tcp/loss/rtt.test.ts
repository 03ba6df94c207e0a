import { describe, expect, test } from "vitest";
import { type Duration, milliseconds } from "../../base/time.ts";
import { RttEstimator } from "./rtt.ts";

describe("RttEstimator: RFC 6298 §2", () => {
  test("(2.2) the first sample is SRTT, and half of it RTTVAR", () => {
    const rtt = new RttEstimator();
    expect(rtt.isMeasured).toBe(false);
    rtt.sample(milliseconds(100));
    expect(rtt).toMatchObject({ srtt: 100_000, rttvar: 50_000, isMeasured: true });
  });

  test("(2.3) later ones count 1/8 and 1/4, RTTVAR by the old SRTT", () => {
    const rtt = new RttEstimator();
    rtt.sample(milliseconds(100));
    rtt.sample(milliseconds(180));
    // RTTVAR = 3/4 · 50 + 1/4 · |100 − 180|; SRTT = 7/8 · 100 + 1/8 · 180
    expect(rtt.rttvar).toBe(milliseconds(57.5));
    expect(rtt.srtt).toBe(milliseconds(110));
  });

  test("steady samples make the variance vanish", () => {
    const rtt = new RttEstimator();
    for (let i = 0; i < 100; i++) rtt.sample(milliseconds(50));
    expect(rtt.srtt).toBeCloseTo(50_000);
    expect(rtt.rttvar).toBeLessThan(1);
  });

  test("keeps the smallest and the latest", () => {
    const rtt = new RttEstimator();
    for (const sample of [30, 10, 20]) rtt.sample(sample as Duration);
    expect(rtt).toMatchObject({ min: 10, latest: 20, samples: 3 });
  });
});
