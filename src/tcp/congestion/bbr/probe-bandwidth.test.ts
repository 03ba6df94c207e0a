import { describe, expect, test } from "vitest";
import { at, BDP, known, lost, RATE, sample } from "../../../../test/tcp/bbr.ts";
import { MSS } from "../../../../test/tcp/congestion.ts";
import { segmentLost } from "./loss.ts";
import { startDown, updateCycle } from "./probe-bandwidth.ts";
import type { BbrState } from "./state.ts";

/** An acknowledgment with which a round trip ends. */
function endsRound(bbr: BbrState, changes: Parameters<typeof sample>[0] = {}): void {
  const ack = sample({ priorDelivered: 2_000 * MSS, delivered: 2_050 * MSS, ...changes });
  bbr.rounds.start(0);
  bbr.rounds.update(ack);
  updateCycle(bbr, ack, false);
}

describe("ProbeBW_DOWN (§5.3.3.1)", () => {
  test("goes on until no more is in flight than the path holds", () => {
    const bbr = known("down");
    startDown(bbr, 0, at(1_000));
    updateCycle(bbr, sample({ inFlight: 1.2 * BDP }), false);
    expect(bbr.phase).toBe("down");
    updateCycle(bbr, sample({ inFlight: BDP }), false);
    expect(bbr.phase).toBe("cruise");
  });

  test("and until there is headroom below what was too much", () => {
    const bbr = known("down");
    startDown(bbr, 0, at(1_000));
    bbr.inFlightLongterm = 0.9 * BDP;
    updateCycle(bbr, sample({ inFlight: 0.8 * BDP, sentInFlight: 0.8 * BDP }), false);
    expect(bbr.phase).toBe("down");
    updateCycle(bbr, sample({ inFlight: 0.76 * BDP, sentInFlight: 0.8 * BDP }), false);
    expect(bbr.phase).toBe("cruise");
  });

  test("goes over to REFILL when that takes too long (§A, after max time)", () => {
    const bbr = known("down");
    startDown(bbr, 0, at(1_000));
    updateCycle(bbr, sample({ inFlight: 2 * BDP, now: at(4_100) }), false);
    expect(bbr.phase).toBe("refill");
  });
});

describe("ProbeBW_CRUISE (§5.3.3.2)", () => {
  function cruising(): BbrState {
    const bbr = known("cruise");
    startDown(bbr, 0, at(1_000));
    bbr.phase = "cruise";
    return bbr;
  }

  test("lasts two to three seconds", () => {
    const bbr = cruising();
    updateCycle(bbr, sample({ now: at(2_999) }), false);
    expect(bbr.phase).toBe("cruise");
    updateCycle(bbr, sample({ now: at(4_001) }), false);
    expect(bbr.phase).toBe("refill");
  });

  test("or as many round trips as the path holds segments, as Reno would need (§5.3.3.5.3)", () => {
    const bbr = cruising();
    bbr.rounds.sinceProbe = 49;
    updateCycle(bbr, sample(), false);
    expect(bbr.phase).toBe("cruise");
    bbr.rounds.sinceProbe = 50;
    updateCycle(bbr, sample(), false);
    expect(bbr.phase).toBe("refill");
  });

  test("REFILL forgets the losses of before", () => {
    const bbr = cruising();
    bbr.signals.adapt(RATE / 2, BDP);
    expect(bbr.bandwidth).toBeLessThan(RATE);
    updateCycle(bbr, sample({ now: at(4_001) }), false);
    expect(bbr.bandwidth).toBe(RATE);
  });
});

