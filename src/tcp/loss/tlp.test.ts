import { describe, expect, test } from "vitest";
import { established, FULL, SACK } from "../../../test/tcp/fixtures.ts";
import { ack, text, times } from "../../../test/tcp/segments.ts";
import { seq } from "../../base/seq.ts";
import { type Duration, milliseconds, seconds } from "../../base/time.ts";
import { TailLossProbe } from "./tlp.ts";

describe("TailLossProbe: RFC 8985 §7", () => {
  const rto = milliseconds(700);

  test("§7.2: twice the round trip, and with one segment in flight the peer's delayed ACK", () => {
    const probe = new TailLossProbe();
    expect(probe.timeout(milliseconds(100), false, rto)).toBe(milliseconds(202));
    expect(probe.timeout(milliseconds(100), true, rto)).toBe(milliseconds(400));
  });

  test("§7.2: before the round trip is known, the retransmission timeout", () => {
    expect(new TailLossProbe().timeout(0 as Duration, false, rto)).toBe(rto);
  });

  test("§7.4: a retransmission that is acknowledged without D-SACK repaired a loss", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), true);
    expect(probe.isOutstanding).toBe(true);
    expect(probe.acknowledged(seq(99), false)).toBe(false);
    expect(probe.isOutstanding).toBe(true);
    expect(probe.acknowledged(seq(100), false)).toBe(true);
    expect(probe.isOutstanding).toBe(false);
    expect(probe.acknowledged(seq(100), false)).toBe(false);
  });

  test("§7.4: with D-SACK the original had arrived", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), true);
    expect(probe.acknowledged(seq(100), true)).toBe(false);
    expect(probe.isOutstanding).toBe(false);
  });

  test("§7.4: new text as a probe repairs nothing", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), false);
    expect(probe.acknowledged(seq(50), false)).toBe(false);
    expect(probe.isOutstanding).toBe(true);
    expect(probe.acknowledged(seq(100), false)).toBe(false);
    expect(probe.isOutstanding).toBe(false);
  });

  test("a timeout cancels it", () => {
    const probe = new TailLossProbe();
    probe.sent(seq(100), true);
    probe.cancel();
    expect(probe.acknowledged(seq(100), false)).toBe(false);
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
