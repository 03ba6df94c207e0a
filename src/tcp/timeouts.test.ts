import { describe, expect, test } from "vitest";
import { established, FULL, finWait1, lastAck, SACK } from "../../test/tcp/fixtures.ts";
import { ack, fin, text, times } from "../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { giveUpAfter } from "./closing/user-timeout.ts";
import { tcpConfig } from "./tcp-config.ts";

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

  test("R2: the timeout that comes 924.6 s after the first retransmission gives up: ETIMEDOUT (MUST-20, SHLD-11, MUST-12)", () => {
    const { peer, user, connection } = established();
    user.sends("abc");
    peer.advance(milliseconds(1_044_599));
    expect(peer.state).toBe("ESTABLISHED");
    expect(peer.takes()).toHaveLength(17);
    peer.advance(milliseconds(10));
    expect(peer.state).toBe("CLOSED");
    expect(connection.error).toBe("ETIMEDOUT");
    expect(user.heard()).toEqual(["closed"]);
    expect(connection.info().retransmissions.timeout).toBe(16);
    peer.expectsNothing();
  });

  test("R2 is as many doublings as configured, from the least timeout", () => {
    expect(giveUpAfter(15, tcpConfig())).toBe(milliseconds(924_600));
    expect(giveUpAfter(3, tcpConfig())).toBe(milliseconds(200 + 400 + 800 + 1_600));
  });

  test("progress counts the time anew", () => {
    const { peer, user } = established();
    user.sends(FULL);
    user.sends(FULL);
    peer.advance(seconds(900));
    peer.sends(ack({ ack: 1 + FULL }));
    peer.advance(seconds(900));
    expect(peer.state).toBe("ESTABLISHED");
    peer.advance(seconds(300));
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
    expect(connection.info()).toMatchObject({ cwnd: FULL, ssthresh: 5 * FULL, recovery: "loss" });
    peer.sends(ack({ ack: 1 + FULL }));
    peer.expects(text(FULL, { seq: 1 + FULL }));
    peer.expects(text(FULL, { seq: 1 + 2 * FULL }));
    peer.expectsNothing();
  });

  test("a second timeout of the same text does not shrink ssthresh again (RFC 5681 §3.1)", () => {
    const { peer, user, connection } = established();
    user.sends(8 * FULL);
    peer.advance(seconds(5));
    expect(connection.info().ssthresh).toBe(5 * FULL);
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
    expect(connection.info()).toMatchObject({ recovery: "loss", lost: 0, unacknowledged: 0 });
    // Without SACK the state is kept until something later is acknowledged (RFC 6582 §3.2, step 2).
    user.sends(FULL);
    peer.sends(ack({ ack: 1 + 5 * FULL }));
    expect(connection.info()).toMatchObject({ recovery: "open" });
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
