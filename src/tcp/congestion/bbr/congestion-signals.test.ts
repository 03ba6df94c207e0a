import { describe, expect, test } from "vitest";
import { BDP, RATE, sample } from "../../../../test/tcp/bbr.ts";
import { MSS } from "../../../../test/tcp/congestion.ts";
import { CongestionSignals } from "./congestion-signals.ts";

const NONE = Number.POSITIVE_INFINITY;

describe("after a round trip with a loss (§5.5.10.3)", () => {
  test("no more than it delivered", () => {
    const signals = new CongestionSignals();
    signals.updateLatest(sample({ deliveryRate: 0.9 * RATE, intervalDelivered: 0.95 * BDP }));
    signals.adapt(RATE, 2 * BDP);
    expect(signals.bandwidth).toBe(0.9 * RATE);
    expect(signals.inFlight).toBe(2 * BDP * 0.7);
  });

  test("but no less than 0.7 of before, each time", () => {
    const signals = new CongestionSignals();
    signals.updateLatest(sample({ deliveryRate: 1, intervalDelivered: 1 }));
    signals.adapt(RATE, BDP);
    signals.adapt(RATE, BDP);
    expect(signals.bandwidth).toBeCloseTo(0.49 * RATE);
    expect(signals.inFlight).toBeCloseTo(0.49 * BDP);
  });

  test("until the path is probed again", () => {
    const signals = new CongestionSignals();
    signals.adapt(RATE, BDP);
    signals.resetModel();
    expect([signals.bandwidth, signals.inFlight]).toEqual([NONE, NONE]);
  });
});

describe("a round trip of losses", () => {
  test("begins with the first loss", () => {
    const signals = new CongestionSignals();
    expect([signals.noteLoss(500 * MSS), signals.noteLoss(500 * MSS)]).toEqual([true, false]);
    signals.updateLatest(sample({ priorDelivered: 499 * MSS, delivered: 549 * MSS }));
    expect(signals.isRoundStart).toBe(false);
    signals.updateLatest(sample({ priorDelivered: 500 * MSS, delivered: 550 * MSS }));
    expect(signals.isRoundStart).toBe(true);
    signals.updateLatest(sample({ priorDelivered: 549 * MSS, delivered: 599 * MSS }));
    expect(signals.isRoundStart).toBe(false);
  });

  test("measures the most of it, and the next one anew", () => {
    const signals = new CongestionSignals();
    const ack = (deliveryRate: number, priorDelivered: number): void => {
      const one = sample({ deliveryRate, priorDelivered, delivered: priorDelivered + BDP });
      signals.updateLatest(one);
      signals.advanceLatest(one);
    };
    ack(RATE, 0);
    ack(0.5 * RATE, BDP);
    ack(0.6 * RATE, BDP + MSS);
    signals.adapt(2 * RATE, BDP);
    expect(signals.bandwidth).toBe(1.4 * RATE);
    signals.adapt(2 * RATE, BDP);
    expect(signals.bandwidth).toBeCloseTo(0.98 * RATE);
  });

  test("counts the acknowledgments that told of losses", () => {
    const signals = new CongestionSignals();
    for (let i = 0; i < 3; i++) signals.updateLatest(sample({ lostBytes: MSS, priorDelivered: i }));
    signals.updateLatest(sample({ lostBytes: 0, priorDelivered: 0 }));
    expect(signals.lossEvents).toBe(3);
  });
});
