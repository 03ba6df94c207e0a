import { describe, expect, test } from "vitest";
import {
  accepted,
  established,
  FULL,
  finWait1,
  lastAck,
  MODERN,
  SACK,
  synSent,
} from "../../test/tcp/fixtures.ts";
import { ack, fin, rstAck, type SeenSegment, text } from "../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { tcpConfig } from "./tcp-config.ts";
import { giveUpAfter } from "./timeouts.ts";

/** When segments left, in ms after `start`, rounded: the handshake's 1 µs of round trip does not matter. */
function times(seen: readonly SeenSegment[], start = 0): number[] {
  return seen.map(one => Math.round((one.at - start) / 1_000));
}

describe("the retransmission timer: RFC 6298 §5", () => {
  test("text goes out again after 200 ms, and then after twice as long each time (MUST-19)", () => {
    const { peer, user } = established();
    user.sends("abc");
    peer.takes();
    peer.advance(seconds(20));
    const again = peer.takes();
    expect(times(again)).toEqual([200, 600, 1_400, 3_000, 6_200, 12_600]);
    for (const seen of again) expect(seen).toMatchObject({ seq: 1, flags: "A" });
  });

  test("the timeout grows to 120 s at most", () => {
    const { peer, user } = established();
    user.sends("abc");
    peer.takes();
    peer.advance(seconds(900));
    const at = times(peer.takes());
    const gaps = at.slice(1).map((time, i) => time - (at[i] as number));
    expect(Math.max(...gaps)).toBe(120_000);
    expect(gaps.slice(-3)).toEqual([120_000, 120_000, 120_000]);
  });

  test("R2: after 924.6 s the connection is given up, with ETIMEDOUT (MUST-20)", () => {
    const { peer, user, connection } = established();
    user.sends("abc");
    peer.advance(milliseconds(924_599));
    expect(peer.state).toBe("ESTABLISHED");
    expect(peer.takes()).toHaveLength(16);
    peer.advance(milliseconds(10));
    expect(peer.state).toBe("CLOSED");
    expect(connection.error).toBe("ETIMEDOUT");
    expect(user.heard()).toEqual(["closed"]);
    expect(connection.info().retransmissions.timeout).toBe(15);
  });

  test("R2 is as many doublings as configured, from the least timeout", () => {
    expect(giveUpAfter(tcpConfig())).toBe(milliseconds(924_600));
    expect(giveUpAfter(tcpConfig({ retries2: 3 }))).toBe(milliseconds(200 + 400 + 800 + 1_600));
  });

  test("progress counts the time anew", () => {
    const { peer, user } = established();
    user.sends(FULL);
    user.sends(FULL);
    peer.advance(seconds(900));
    peer.sends(ack({ ack: 1 + FULL }));
    peer.advance(seconds(800));
    expect(peer.state).toBe("CLOSED");
    const other = established();
    other.user.sends("abc");
    other.advance(seconds(900));
    other.peer.sends(ack());
    other.user.sends("def");
    other.advance(seconds(900));
    expect(other.state).toBe("ESTABLISHED");
  });

  test("a FIN goes out again too, in FIN-WAIT-1 and LAST-ACK", () => {
    for (const [bench, rcvNxt] of [
      [finWait1(), 101],
      [lastAck(), 102],
    ] as const) {
      bench.peer.advance(milliseconds(700));
      bench.peer.expects(fin({ seq: 1, ack: rcvNxt }));
      bench.peer.expects(fin({ seq: 1, ack: rcvNxt }));
      bench.peer.expectsNothing();
    }
  });

  test("a lost FIN with the text before it: both, in one segment", () => {
    const { peer, user } = established();
    user.sends("abc");
    user.closes();
    peer.takes();
    peer.advance(milliseconds(201));
    peer.expects(text("abc", { seq: 1 }));
    peer.sends(ack({ ack: 4 }));
    peer.expects(fin({ seq: 4 }));
  });

  test("the timer starts anew with each acknowledgment of new text (§5.3), and stops with the last (§5.2)", () => {
    const { peer, user } = established();
    user.sends(FULL);
    user.sends(FULL);
    peer.takes();
    peer.advance(milliseconds(150));
    peer.sends(ack({ ack: 1 + FULL }));
    peer.advance(milliseconds(150));
    peer.expectsNothing();
    peer.sends(ack({ ack: 1 + 2 * FULL }));
    peer.advance(seconds(10));
    peer.expectsNothing();
  });

  test("a duplicate ACK does not start it anew", () => {
    const { peer, user } = established();
    user.sends("abc");
    peer.takes();
    peer.advance(milliseconds(150));
    peer.sends(ack({ ack: 1 }));
    peer.advance(milliseconds(51));
    peer.expects(text("abc"));
  });

  test("a timeout shrinks the window to one segment and takes everything for lost (RFC 5681 §3.1)", () => {
    const { peer, user, connection } = established();
    user.sends(8 * FULL);
    peer.takes();
    peer.advance(milliseconds(201));
    peer.expects(text(FULL, { seq: 1 }));
    peer.expectsNothing();
    expect(connection.info()).toMatchObject({ cwnd: FULL, ssthresh: 4 * FULL, recovery: "loss" });
    peer.sends(ack({ ack: 1 + FULL }));
    peer.expects(text(FULL, { seq: 1 + FULL }));
    peer.expects(text(FULL, { seq: 1 + 2 * FULL }));
    peer.expectsNothing();
  });

  test("a second timeout of the same text does not shrink ssthresh again (RFC 5681 §3.1)", () => {
    const { peer, user, connection } = established();
    user.sends(8 * FULL);
    peer.advance(seconds(5));
    expect(connection.info().ssthresh).toBe(4 * FULL);
  });

  test("go-back-n after a timeout: an acknowledgment of more than was sent again ends it", () => {
    const { peer, user, connection } = established();
    user.sends(4 * FULL);
    peer.takes();
    peer.advance(milliseconds(201));
    peer.expects(text(FULL, { seq: 1 }));
    // Only the first was lost.
    peer.sends(ack({ ack: 1 + 4 * FULL }));
    peer.expectsNothing();
    expect(connection.info()).toMatchObject({ recovery: "open", lost: 0, unacknowledged: 0 });
  });

  test("duplicate ACKs of what a timeout already repairs start no fast retransmit (RFC 6582 §3.2)", () => {
    const { peer, user, context } = established();
    user.sends(6 * FULL);
    peer.advance(milliseconds(201));
    peer.takes();
    for (let i = 0; i < 5; i++) peer.sends(ack({ ack: 1 }));
    expect(context.counters.fastRecoveries).toBe(0);
  });

  test("a peer that has thrown away what it reported by SACK gets it again (RFC 2018 §8)", () => {
    const { peer, user, connection } = established({ offer: SACK, config: { tailLossProbe: false } });
    user.sends(3 * FULL);
    peer.sends(ack({ ack: 1, sack: [[1 + FULL, 1 + 3 * FULL]] }));
    // The hole is filled, and yet the ACK stays behind what was reported.
    peer.sends(ack({ ack: 1 + FULL, sack: [] }));
    expect(connection.info().sacked).toBe(2 * FULL);
    peer.takes();
    peer.advance(milliseconds(300));
    peer.expects(text(FULL, { seq: 1 + FULL }));
    expect(connection.info().sacked).toBe(0);
  });
});

