import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acked, MSS, parameters } from "../../../test/tcp/congestion.ts";
import { milliseconds, START_OF_TIME, seconds } from "../../base/time.ts";
import { FixedWindow } from "./fixed.ts";
import { Reno } from "./reno.ts";

const NOW = START_OF_TIME;

function reno(segments = 10): Reno {
  return new Reno(parameters({ initialWindow: segments * MSS }));
}

/** A Reno in congestion avoidance, with a window of so many segments. */
function avoiding(segments: number): Reno {
  const control = reno(2 * segments);
  control.onCongestion("loss", acked(0));
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
    control.onTimeout(true, 0, NOW);
    expect([control.cwnd, control.ssthresh]).toEqual([MSS, 5 * MSS]);
    control.onAck(acked(5 * MSS));
    expect(control.cwnd).toBe(5 * MSS);
    // One of the five that the next segment costs has been paid.
    control.onAck(acked(3 * MSS));
    expect(control.cwnd).toBe(5 * MSS);
    control.onAck(acked(MSS));
    expect(control.cwnd).toBe(6 * MSS);
  });
});

describe("congestion avoidance: RFC 5681 §3.1", () => {
  test("one segment for each window's worth of acknowledged bytes", () => {
    const control = avoiding(5);
    for (let sum = 0; sum < 4 * MSS; sum += MSS) control.onAck(acked(MSS));
    expect(control.cwnd).toBe(5 * MSS);
    control.onAck(acked(MSS));
    expect(control.cwnd).toBe(6 * MSS);
  });

  test("grows linearly: ten round trips, ten segments", () => {
    const control = avoiding(5);
    for (let trip = 0; trip < 10; trip++) control.onAck(acked(control.cwnd));
    expect(control.cwnd).toBe(15 * MSS);
  });
});

describe("loss", () => {
  test("found by acknowledgments: half of the window (equation 4)", () => {
    const control = reno(16);
    control.onCongestion("loss", acked(0));
    expect([control.cwnd, control.ssthresh]).toEqual([8 * MSS, 8 * MSS]);
    control.onRecovered(acked(0));
    expect(control.cwnd).toBe(8 * MSS);
  });

  test("whole segments, at least two", () => {
    const odd = reno(5);
    odd.onCongestion("loss", acked(0));
    expect(odd.ssthresh).toBe(2 * MSS);
    const control = reno(3);
    control.onCongestion("loss", acked(0));
    expect([control.cwnd, control.ssthresh]).toEqual([2 * MSS, 2 * MSS]);
  });

  test("during recovery somebody else may say what is in flight; after it the window is ssthresh", () => {
    const control = reno(16);
    control.onCongestion("loss", acked(0));
    control.limitTo(13 * MSS);
    expect(control.cwnd).toBe(13 * MSS);
    control.onRecovered(acked(0));
    expect(control.cwnd).toBe(8 * MSS);
  });

  test("found by timeout: one segment (the loss window) beside what may still arrive", () => {
    const control = reno(8);
    control.onTimeout(true, 0, NOW);
    expect([control.cwnd, control.ssthresh]).toEqual([MSS, 4 * MSS]);
    const other = reno(8);
    other.onTimeout(true, 3 * MSS, NOW);
    expect([other.cwnd, other.ssthresh]).toEqual([4 * MSS, 4 * MSS]);
  });

  test("a later timeout of the same data leaves ssthresh", () => {
    const control = reno(8);
    control.onTimeout(true, 0, NOW);
    control.onTimeout(false, 0, NOW);
    expect([control.cwnd, control.ssthresh]).toEqual([MSS, 4 * MSS]);
  });

  test("that was none is undone", () => {
    const control = reno();
    control.onTimeout(true, 0, NOW);
    control.onSpurious();
    expect(control.cwnd).toBe(10 * MSS);
    expect(control.ssthresh).toBe(Number.POSITIVE_INFINITY);
    const other = reno();
    other.onCongestion("loss", acked(0));
    other.onSpurious();
    expect([other.cwnd, other.ssthresh]).toEqual([10 * MSS, Number.POSITIVE_INFINITY]);
  });
});

