import { describe, expect, test } from "vitest";
import type { Bench } from "../../../test/tcp/bench.ts";
import { established, type FixtureOptions, FULL } from "../../../test/tcp/fixtures.ts";
import { ack, text, times } from "../../../test/tcp/segments.ts";
import { seq } from "../../base/seq.ts";
import { type Duration, type Instant, milliseconds, seconds } from "../../base/time.ts";
import { Plpmtud } from "./plpmtud.ts";

const at = (time: number): Instant => time as Instant;

describe("Plpmtud: RFC 4821 §7", () => {
  test("probes half-way between what passes and what may, above what is in use", () => {
    const search = new Plpmtud(552, 1_500, 640, at(0));
    expect(search.next(1_500, 8)).toBe(1_026);
    expect(new Plpmtud(552, 1_500, 1_200, at(0)).next(1_500, 8)).toBe(0);
    expect(new Plpmtud(552, 1_500, 640, at(0)).next(800, 8)).toBe(676);
  });

  test("one probe at a time; its arrival raises the limit (§7.6.2)", () => {
    const search = new Plpmtud(552, 1_500, 640, at(0));
    search.sent(1_026, seq(1), seq(987));
    expect(search.next(1_500, 8)).toBe(0);
    expect(search.acknowledged(seq(986))).toBe(false);
    expect(search.acknowledged(seq(987))).toBe(true);
    expect([search.limit, search.low, search.next(1_500, 8)]).toEqual([1_026, 1_026, 1_263]);
  });

  test("its loss lowers what may pass, and the limit stays (§7.6.3)", () => {
    const search = new Plpmtud(552, 1_500, 640, at(0));
    search.sent(1_026, seq(1), seq(987));
    expect(search.lost(seq(987))).toBe(false);
    expect(search.lost(seq(1))).toBe(true);
    expect([search.limit, search.high, search.next(1_500, 8)]).toEqual([640, 1_025, 788]);
    expect(search.lost(seq(1))).toBe(false);
  });

  test("the search ends where less than the threshold is left, and begins anew after a while (§7.8)", () => {
    const search = new Plpmtud(1_490, 1_500, 1_490, at(0));
    expect(search.next(1_500, 11)).toBe(0);
    search.searchAgain(9_000, 600 as Duration, at(599));
    expect(search.next(9_000, 11)).toBe(0);
    search.searchAgain(9_000, 600 as Duration, at(600));
    expect(search.next(9_000, 11)).toBe((9_000 + 1_490) >> 1);
  });

  test("a black hole: down to the base, then half and half again, to the floor (§7.7)", () => {
    const search = new Plpmtud(1_064, 1_500, 1_500, at(0));
    const limits = [];
    for (let i = 0; i < 7; i++) {
      search.blackHole(1_024, 48, 40);
      limits.push(search.limit - 40);
    }
    expect(limits).toEqual([1_024, 512, 256, 128, 64, 48, 48]);
  });
});

/** A connection whose path was found to take 700 bytes, and takes 1500 now: text of 660 and of 1460. */
function searching(options: FixtureOptions = {}): Bench {
  const bench = established({
    mtu: 700,
    ...options,
    config: { mtuProbing: 2, baseMss: 512, initialWindow: 20, ...options.config },
  });
  bench.path.mtu = 1_500;
  return bench;
}

const PROBE = 986;

