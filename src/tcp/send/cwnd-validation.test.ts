import { describe, expect, test } from "vitest";
import { established, SACK } from "../../../test/tcp/fixtures.ts";
import { ack } from "../../../test/tcp/segments.ts";
import { type Seq, seq } from "../../base/seq.ts";
import { type Instant, milliseconds, START_OF_TIME, seconds } from "../../base/time.ts";
import { CwndValidation } from "./cwnd-validation.ts";

const at = (ms: number): Instant => (ms * 1_000) as Instant;
const RTO = milliseconds(200);

function validation(): CwndValidation {
  return new CwndValidation(seq(0), START_OF_TIME);
}

describe("whether the window may grow (RFC 7661 §4.1, Linux's tcp_is_cwnd_limited)", () => {
  test("in slow start up to twice of what was sent", () => {
    const cwnd = validation();
    cwnd.sent(false, 5, seq(0), seq(5));
    expect([9, 10].map(window => cwnd.isLimited(window, true))).toEqual([true, false]);
  });

  test("in congestion avoidance only when it held something back", () => {
    const cwnd = validation();
    cwnd.sent(false, 9, seq(0), seq(9));
    expect(cwnd.isLimited(10, false)).toBe(false);
    cwnd.sent(true, 10, seq(0), seq(10));
    expect(cwnd.isLimited(10, false)).toBe(true);
  });

  test("that it was held back counts for the flight in which it was", () => {
    const cwnd = validation();
    cwnd.sent(true, 10, seq(0), seq(10));
    cwnd.sent(false, 4, seq(6), seq(10));
    expect(cwnd.isLimited(10, false)).toBe(true);
    cwnd.sent(false, 4, seq(10), seq(14));
    expect(cwnd.isLimited(10, false)).toBe(false);
  });

  test("the most of a flight counts, not its end", () => {
    const cwnd = validation();
    cwnd.sent(false, 6, seq(0), seq(6));
    cwnd.sent(false, 2, seq(5), seq(7) as Seq);
    expect(cwnd.isLimited(11, true)).toBe(true);
  });
});

describe("a window that is not used", () => {
  test("is told after a retransmission timeout, with the most that was out", () => {
    const cwnd = validation();
    expect(cwnd.underused(3, at(10), RTO)).toBe(undefined);
    expect(cwnd.underused(7, at(100), RTO)).toBe(undefined);
    expect(cwnd.underused(2, at(200), RTO)).toBe(7);
    expect(cwnd.underused(2, at(300), RTO)).toBe(undefined);
    expect(cwnd.underused(2, at(400), RTO)).toBe(2);
  });

  test("one that an acknowledgment let grow meanwhile is not", () => {
    const cwnd = validation();
    cwnd.underused(3, at(10), RTO);
    cwnd.acknowledged(at(150));
    expect(cwnd.underused(2, at(340), RTO)).toBe(undefined);
    expect(cwnd.underused(2, at(350), RTO)).toBe(3);
  });

  test("one that was full meanwhile is not", () => {
    const cwnd = validation();
    cwnd.underused(3, at(10), RTO);
    cwnd.full(at(190));
    expect(cwnd.underused(3, at(200), RTO)).toBe(undefined);
    expect(cwnd.underused(2, at(390), RTO)).toBe(3);
  });
});

describe("a connection", () => {
  const SIZE = 1_460;

  /** With a window of 40 segments. */
  function grown(slowStartAfterIdle: boolean) {
    const bench = established({
      offer: { ...SACK, windowScale: 7 },
      rtt: 50,
      config: { slowStartAfterIdle },
    });
    const { user, peer } = bench;
    let end = 1;
    for (const count of [10, 20]) {
      end += count * SIZE;
      user.sends(count * SIZE);
      peer.takes();
      peer.advance(milliseconds(50));
      peer.sends(ack({ ack: end }));
    }
    expect(bench.connection.info().cwnd).toBe(40 * SIZE);
    return Object.assign(bench, { end });
  }

  test("begins anew with the initial window after an idle time (RFC 5681 §4.1)", () => {
    const { user, peer, connection } = grown(true);
    peer.advance(seconds(5));
    user.sends(40 * SIZE);
    expect(peer.takes()).toHaveLength(10);
    expect(connection.info().cwnd).toBe(10 * SIZE);
  });

  test("loses half for each RTO of it", () => {
    const { user, peer, connection } = grown(true);
    peer.advance(milliseconds(251 + 20));
    user.sends(40 * SIZE);
    expect(connection.info().cwnd).toBe(20 * SIZE);
  });

  test("keeps its window with net.ipv4.tcp_slow_start_after_idle=0", () => {
    const { user, peer } = grown(false);
    peer.advance(seconds(5));
    user.sends(40 * SIZE);
    expect(peer.takes()).toHaveLength(40);
  });

  test("that sends little, with no acknowledgment for an RTO, loses half of what it does not use (RFC 7661)", () => {
    const { user, peer, connection } = grown(true);
    peer.advance(milliseconds(200));
    user.sends(SIZE);
    expect(connection.info().cwnd).toBe(40 * SIZE);
    peer.advance(milliseconds(60));
    user.sends(SIZE);
    expect(connection.info().cwnd).toBe(25 * SIZE);
  });

  test("that sends little and hears acknowledgments keeps its window", () => {
    const bench = grown(true);
    const { user, peer, connection } = bench;
    for (let i = 1; i <= 40; i++) {
      user.sends(SIZE);
      peer.advance(milliseconds(50));
      peer.sends(ack({ ack: bench.end + i * SIZE }));
    }
    expect(connection.info().cwnd).toBe(40 * SIZE);
  });

  test("does not take a zero window for idle time until it opens", () => {
    const { user, peer, connection, end } = grown(true);
    peer.sends(ack({ ack: end, window: 0 }));
    user.sends(40 * SIZE);
    peer.advance(seconds(5));
    expect(connection.info().cwnd).toBe(40 * SIZE);
    peer.takes();
    peer.sends(ack({ ack: end, window: 60_000 }));
    expect(connection.info().cwnd).toBe(10 * SIZE);
  });
});