describe("the tail loss probe: RFC 8985 §7", () => {
  const modern = { offer: SACK, rtt: 100 };

  test("after two round trips of silence the last segment goes out again", () => {
    const { peer, user, now, context, connection } = established(modern);
    user.sends(3 * FULL);
    peer.takes();
    peer.advance(milliseconds(201));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    const probe = peer.expects(text(FULL, { seq: 1 + 2 * FULL }));
    expect(times([probe], now)).toEqual([202]);
    expect(context.counters.tailLossProbes).toBe(1);
    expect(connection.info().retransmissions).toMatchObject({ tlp: 1, timeout: 0 });
  });

  test("new text goes out instead, if there is some", () => {
    const { peer, user, connection } = established({ ...modern, config: { initialWindow: 3 } });
    user.sends(5 * FULL);
    expect(peer.takes()).toHaveLength(3);
    peer.advance(milliseconds(203));
    peer.expects(text(FULL, { seq: 1 + 3 * FULL }));
    expect(connection.info().retransmissions.tlp).toBe(0);
  });

  test("its SACK shows the loss before it, which is repaired without a timeout", () => {
    const { peer, user, connection } = established(modern);
    user.sends(3 * FULL);
    peer.takes();
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1 + FULL }));
    peer.advance(milliseconds(250));
    peer.expects(text(FULL, { seq: 1 + 2 * FULL }));
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1 + FULL, sack: [[1 + 2 * FULL, 1 + 3 * FULL]] }));
    peer.advance(milliseconds(50));
    peer.expects(text(FULL, { seq: 1 + FULL }));
    peer.sends(ack({ ack: 1 + 3 * FULL }));
    expect(connection.info().retransmissions).toMatchObject({ tlp: 1, rack: 1, timeout: 0 });
  });

  test("is sent once; then it is the retransmission timer's turn", () => {
    const { peer, user } = established(modern);
    user.sends(3 * FULL);
    peer.takes();
    peer.advance(milliseconds(1_000));
    const sent = peer.takes();
    expect(sent[0]?.seq).toBe(1 + 2 * FULL);
    expect(sent[1]?.seq).toBe(1);
  });

  test("a probe that repaired the loss counts as one (§7.4)", () => {
    const { peer, user, connection } = established(modern);
    user.sends(3 * FULL);
    peer.advance(milliseconds(202));
    peer.sends(ack({ ack: 1 + 3 * FULL }));
    expect(connection.info().ssthresh).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test("a probe that arrived twice does not (§7.4: D-SACK)", () => {
    const { peer, user, connection } = established(modern);
    user.sends(3 * FULL);
    peer.advance(milliseconds(202));
    peer.sends(ack({ ack: 1 + 3 * FULL, sack: [[1 + 2 * FULL, 1 + 3 * FULL]] }));
    expect(connection.info().ssthresh).toBe(Number.POSITIVE_INFINITY);
  });

  test("with one segment in flight a delayed ACK is waited for: the retransmission timer may come first", () => {
    const { peer, user } = established(modern);
    user.sends("x");
    peer.takes();
    peer.advance(milliseconds(299));
    peer.expectsNothing();
    peer.advance(milliseconds(2));
    peer.expects(text("x"));
  });

  test("there is none without SACK, nor when it is configured off", () => {
    for (const options of [{ rtt: 100 }, { ...modern, config: { tailLossProbe: false } }]) {
      const { peer, user, context } = established(options);
      user.sends(3 * FULL);
      peer.advance(seconds(1));
      expect(context.counters.tailLossProbes).toBe(0);
    }
  });
});