describe("probes for larger packets", () => {
  test("are the first segment where enough text follows to show their loss; the others stay as they were", () => {
    const { peer, user, context } = searching();
    user.sends(5_000);
    peer.expects(text(PROBE, { seq: 1 }));
    peer.expects(text(660, { seq: 1 + PROBE }));
    peer.takes();
    expect(context.counters.mtuProbes).toBe(1);
    peer.sends(ack({ ack: 5_001 }));
    user.sends(2_000);
    peer.expects(text(PROBE, { seq: 5_001 }));
    peer.expects(text(PROBE, { seq: 5_001 + PROBE }));
    expect(context.counters.mtuProbesArrived).toBe(1);
  });

  test("are not sent with less text, in a smaller window, or in a small congestion window", () => {
    const little = searching();
    little.user.sends(PROBE + 4 * 660 - 1);
    little.peer.expects(text(660));
    const narrow = searching();
    narrow.peer.sends(ack({ window: 3_000 }));
    narrow.user.sends(5_000);
    narrow.peer.expects(text(660));
    const slow = searching({ config: { mtuProbing: 2, baseMss: 512, initialWindow: 10 } });
    slow.user.sends(5_000);
    slow.peer.expects(text(660));
  });

  test("when one alone is lost its text goes out again in smaller pieces, and the window stays (§7.6.3)", () => {
    const { peer, user, connection, context } = searching({ offer: { mss: FULL, sackPermitted: true } });
    const { cwnd } = connection.congestion;
    user.sends(6_000);
    peer.takes();
    for (const end of [660, 1_320, 1_980]) {
      peer.sends(ack({ ack: 1, sack: [[1 + PROBE, 1 + PROBE + end]] }));
    }
    peer.advance(milliseconds(5));
    const again = peer.takes();
    expect(again.map(seen => [seen.seq, seen.bytes.length])).toEqual([
      [1, 660],
      [661, PROBE - 660],
    ]);
    expect(connection.congestion.cwnd).toBeGreaterThanOrEqual(cwnd);
    // What goes out again is followed, and is no sign of congestion.
    expect(connection.recovery.state).toBe("loss");
    expect(context.counters).toMatchObject({ mtuProbesLost: 1, fastRecoveries: 0 });
    peer.sends(ack({ ack: 6_001 }));
    expect(connection.info()).toMatchObject({ recovery: "open", ssthresh: Number.POSITIVE_INFINITY });
  });

  test("when the timer runs out nothing is learned from it (§7.6.4)", () => {
    const { peer, user, connection } = searching();
    user.sends(5_000);
    peer.advance(milliseconds(300));
    peer.sends(ack({ ack: 5_001 }));
    expect(connection.probing?.limit).toBe(700);
    expect(connection.probing?.high).toBe(1_500);
  });

  test("none where the search is off, or where the path is known to take what the peer takes", () => {
    const off = established();
    off.user.sends(10 * FULL);
    expect(off.connection.probing).toBeUndefined();
    const known = established({ config: { mtuProbing: 2, initialWindow: 20 } });
    known.user.sends(20 * FULL);
    known.peer.expects(text(FULL));
    expect(known.context.counters.mtuProbes).toBe(0);
  });
});

describe("a path that swallows large packets without a word: RFC 4821 §7.7, RFC 2923 §2.1", () => {
  test("after R1 segments shrink, and again with each timeout", () => {
    const { peer, user } = established({ config: { mtuProbing: 1 } });
    user.sends(3 * FULL);
    peer.advance(seconds(13));
    const sizes = peer.takes().filter(seen => seen.seq === 1);
    expect(times(sizes)).toEqual([0, 200, 600, 1_400, 3_000, 6_200, 12_600]);
    expect(sizes.map(seen => seen.bytes.length)).toEqual([FULL, FULL, FULL, FULL, FULL, 1_024, 512]);
  });

  test("once they pass, the search goes up from there", () => {
    const { peer, user, connection } = established({ config: { mtuProbing: 1 } });
    user.sends(20 * FULL);
    peer.advance(seconds(7));
    expect(connection.tcb.snd.mss).toBe(1_024);
    for (let i = 0; i < 200 && connection.tcb.outstanding > 0; i++) {
      peer.takes();
      peer.sends(ack());
      peer.advance(milliseconds(10));
      if (i < 30) user.sends(10 * FULL);
    }
    expect(connection.probing?.limit).toBeGreaterThan(1_200);
  });

  test("without the setting they do not", () => {
    const { peer, user } = established();
    user.sends(FULL);
    peer.advance(seconds(100));
    expect(peer.takes().every(seen => seen.bytes.length === FULL)).toBe(true);
  });
});
