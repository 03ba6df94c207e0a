import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { START_OF_TIME } from "../../base/time.ts";
import { AckSample } from "./congestion-control.ts";
import { FixedWindow } from "./fixed.ts";
import { Reno } from "./reno.ts";

const MSS = 1_000;
const NOW = START_OF_TIME;

function reno(segments = 10): Reno {
  return new Reno({ mss: MSS, initialWindow: segments * MSS });
}

function acked(bytes: number, changes: Partial<AckSample> = {}): AckSample {
  return Object.assign(new AckSample(), { ackedBytes: bytes, cwndLimited: true }, changes);
}

/** A Reno in congestion avoidance, with a window of so many segments. */
function avoiding(segments: number): Reno {
  const control = reno();
  control.onCongestion("loss", acked(0, { priorInFlight: 2 * segments * MSS }));
  while (control.cwnd < segments * MSS) control.onAck(acked(control.cwnd));
  return control;
}

describe("slow start: RFC 5681 §3.1", () => {
  test("the window grows by what is acknowledged: it doubles in a round trip", () => {
    const control = reno();
    for (let i = 0; i < 10; i++) control.onAck(acked(MSS));
    expect(control.cwnd).toBe(20 * MSS);
    control.onAck(acked(20 * MSS));
    expect(control.cwnd).toBe(40 * MSS);
  });

  test("not when the window was not what held the sender back (RFC 7661)", () => {
    const control = reno();
    control.onAck(acked(MSS, { cwndLimited: false }));
    expect(control.cwnd).toBe(10 * MSS);
  });

  test("up to ssthresh; what is over counts for congestion avoidance", () => {
    const control = reno();
    control.onTimeout(20 * MSS, NOW);
    expect([control.cwnd, control.ssthresh]).toEqual([MSS, 5 * MSS + 0 * MSS]);
    control.onAck(acked(4 * MSS + 500));
    expect(control.cwnd).toBe(5 * MSS);
    // 500 of the 5000 that the next segment costs have been paid.
    control.onAck(acked(4_499));
    expect(control.cwnd).toBe(5 * MSS);
    control.onAck(acked(1));
    expect(control.cwnd).toBe(6 * MSS);
  });
});

describe("congestion avoidance: RFC 5681 §3.1", () => {
  test("one segment for each window's worth of acknowledged bytes", () => {
    const control = avoiding(5);
    const { cwnd } = control;
    for (let sum = 0; sum < cwnd - MSS; sum += MSS) control.onAck(acked(MSS));
    expect(control.cwnd).toBe(cwnd);
    control.onAck(acked(MSS));
    expect(control.cwnd).toBe(cwnd + MSS);
  });

  test("grows linearly: ten round trips, ten segments", () => {
    const control = avoiding(5);
    const start = control.cwnd;
    for (let trip = 0; trip < 10; trip++) control.onAck(acked(control.cwnd));
    expect(control.cwnd).toBe(start + 10 * MSS);
  });
});

describe("loss", () => {
  test("found by acknowledgments: half of what is in flight (equation 4)", () => {
    const control = reno(20);
    control.onCongestion("loss", acked(0, { priorInFlight: 16 * MSS }));
    expect([control.cwnd, control.ssthresh]).toEqual([8 * MSS, 8 * MSS]);
    control.onRecovered(acked(0));
    expect(control.cwnd).toBe(8 * MSS);
  });

  test("at least two segments", () => {
    const control = reno();
    control.onCongestion("loss", acked(0, { priorInFlight: MSS }));
    expect([control.cwnd, control.ssthresh]).toEqual([2 * MSS, 2 * MSS]);
  });

  test("a window that was not filled is not the measure", () => {
    const control = reno(100);
    control.onCongestion("loss", acked(0, { priorInFlight: 10 * MSS }));
    expect(control.ssthresh).toBe(5 * MSS);
  });

  test("found by timeout: one segment (the loss window), and half of what was in flight", () => {
    const control = reno();
    control.onTimeout(8 * MSS, NOW);
    expect([control.cwnd, control.ssthresh]).toEqual([MSS, 4 * MSS]);
  });

  test("a later timeout of the same data leaves ssthresh", () => {
    const control = reno();
    control.onTimeout(8 * MSS, NOW);
    control.onTimeout(0, NOW);
    expect([control.cwnd, control.ssthresh]).toEqual([MSS, 4 * MSS]);
  });

  test("that was none is undone", () => {
    const control = reno();
    control.onTimeout(8 * MSS, NOW);
    control.onSpurious();
    expect([control.cwnd, control.ssthresh]).toEqual([10 * MSS, Number.POSITIVE_INFINITY]);
    const other = reno();
    other.onCongestion("loss", acked(0, { priorInFlight: 8 * MSS }));
    other.onSpurious();
    expect([other.cwnd, other.ssthresh]).toEqual([10 * MSS, Number.POSITIVE_INFINITY]);
  });
});

describe("the rest", () => {
  test("after an idle time the initial window, if the window was larger (RFC 5681 §4.1)", () => {
    const control = reno();
    control.onAck(acked(50 * MSS));
    control.onIdleRestart(NOW);
    expect(control.cwnd).toBe(10 * MSS);
    control.onTimeout(5 * MSS, NOW);
    control.onIdleRestart(NOW);
    expect(control.cwnd).toBe(MSS);
  });

  test("a larger segment size raises a window that is smaller than one segment", () => {
    const control = reno();
    control.onTimeout(5 * MSS, NOW);
    control.onSegmentSize(3 * MSS);
    expect(control.cwnd).toBe(3 * MSS);
  });

  test("the window is never smaller than a segment, whatever happens", () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant("ack" as const), bytes: fc.nat(50_000) }),
      fc.record({ kind: fc.constant("loss" as const), bytes: fc.nat(50_000) }),
      fc.record({ kind: fc.constant("timeout" as const), bytes: fc.nat(50_000) }),
      fc.record({ kind: fc.constant("idle" as const), bytes: fc.constant(0) }),
      fc.record({ kind: fc.constant("spurious" as const), bytes: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), events => {
        const control = reno();
        for (const { kind, bytes } of events) {
          if (kind === "ack") control.onAck(acked(bytes));
          else if (kind === "loss") control.onCongestion("loss", acked(0, { priorInFlight: bytes }));
          else if (kind === "timeout") control.onTimeout(bytes, NOW);
          else if (kind === "idle") control.onIdleRestart(NOW);
          else control.onSpurious();
          expect(control.cwnd).toBeGreaterThanOrEqual(MSS);
          expect(control.ssthresh).toBeGreaterThanOrEqual(2 * MSS);
        }
      }),
    );
  });
});

test("FixedWindow never moves", () => {
  const control = new FixedWindow({ mss: MSS, initialWindow: 7 * MSS });
  control.onAck();
  control.onCongestion();
  control.onTimeout();
  control.onIdleRestart();
  control.onSegmentSize();
  expect(control.cwnd).toBe(7 * MSS);
});