describe("ProbeBW_REFILL and UP (§5.3.3.3, §5.3.3.4)", () => {
  test("one round trip of the one, then the other", () => {
    const bbr = known("refill");
    bbr.rounds.start(5_000 * MSS);
    updateCycle(bbr, sample(), false);
    expect(bbr.phase).toBe("refill");
    endsRound(bbr);
    expect(bbr).toMatchObject({ phase: "up", isProbeSample: true, ackPhase: "starting" });
  });

  test("up, until delivery grows no more", () => {
    const bbr = known("up");
    for (let i = 0; i < 3; i++) bbr.fullPipe.check(RATE);
    updateCycle(bbr, sample({ cwndLimited: false }), false);
    expect(bbr.phase).toBe("up");
    bbr.fullPipe.check(RATE);
    updateCycle(bbr, sample({ cwndLimited: false }), false);
    expect(bbr.phase).toBe("down");
  });

  test("a bound that holds it back is no plateau", () => {
    const bbr = known("up");
    bbr.inFlightLongterm = BDP;
    bbr.cwnd = 1.1 * BDP;
    for (let i = 0; i < 4; i++) bbr.fullPipe.check(RATE);
    updateCycle(bbr, sample(), false);
    expect(bbr.phase).toBe("up");
    expect(bbr.fullPipe.isNow).toBe(false);
  });

  test("the bound grows by one segment in the first round trip, by two in the second", () => {
    const bbr = known("refill");
    bbr.inFlightLongterm = BDP;
    bbr.cwnd = BDP;
    endsRound(bbr);
    const before = bbr.inFlightLongterm;
    bbr.rounds.update(sample({ priorDelivered: 0 }));
    for (let acked = 0; acked < 50; acked += 2) updateCycle(bbr, sample(), false);
    expect(bbr.inFlightLongterm - before).toBe(MSS);
    bbr.cwnd = bbr.inFlightLongterm;
    endsRound(bbr, { ackedBytes: 0 });
    const second = bbr.inFlightLongterm;
    bbr.rounds.update(sample({ priorDelivered: 0 }));
    for (let acked = 0; acked < 52; acked += 2) {
      bbr.cwnd = bbr.inFlightLongterm;
      updateCycle(bbr, sample(), false);
    }
    expect(bbr.inFlightLongterm - second).toBe(2 * MSS);
  });

  test("too much loss ends it, and sets the bound where that began (§5.5.10.2)", () => {
    const bbr = known("up");
    bbr.isProbeSample = true;
    segmentLost(bbr, lost({ sentInFlight: 1.2 * BDP, lostSinceSent: MSS }));
    expect(bbr.phase).toBe("up");
    segmentLost(bbr, lost({ sentInFlight: 1.2 * BDP, lostSinceSent: 2 * MSS }));
    expect(bbr).toMatchObject({ phase: "down", prevProbeTooHigh: true, isProbeSample: false });
    expect(bbr.inFlightLongterm).toBeGreaterThan(1.1 * BDP);
    expect(bbr.inFlightLongterm).toBeLessThan(1.2 * BDP + MSS);
  });

  test("also when the user limits it, though then the bound stays (§A)", () => {
    const bbr = known("up");
    bbr.isProbeSample = true;
    segmentLost(bbr, lost({ lostSinceSent: 5 * MSS, appLimited: true }));
    expect([bbr.phase, bbr.inFlightLongterm]).toEqual(["down", Number.POSITIVE_INFINITY]);
  });

  test("after that the next probe is a brief one, and the one after it a whole one (§5.3.3.4.2)", () => {
    const bbr = known("up");
    bbr.isProbeSample = true;
    segmentLost(bbr, lost({ lostSinceSent: 5 * MSS }));
    bbr.phase = "up";
    const bound = bbr.inFlightLongterm;
    updateCycle(bbr, sample({ inFlight: bound - MSS, sentInFlight: 0 }), false);
    expect(bbr.phase).toBe("up");
    updateCycle(bbr, sample({ inFlight: bound, sentInFlight: 0 }), false);
    expect(bbr).toMatchObject({ phase: "down", prevProbePrecautionary: true, prevProbeTooHigh: false });
    endsRound(bbr);
    expect(bbr).toMatchObject({ phase: "refill", prevProbePrecautionary: false });
  });
});

test("the bandwidth of two cycles ago is forgotten when a probe has been answered (§5.5.6)", () => {
  const bbr = known("up");
  for (const rate of [0.8, 0.7]) {
    startDown(bbr, 0, at(1_000));
    endsRound(bbr);
    bbr.maxBandwidth.update(sample({ deliveryRate: rate * RATE }), false);
  }
  expect(bbr.bandwidth).toBe(0.8 * RATE);
});
