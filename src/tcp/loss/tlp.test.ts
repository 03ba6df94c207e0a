import { describe, expect, test } from "vitest";
import { established, FULL, SACK } from "../../../test/tcp/fixtures.ts";
import { ack, text, times } from "../../../test/tcp/segments.ts";
import { seq } from "../../base/seq.ts";
import { type Duration, milliseconds, seconds } from "../../base/time.ts";
import { TailLossProbe } from "./tlp.ts";

describe("TailLossProbe: RFC 8985 §7", () => {
  const rto = milliseconds(700);

  const ackDelay = milliseconds(200);

  test("§7.2: twice the round trip, and with one segment in flight the peer's delayed ACK", () => {
    const probe = new TailLossProbe();
    expect(probe.timeout(milliseconds(100), false, rto, ackDelay)).toBe(milliseconds(202));
    expect(probe.timeout(milliseconds(100), true, rto, ackDelay)).toBe(milliseconds(400));
  });

  test("§7.2: before the round trip is known, the retransmission timeout", () => {
    expect(new TailLossProbe().timeout(0 as Duration, false, rto, ackDelay)).toBe(rto);
  });

  test("its timer makes it due, once", () => {
    const probe = new TailLossProbe();
    expect(probe.takeDue()).toBe(false);
    probe.expired();
    expect(probe.takeDue()).toBe(true);
    expect(probe.takeDue()).toBe(false);
  });

  test("§7.4.2: an ACK of more than was out then shows that the probe repaired a loss", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), true);
    expect([probe.isOutstanding, probe.hasRetransmission]).toEqual([true, true]);
    expect(probe.acknowledged(seq(99), false, false)).toBe("none");
    expect(probe.acknowledged(seq(101), false, false)).toBe("repaired");
    expect(probe.isOutstanding).toBe(false);
    expect(probe.acknowledged(seq(101), false, false)).toBe("none");
  });

  test("§7.4.2: an ACK of just that may be of the original: it decides nothing", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), true);
    expect(probe.acknowledged(seq(100), false, false)).toBe("none");
    expect(probe.isOutstanding).toBe(true);
    // The same again: both have arrived.
    expect(probe.acknowledged(seq(100), false, true)).toBe("no-loss");
    expect(probe.isOutstanding).toBe(false);
  });

  test("§7.4.2: with D-SACK the original had arrived", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), true);
    expect([probe.isProbeEnd(seq(99)), probe.isProbeEnd(seq(100))]).toEqual([false, true]);
    expect(probe.acknowledged(seq(100), true, false)).toBe("no-loss");
    expect([probe.isOutstanding, probe.isProbeEnd(seq(100))]).toEqual([false, false]);
  });

  test("§7.4.2: new text as a probe repairs nothing", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), false);
    expect(probe.hasRetransmission).toBe(false);
    expect(probe.acknowledged(seq(50), false, false)).toBe("none");
    expect(probe.isOutstanding).toBe(true);
    expect(probe.acknowledged(seq(200), false, false)).toBe("no-loss");
    expect(probe.isOutstanding).toBe(false);
  });

  test("a timeout cancels it", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), true);
    probe.cancel();
    expect(probe.acknowledged(seq(101), false, false)).toBe("none");
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

  test("the silence counts from the last new text (§7.2)", () => {
    const { peer, user } = established(modern);
    user.sends(2 * FULL);
    peer.advance(milliseconds(50));
    user.sends(FULL);
    peer.takes();
    peer.advance(milliseconds(201));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    peer.expects(text(FULL, { seq: 1 + 2 * FULL }));
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

  test("a probe that repaired the loss counts as one, once more than it is acknowledged (§7.4.2)", () => {
    const { peer, user, connection, context } = established(modern);
    user.sends(3 * FULL);
    peer.advance(milliseconds(202));
    peer.sends(ack({ ack: 1 + 3 * FULL }));
    expect(connection.info().ssthresh).toBe(Number.POSITIVE_INFINITY);
    user.sends(FULL);
    peer.sends(ack({ ack: 1 + 4 * FULL }));
    const { ssthresh, cwnd, recovery } = connection.info();
    expect(ssthresh).toBeLessThan(Number.POSITIVE_INFINITY);
    expect([cwnd, recovery]).toEqual([ssthresh, "open"]);
    expect(context.counters.tailLossProbeRecoveries).toBe(1);
  });

  test.each([
    ["D-SACK", { ack: 1 + 3 * FULL, sack: [[1 + 2 * FULL, 1 + 3 * FULL]] as const }],
    ["the same ACK again", { ack: 1 + 3 * FULL }],
  ])("a probe that arrived twice does not (§7.4.2: %s)", (_name, second) => {
    const { peer, user, connection } = established(modern);
    user.sends(3 * FULL);
    peer.advance(milliseconds(202));
    peer.sends(ack({ ack: 1 + 3 * FULL }));
    peer.sends(ack(second));
    user.sends(FULL);
    peer.sends(ack({ ack: 1 + 4 * FULL }));
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

  test("a last segment that has become too long goes out as its end", () => {
    const { peer, user } = established(modern);
    user.sends(3 * FULL);
    peer.takes();
    // A SACK block takes its room from the text: 8 bytes, and 4 for the option.
    peer.sends(text("x", { seq: 110, ack: 1 }));
    peer.takes();
    peer.advance(milliseconds(203));
    peer.expects(text(FULL - 12, { seq: 1 + 2 * FULL + 12 }));
  });

  test("a path that takes less by then: what was too long goes out cut, from the front", () => {
    const { peer, user, path } = established(modern);
    user.sends(3 * FULL);
    peer.takes();
    path.mtu = 1_040;
    peer.advance(milliseconds(203));
    peer.expects(text(1_000, { seq: 1 }));
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
