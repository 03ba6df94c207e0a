import { describe, expect, test } from "vitest";
import { at, BDP, known, RTT, sample } from "../../../../test/tcp/bbr.ts";
import { MSS } from "../../../../test/tcp/congestion.ts";
import { checkProbeRtt, probeRttWindow } from "./probe-rtt.ts";
import type { BbrState } from "./state.ts";

/** Five seconds without a smaller round trip. */
function expired(): BbrState {
  const bbr = known("cruise");
  bbr.minRtt.update(RTT, at(5_001));
  return bbr;
}

const ack = (ms: number, inFlight: number, priorDelivered = 0) =>
  sample({ now: at(ms), inFlight, priorDelivered });

describe("ProbeRTT (§5.3.4)", () => {
  test("begins after five seconds, and wants half of what the path holds in flight", () => {
    const bbr = expired();
    checkProbeRtt(bbr, ack(5_001, BDP));
    expect(bbr.phase).toBe("probe-rtt");
    expect(probeRttWindow(bbr)).toBe(BDP / 2);
  });

  test("lasts 200 ms and a round trip from when so little is in flight, then goes on where it was", () => {
    const bbr = expired();
    const before = bbr.cwnd;
    checkProbeRtt(bbr, ack(5_001, BDP));
    bbr.cwnd = BDP / 2;
    checkProbeRtt(bbr, ack(5_050, BDP / 2 + MSS));
    expect(bbr.probeRttDoneAt).toBe(undefined);
    checkProbeRtt(bbr, ack(5_060, BDP / 2));
    const roundEnd = sample({ now: at(5_100), inFlight: BDP / 2, priorDelivered: 1_000 * MSS });
    bbr.rounds.update(roundEnd);
    checkProbeRtt(bbr, roundEnd);
    expect(bbr.phase).toBe("probe-rtt");
    checkProbeRtt(bbr, ack(5_260, BDP / 2));
    expect(bbr.phase).toBe("probe-rtt");
    checkProbeRtt(bbr, ack(5_261, BDP / 2));
    expect(bbr.phase).toBe("cruise");
    expect(bbr.cwnd).toBe(before);
  });

  test("goes back to Startup when the pipe was never full", () => {
    const bbr = expired();
    bbr.fullPipe.isReached = false;
    bbr.phase = "probe-rtt";
    bbr.probeRttDoneAt = at(5_200);
    bbr.probeRttRoundDone = true;
    checkProbeRtt(bbr, ack(5_201, MSS));
    expect(bbr.phase).toBe("startup");
  });

  test("is not needed after a pause of the user's (§A)", () => {
    const bbr = expired();
    bbr.idleRestart = true;
    checkProbeRtt(bbr, ack(5_001, BDP));
    expect([bbr.phase, bbr.idleRestart]).toEqual(["cruise", false]);
  });
});
