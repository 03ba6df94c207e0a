import { describe, expect, test } from "vitest";
import { established, SACK } from "../../../test/tcp/fixtures.ts";
import { ack } from "../../../test/tcp/segments.ts";
import { type Duration, type Instant, milliseconds, seconds } from "../../base/time.ts";
import { setMaxPacingRate } from "../connection-options.ts";
import { Pacer, windowRate } from "./pacing.ts";

const RATIOS = { pacingSlowStartRatio: 200, pacingAvoidanceRatio: 120 };
const NONE = 0 as Duration;

describe("the rate, as in Linux's tcp_update_pacing_rate", () => {
  const rate = (cwnd: number, ssthresh: number, out = 0): number =>
    windowRate({ cwnd, ssthresh }, out, milliseconds(100), RATIOS);

  test("is two windows a round trip in slow start, 1.2 after it and shortly before its end", () => {
    expect(rate(10_000, Number.POSITIVE_INFINITY)).toBe(200_000);
    expect(rate(10_000, 30_000)).toBe(200_000);
    expect(rate(10_000, 20_000)).toBe(120_000);
    expect(rate(10_000, 5_000)).toBe(120_000);
  });

  test("counts what is out when that is more than the window", () => {
    expect(rate(5_000, 5_000, 10_000)).toBe(120_000);
  });

  test("has no bound before the round trip is known", () => {
    expect(windowRate({ cwnd: 1, ssthresh: 1 }, 0, NONE, RATIOS)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a pacer", () => {
  const at = (ms: number): Instant => (ms * 1_000) as Instant;

  /** Past the ten segments that are not paced. */
  function started(now: Instant): Pacer {
    const pacer = new Pacer();
    pacer.sent(10_000, 10, 1_000_000, now);
    return pacer;
  }

  test("lets the first ten segments of a connection go", () => {
    const pacer = started(at(5));
    expect(pacer.next).toBe(at(5));
    pacer.sent(1_000, 1, 1_000_000, at(5));
    expect(pacer.next).toBe(at(6));
  });

  test("spaces what follows by its size", () => {
    const pacer = started(at(5));
    pacer.sent(2_000, 2, 1_000_000, at(5));
    pacer.sent(3_000, 3, 1_000_000, at(7));
    expect(pacer.next).toBe(at(10));
  });

  test("makes up for being late, by half of the space at most", () => {
    const pacer = started(at(0));
    pacer.sent(4_000, 4, 1_000_000, at(0));
    pacer.sent(4_000, 4, 1_000_000, at(5));
    expect(pacer.next).toBe(at(8));
    pacer.sent(4_000, 4, 1_000_000, at(100));
    expect(pacer.next).toBe(at(102));
  });

  test("holds nothing back without a rate", () => {
    const pacer = started(at(0));
    pacer.sent(4_000, 4, Number.POSITIVE_INFINITY, at(1));
    expect(pacer.next).toBe(at(1));
  });
});

describe("a connection", () => {
  const SIZE = 1_460;

  test("that is not paced has no pacer and no timer", () => {
    const { user, connection } = established({ offer: SACK, rtt: 100 });
    user.sends(30 * SIZE);
    expect(connection.pacer).toBe(undefined);
    expect(connection.timers.pacing).toBe(Number.POSITIVE_INFINITY);
  });

  test("with a largest rate sends ten segments at once, and then at that rate, though the window is open", () => {
    const { user, peer, connection } = established({ offer: SACK, rtt: 100, config: { tsoUnits: false } });
    setMaxPacingRate(connection, 10 * SIZE);
    user.sends(10 * SIZE);
    expect(peer.takes()).toHaveLength(10);
    peer.sends(ack({ ack: 1 + 10 * SIZE }));
    user.sends(15 * SIZE);
    expect(peer.takes()).toHaveLength(1);
    peer.advance(milliseconds(99));
    expect(peer.takes()).toHaveLength(0);
    peer.advance(milliseconds(1));
    expect(peer.takes()).toHaveLength(1);
  });

  test("waits for its pace with nothing in flight, and does not take that for a closed window", () => {
    const { user, peer, connection } = established({ offer: SACK, rtt: 100, config: { tsoUnits: false } });
    setMaxPacingRate(connection, SIZE / 2);
    user.sends(11 * SIZE);
    peer.takes();
    peer.sends(ack({ ack: 1 + 10 * SIZE }));
    peer.takes();
    peer.sends(ack({ ack: 1 + 11 * SIZE }));
    user.sends(SIZE);
    peer.advance(seconds(1));
    expect(connection.info().windowProbes).toBe(0);
    peer.advance(milliseconds(1_001));
    expect(peer.takes()).toHaveLength(1);
  });

  test("is paced by its window where the host paces all", () => {
    const { user, peer } = established({ offer: SACK, rtt: 100, config: { pacing: true, tsoUnits: false } });
    user.sends(40 * SIZE);
    expect(peer.takes()).toHaveLength(10);
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1 + 10 * SIZE }));
    // Twenty in 50 ms: one each 2.5 ms.
    expect(peer.takes()).toHaveLength(1);
    peer.advance(milliseconds(26));
    const count = peer.takes().length;
    expect(count).toBeGreaterThanOrEqual(9);
    expect(count).toBeLessThanOrEqual(12);
  });
});
