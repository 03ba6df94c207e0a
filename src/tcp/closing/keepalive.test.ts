import { describe, expect, test } from "vitest";
import { established, MODERN, synSent } from "../../../test/tcp/fixtures.ts";
import { ack, fin, rst, rstAck, syn, text, times } from "../../../test/tcp/segments.ts";
import { type Duration, type Instant, milliseconds, NEVER, seconds } from "../../base/time.ts";
import { Keepalive } from "./keepalive.ts";

const at = (time: number): Instant => time as Instant;
const us = (time: number): Duration => time as Duration;

function keepalive(enabled = true): Keepalive {
  return new Keepalive({
    keepalive: enabled,
    keepaliveTime: us(100),
    keepaliveInterval: us(10),
    keepaliveProbes: 2,
  });
}

describe("Keepalive: RFC 9293 §3.8.4", () => {
  test("off, it is never due (MUST-25)", () => {
    expect(keepalive(false).deadline(at(0), at(5))).toBe(NEVER);
  });

  test("due so long after the peer was last heard, never in the past", () => {
    expect(keepalive().deadline(at(20), at(50))).toBe(120);
    expect(keepalive().deadline(at(20), at(500))).toBe(500);
  });

  test("once probing, due an interval from now", () => {
    const probing = keepalive();
    probing.probed();
    expect(probing.deadline(at(0), at(100))).toBe(110);
  });

  test("exhausted after so many unanswered probes, not after one (MUST-29)", () => {
    const probing = keepalive();
    probing.probed();
    expect(probing.isExhausted(us(5), us(0))).toBe(false);
    probing.probed();
    expect(probing.isExhausted(us(5), us(0))).toBe(true);
    probing.heard();
    expect([probing.isExhausted(us(5), us(0)), probing.probes]).toEqual([false, 0]);
  });

  test("with a user timeout, exhausted after so long a silence, but not unprobed (RFC 5482)", () => {
    const probing = keepalive();
    expect(probing.isExhausted(us(500), us(300))).toBe(false);
    for (let i = 0; i < 5; i++) probing.probed();
    expect(probing.isExhausted(us(299), us(300))).toBe(false);
    expect(probing.isExhausted(us(300), us(300))).toBe(true);
  });
});