describe("the persist timer: RFC 9293 §3.8.6.1", () => {
  const shut = { offer: { mss: FULL, window: 0 } };

  test("a closed window is probed after the timeout, then after twice as long, up to 120 s (MUST-36, SHLD-29, SHLD-30)", () => {
    const { peer, user, context } = established(shut);
    peer.window = 0;
    user.sends("abc");
    const at: number[] = [];
    for (let second = 0; second < 600; second++) {
      peer.advance(seconds(1));
      for (const probe of peer.takes()) {
        expect(probe).toMatchObject({ flags: "A", seq: 0, ack: 101 });
        expect(probe.bytes).toHaveLength(0);
        at.push(...times([probe]));
        peer.sends(ack({ ack: 1 }));
      }
    }
    expect(at.slice(0, 5)).toEqual([200, 600, 1_400, 3_000, 6_200]);
    expect((at.at(-1) as number) - (at.at(-2) as number)).toBe(120_000);
    // Ten minutes of a closed window are no reason to end a connection (MUST-37).
    expect(peer.state).toBe("ESTABLISHED");
    expect(context.counters.windowProbes).toBe(at.length);
    peer.sends(ack({ window: 1_000 }));
    peer.expects(text("abc", { seq: 1 }));
  });

  test("hours of it, as long as the peer answers (MUST-37)", () => {
    const { peer, user } = established(shut);
    peer.window = 0;
    user.sends("abc");
    for (let minute = 0; minute < 240; minute++) {
      peer.advance(seconds(60));
      if (peer.takes().length > 0) peer.sends(ack({ ack: 1 }));
    }
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("a lost window update: the answer to the next probe brings it", () => {
    const { peer, user } = established(shut);
    peer.window = 0;
    user.sends("abc");
    peer.advance(milliseconds(201));
    peer.expects(ack({ seq: 0 }));
    peer.sends(ack({ ack: 1 }));
    // The window opens, and nobody tells us.
    peer.advance(milliseconds(401));
    peer.expects(ack({ seq: 0 }));
    peer.sends(ack({ ack: 1, window: 5_000 }));
    peer.expects(text("abc"));
  });

  test("probes that nobody answers end the connection at last: ETIMEDOUT", () => {
    const { peer, user, connection } = established(shut);
    peer.window = 0;
    user.sends("abc");
    peer.advance(seconds(3_000));
    expect(peer.state).toBe("CLOSED");
    expect(connection.error).toBe("ETIMEDOUT");
  });

  test("a FIN that the window has no place for is waited with too", () => {
    const { peer, user } = established(shut);
    peer.window = 0;
    user.closes();
    expect(peer.state).toBe("FIN-WAIT-1");
    peer.expectsNothing();
    peer.advance(milliseconds(201));
    peer.expects(ack({ seq: 0 }));
    peer.sends(ack({ ack: 1, window: 1 }));
    peer.expects(fin({ seq: 1 }));
  });

  test("a window too small to be worth it is used at the timeout, text and all", () => {
    const { peer, user } = established();
    peer.window = 10;
    peer.sends(ack());
    user.sends(1_000);
    peer.advance(milliseconds(201));
    peer.expects(text(10, { seq: 1 }));
    peer.sends(ack());
    peer.expectsNothing();
    peer.advance(milliseconds(401));
    peer.expects(text(10, { seq: 11 }));
  });

  test("a window that opens a crack after a long time is used after the shortest timeout, not the longest", () => {
    const { peer, user } = established(shut);
    peer.window = 0;
    user.sends(1_000);
    for (let i = 0; i < 300; i++) {
      peer.advance(seconds(1));
      if (peer.takes().length > 0) peer.sends(ack({ ack: 1 }));
    }
    peer.sends(ack({ ack: 1, window: 100 }));
    peer.advance(milliseconds(250));
    peer.expects(text(100));
  });

  test("with nothing to send there is nothing to probe", () => {
    const { peer } = established(shut);
    peer.advance(seconds(1_000));
    peer.expectsNothing();
  });

  test("our own closed window: the peer's probe is answered with where we are (MUST-33 of §3.8.6.1)", () => {
    const { peer } = accepted({ config: { receiveBuffer: 1_000 } });
    peer.sends(text(1_000));
    peer.expects(ack({ ack: 1_101, window: 0 }));
    peer.sends(text("p", { seq: 1_101 }));
    peer.expects(ack({ ack: 1_101, window: 0 }));
    peer.sends(ack({ seq: 1_100 }));
    peer.expects(ack({ ack: 1_101, window: 0 }));
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

  test("after so long a silence a probe of no text; an answer keeps the connection (MUST-26)", () => {
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

  test("can be turned on, with its time, and off at any time", () => {
    const bench = established();
    const { peer, connection } = bench;
    peer.advance(seconds(50));
    connection.setKeepalive(true, seconds(60));
    bench.settle();
    peer.advance(seconds(9));
    peer.expectsNothing();
    peer.advance(seconds(1));
    peer.expects(ack({ seq: 0 }));
    peer.sends(ack({ ack: 1 }));
    connection.setKeepalive(false);
    bench.settle();
    peer.advance(seconds(1_000));
    peer.expectsNothing();
  });

  test("turned on after a long silence, the first probe goes at once", () => {
    const bench = established();
    bench.advance(seconds(500));
    bench.connection.setKeepalive(true, seconds(60));
    bench.settle();
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