describe("a window that is not used", () => {
  test("halves for each RTO of idle time, down to the initial one; ssthresh remembers it (RFC 5681 §4.1, RFC 2861)", () => {
    const idle = (rtos: number): number[] => {
      const control = reno();
      control.onAck(acked(70 * MSS));
      control.onIdleRestart(milliseconds(rtos * 200), milliseconds(200));
      return [control.cwnd / MSS, control.ssthresh];
    };
    expect(idle(1.5)).toEqual([40, Number.POSITIVE_INFINITY]);
    expect(idle(2.5)).toEqual([20, Number.POSITIVE_INFINITY]);
    expect(idle(100)).toEqual([10, Number.POSITIVE_INFINITY]);
    const control = avoiding(80);
    control.onIdleRestart(seconds(100), milliseconds(200));
    expect([control.cwnd, control.ssthresh]).toEqual([80 * MSS, 80 * MSS]);
  });

  test("a window below the initial one stays", () => {
    const control = reno();
    control.onTimeout(true, 0, NOW);
    control.onIdleRestart(seconds(100), milliseconds(200));
    expect(control.cwnd).toBe(MSS);
  });

  test("moves half of the way to what was used, and not below the initial one (RFC 7661)", () => {
    const control = reno();
    control.onAck(acked(70 * MSS));
    control.onUnderused(20 * MSS);
    expect(control.cwnd).toBe(50 * MSS);
    control.onUnderused(MSS);
    expect(control.cwnd).toBe(30 * MSS);
    const small = reno();
    small.onUnderused(MSS);
    expect(small.cwnd).toBe(10 * MSS);
  });
});

describe("another segment size (RFC 4821 §7.2: the window is not raised)", () => {
  test("smaller segments: as many as before", () => {
    const control = reno();
    control.onSegmentSize(MSS / 2);
    expect(control.cwnd).toBe((10 * MSS) / 2);
  });

  test("larger ones: as many bytes, but one segment at least", () => {
    const control = reno();
    control.onSegmentSize(3 * MSS);
    expect(control.cwnd).toBe(9 * MSS);
    control.onTimeout(true, 0, NOW);
    control.onSegmentSize(5 * MSS);
    expect(control.cwnd).toBe(5 * MSS);
  });
});

test("the window is never smaller than a segment, and always whole segments, whatever happens", () => {
  const kinds = ["ack", "loss", "timeout", "idle", "spurious", "unused", "limit"] as const;
  const event = fc.record({ kind: fc.constantFrom(...kinds), segments: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), events => {
      const control = reno();
      for (const { kind, segments } of events) {
        const bytes = segments * MSS;
        if (kind === "ack") control.onAck(acked(bytes));
        else if (kind === "loss") control.onCongestion("loss", acked(0));
        else if (kind === "timeout") control.onTimeout(segments % 2 === 0, bytes, NOW);
        else if (kind === "idle") control.onIdleRestart(milliseconds(bytes), milliseconds(200));
        else if (kind === "unused") control.onUnderused(bytes);
        else if (kind === "limit") control.limitTo(bytes);
        else control.onSpurious();
        expect(control.cwnd).toBeGreaterThanOrEqual(MSS);
        expect(control.cwnd % MSS).toBe(0);
        expect(control.ssthresh).toBeGreaterThanOrEqual(2 * MSS);
      }
    }),
  );
});

test("FixedWindow never moves", () => {
  const control = new FixedWindow(parameters({ initialWindow: 7 * MSS }));
  control.onAck();
  control.onCongestion();
  control.onTimeout();
  control.onIdleRestart();
  control.onSegmentSize();
  expect(control.cwnd).toBe(7 * MSS);
});