describe("keepalive: RFC 9293 §3.8.4", () => {
  const config = {
    keepalive: true,
    keepaliveTime: seconds(100),
    keepaliveInterval: seconds(10),
    keepaliveProbes: 3,
  };

  test("is off unless asked for (MUST-25)", () => {
    const { peer } = established();
    peer.advance(seconds(100_000));
    peer.expectsNothing();
  });

  test("the default idle time is two hours (MUST-28)", () => {
    const { peer } = established({ config: { keepalive: true } });
    peer.advance(seconds(7_199));
    peer.expectsNothing();
    peer.advance(seconds(2));
    peer.expects(ack({ seq: 0, ack: 101 }));
  });

  test("after so long a silence a probe of no text (SHLD-12); an answer keeps the connection (MUST-26)", () => {
    const { peer, context } = established({ config });
    peer.advance(milliseconds(99_999));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    const probe = peer.expects(ack({ seq: 0, ack: 101 }));
    expect(probe.bytes).toHaveLength(0);
    peer.sends(ack({ ack: 1 }));
    peer.advance(milliseconds(99_999));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    peer.expects(ack({ seq: 0 }));
    expect(context.counters.keepaliveProbes).toBe(2);
  });

  test("one unanswered probe is no proof (MUST-29); all of them are: RST and ETIMEDOUT", () => {
    const { peer, user, connection } = established({ config });
    peer.advance(seconds(129));
    expect(times(peer.takes())).toEqual([100_000, 110_000, 120_000]);
    expect(peer.state).toBe("ESTABLISHED");
    peer.advance(seconds(1));
    peer.expects(rstAck({ seq: 1, ack: 101 }));
    expect(peer.state).toBe("CLOSED");
    expect(connection.error).toBe("ETIMEDOUT");
    expect(user.heard()).toEqual(["closed"]);
  });

  test("a stranger who knows only addresses and ports does not keep the connection of a dead peer", () => {
    const { peer, connection } = established({ config });
    for (let i = 0; i < 130; i++) {
      peer.sends(rst({ seq: 50 }), ack({ seq: 50, ack: 1 }), ack({ seq: 200, ack: 5_000_000 }));
      peer.sends(text("x", { seq: 50, ack: 1 }), syn({ seq: 300 }));
      peer.advance(seconds(1));
    }
    expect(connection.error).toBe("ETIMEDOUT");
  });

  test("whatever the peer says starts the silence anew", () => {
    const { peer, user } = established({ config });
    peer.advance(seconds(60));
    peer.sends(text("x"));
    user.reads();
    peer.advance(milliseconds(99_999));
    expect(peer.takes().filter(seen => seen.seq === 0)).toEqual([]);
    peer.advance(milliseconds(1));
    peer.expects(ack({ seq: 0 }));
  });

  test("text in flight has its own timer: no probes meanwhile", () => {
    const { peer, user, context } = established({ config: { ...config, keepaliveTime: seconds(1) } });
    user.sends("abc");
    peer.advance(seconds(300));
    expect(context.counters.keepaliveProbes).toBe(0);
    expect(peer.takes().every(seen => seen.seq === 1)).toBe(true);
    peer.sends(ack());
    peer.advance(milliseconds(1_100));
    expect(context.counters.keepaliveProbes).toBe(1);
  });

  test("can be turned on, with its time, and off at any time (MAY-5, MUST-24, MUST-27)", () => {
    const bench = established();
    const { peer, connection } = bench;
    peer.advance(seconds(50));
    connection.setKeepalive(true, seconds(60));
    bench.settleIfWoken();
    peer.advance(seconds(9));
    peer.expectsNothing();
    peer.advance(seconds(1));
    peer.expects(ack({ seq: 0 }));
    peer.sends(ack({ ack: 1 }));
    connection.setKeepalive(false);
    bench.settleIfWoken();
    peer.advance(seconds(1_000));
    peer.expectsNothing();
  });

  test("a shorter time counts at once", () => {
    const bench = established({ config });
    bench.connection.setKeepalive(true, seconds(10));
    bench.settleIfWoken();
    bench.advance(milliseconds(9_999));
    bench.peer.expectsNothing();
    bench.advance(milliseconds(1));
    bench.peer.expects(ack({ seq: 0 }));
  });

  test("turned on after a long silence, the first probe is an idle time away, as on Linux", () => {
    const bench = established({ config: { keepaliveTime: seconds(60) } });
    bench.advance(seconds(500));
    bench.connection.setKeepalive(true);
    bench.settleIfWoken();
    bench.advance(milliseconds(59_999));
    bench.peer.expectsNothing();
    bench.advance(milliseconds(1));
    bench.peer.expects(ack({ seq: 0 }));
  });

  test("with a shorter time after a long silence, the first probe goes at once", () => {
    const bench = established();
    bench.advance(seconds(500));
    bench.connection.setKeepalive(true, seconds(60));
    bench.settleIfWoken();
    bench.advance(milliseconds(1));
    bench.peer.expects(ack({ seq: 0 }));
  });

  test("a half-closed connection is probed as well", () => {
    const { peer } = established({ config });
    peer.sends(fin());
    peer.takes();
    peer.advance(seconds(100));
    peer.expects(ack({ seq: 0, ack: 102 }));
  });

  test("no probes before the connection is established", () => {
    const { peer, context } = synSent({ config: { ...config, keepaliveTime: seconds(1) } });
    peer.advance(seconds(120));
    expect(context.counters.keepaliveProbes).toBe(0);
  });

  test("our answer to the peer's probe", () => {
    const { peer } = established({ offer: MODERN });
    peer.sends(ack({ seq: 100 }));
    peer.expects(ack({ seq: 1, ack: 101 }));
  });
});
