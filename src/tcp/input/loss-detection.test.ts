import { describe, expect, test } from "vitest";
import { established, FULL, MODERN, SACK } from "../../../test/tcp/fixtures.ts";
import { ack, fin, text } from "../../../test/tcp/segments.ts";
import { milliseconds } from "../../base/time.ts";

/** The sequence number of the n-th full segment, from 0 on. */
const at = (n: number): number => 1 + n * FULL;

describe("fast retransmit: RFC 5681 §3.2", () => {
  test("at the third duplicate ACK, not before", () => {
    const { peer, user, context } = established();
    user.sends(5 * FULL);
    peer.takes();
    peer.sends(ack({ ack: 1 }), ack({ ack: 1 }));
    peer.expectsNothing();
    peer.sends(ack({ ack: 1 }));
    peer.expects(text(FULL, { seq: 1 }));
    peer.expectsNothing();
    expect(context.counters.fastRecoveries).toBe(1);
  });

  test("each of the first two duplicates lets a new segment out (limited transmit, RFC 3042)", () => {
    const { peer, user } = established();
    user.sends(20 * FULL);
    expect(peer.takes()).toHaveLength(10);
    peer.sends(ack({ ack: 1 }));
    peer.expects(text(FULL, { seq: at(10) }));
    peer.sends(ack({ ack: 1 }));
    peer.expects(text(FULL, { seq: at(11) }));
    peer.sends(ack({ ack: 1 }));
    peer.expects(text(FULL, { seq: 1 }));
  });

  test("the window is halved over a round trip: every second duplicate lets new text out (RFC 9937 §6)", () => {
    const { peer, user, connection } = established();
    user.sends(30 * FULL);
    peer.takes();
    for (let i = 0; i < 3; i++) peer.sends(ack({ ack: 1 }));
    expect(peer.takes().map(seen => seen.seq)).toEqual([at(10), at(11), at(0)]);
    expect(connection.info()).toMatchObject({ ssthresh: 5 * FULL, recovery: "recovery", inFlight: 9 * FULL });
    const sent = [];
    for (let i = 0; i < 8; i++) {
      peer.sends(ack({ ack: 1 }));
      sent.push(peer.takes().length);
    }
    expect(sent).toEqual([0, 1, 0, 1, 0, 0, 1, 1]);
    peer.sends(ack({ ack: at(16) }));
    expect(connection.info()).toMatchObject({ ssthresh: 5 * FULL, cwnd: 6 * FULL, recovery: "open" });
  });

  test.each([
    ["with text", text("x")],
    ["with another window", ack({ window: 60_000 })],
    ["with FIN", fin()],
  ])("an ACK %s is no duplicate (§2)", (_name, odd) => {
    const { peer, user } = established();
    user.sends(5 * FULL);
    peer.sends(ack({ ack: 1 }), ack({ ack: 1 }), { ...odd, ack: 1 });
    expect(peer.takes().filter(seen => seen.seq === 1 && seen.bytes.length > 0)).toHaveLength(1);
  });

  test("nor is one with nothing in flight", () => {
    const { peer, user, context } = established();
    for (let i = 0; i < 5; i++) peer.sends(ack({ ack: 1 }));
    peer.expectsNothing();
    user.sends(5 * FULL);
    peer.sends(ack({ ack: 1 }), ack({ ack: 1 }));
    expect(context.counters.fastRecoveries).toBe(0);
  });
});

describe("NewReno: RFC 6582 §3.2", () => {
  test("a partial acknowledgment brings the next lost segment at once", () => {
    const { peer, user, connection, retransmissions } = established();
    user.sends(8 * FULL);
    peer.takes();
    for (let i = 0; i < 3; i++) peer.sends(ack({ ack: 1 }));
    peer.expects(text(FULL, { seq: at(0) }));
    // 0 and 3 were lost.
    peer.sends(ack({ ack: at(3) }));
    peer.expects(text(FULL, { seq: at(3) }));
    expect(connection.info().recovery).toBe("recovery");
    peer.sends(ack({ ack: at(8) }));
    // Until something later is acknowledged, so that more of the same would start no recovery (step 2).
    expect(connection.info().recovery).toBe("recovery");
    for (let i = 0; i < 4; i++) peer.sends(ack({ ack: at(8) }));
    user.sends(FULL);
    peer.sends(ack({ ack: at(9) }));
    expect(connection.info().recovery).toBe("open");
    expect(retransmissions).toEqual(["fast", "fast"]);
  });

  test("the whole of a window lost but for its last three is repaired without a timeout", () => {
    const { peer, user, context } = established();
    user.sends(10 * FULL);
    peer.takes();
    for (let i = 0; i < 3; i++) peer.sends(ack({ ack: 1 }));
    for (let n = 0; n < 7; n++) {
      peer.expects(text(FULL, { seq: at(n) }));
      peer.sends(ack({ ack: n === 6 ? at(10) : at(n + 1) }));
    }
    peer.expectsNothing();
    expect(context.counters.timeouts).toBe(0);
    expect(context.counters.fastRecoveries).toBe(1);
  });

  test("the window is not halved twice in one recovery", () => {
    const { peer, user, connection } = established();
    user.sends(10 * FULL);
    for (let i = 0; i < 3; i++) peer.sends(ack({ ack: 1 }));
    const { ssthresh } = connection.info();
    peer.sends(ack({ ack: at(2) }));
    for (let i = 0; i < 4; i++) peer.sends(ack({ ack: at(2) }));
    expect(connection.info().ssthresh).toBe(ssthresh);
  });

  test("nor does it grow meanwhile", () => {
    const { peer, user, connection } = established();
    user.sends(30 * FULL);
    for (let i = 0; i < 8; i++) peer.sends(ack({ ack: 1 }));
    const { ssthresh } = connection.info();
    for (let n = 1; n < 9; n++) {
      peer.sends(ack({ ack: at(n) }));
      expect(connection.info().cwnd).toBeLessThanOrEqual(ssthresh);
    }
    expect(connection.info()).toMatchObject({ ssthresh, recovery: "recovery" });
  });

  test("a lost retransmission is the timer's", () => {
    const { peer, user, retransmissions } = established();
    user.sends(5 * FULL);
    for (let i = 0; i < 4; i++) peer.sends(ack({ ack: 1 }));
    peer.takes();
    peer.advance(milliseconds(201));
    peer.expects(text(FULL, { seq: 1 }));
    expect(retransmissions).toEqual(["fast", "timeout"]);
  });
});

describe("SACK and RACK: RFC 8985 §6.2", () => {
  const modern = { offer: SACK, rtt: 100 };

  test("three segments reported behind it: lost at once", () => {
    const { peer, user, connection } = established(modern);
    user.sends(5 * FULL);
    peer.takes();
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[at(1), at(4)]] }));
    peer.expects(text(FULL, { seq: 1 }));
    peer.expectsNothing();
    expect(connection.info()).toMatchObject({ recovery: "recovery", sacked: 3 * FULL });
    peer.sends(ack({ ack: at(5) }));
    expect(connection.info().recovery).toBe("open");
  });

  test("several holes are repaired in one round trip, and nothing that arrived goes out again", () => {
    const { peer, user, retransmissions } = established(modern);
    user.sends(10 * FULL);
    peer.takes();
    peer.advance(milliseconds(100));
    const sack = [
      [at(7), at(10)],
      [at(4), at(6)],
      [at(1), at(3)],
    ] as const;
    peer.sends(ack({ ack: 1, sack }));
    expect(peer.takes().map(seen => seen.seq)).toEqual([at(0), at(3), at(6)]);
    peer.sends(ack({ ack: at(10) }));
    expect(retransmissions).toEqual(["rack", "rack", "rack"]);
  });

  test("one segment reported behind it: a quarter of the round trip is waited for reordering", () => {
    const { peer, user, context } = established(modern);
    user.sends(4 * FULL);
    peer.takes();
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[at(1), at(2)]] }));
    peer.expectsNothing();
    peer.advance(milliseconds(26));
    peer.expectsNothing();
    peer.advance(milliseconds(2));
    peer.expects(text(FULL, { seq: 1 }));
    expect(context.counters.timeouts).toBe(0);
  });

  test("a segment that was only overtaken is not sent again", () => {
    const { peer, user, retransmissions, connection } = established(modern);
    user.sends(2 * FULL);
    peer.takes();
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[at(1), at(2)]] }));
    peer.advance(milliseconds(10));
    peer.sends(ack({ ack: at(2) }));
    peer.advance(milliseconds(1_000));
    expect(retransmissions).toEqual([]);
    expect(connection.reordering.seen).toBe(1);
  });

  test("once reordering was seen, three reports are no proof: the timer decides", () => {
    const { peer, user } = established(modern);
    user.sends(2 * FULL);
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[at(1), at(2)]] }));
    peer.sends(ack({ ack: at(2) }));
    user.sends(5 * FULL);
    peer.takes();
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: at(2), sack: [[at(3), at(7)]] }));
    peer.expectsNothing();
    peer.advance(milliseconds(28));
    peer.expects(text(FULL, { seq: at(2) }));
  });

  test("a lost retransmission is found by what was sent after it", () => {
    const { peer, user, context } = established({ ...modern, config: { sendBuffer: 100 * FULL } });
    user.sends(20 * FULL);
    peer.takes();
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[at(1), at(10)]] }));
    const sent = peer.takes();
    expect(sent[0]?.seq).toBe(1);
    const next = sent.slice(1).map(seen => seen.seq);
    expect(next[0]).toBe(at(10));
    // The new text arrives, the retransmission does not.
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[at(1), peer.seen]] }));
    peer.advance(milliseconds(26));
    expect(peer.takes()[0]).toMatchObject({ seq: 1 });
    expect(context.counters.timeouts).toBe(0);
  });

  test("a report of half a segment is not counted: all of it goes out again (CVE-2019-11478)", () => {
    const { peer, user, connection } = established(modern);
    user.sends(5 * FULL);
    peer.takes();
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[501, at(5)]] }));
    peer.expects(text(FULL, { seq: 1 }));
    peer.expectsNothing();
    expect(connection.info().sacked).toBe(4 * FULL);
  });

  test("reports of what was never sent, or is acknowledged, are ignored (RFC 2018 §4)", () => {
    const { peer, user, connection } = established(modern);
    user.sends(3 * FULL);
    peer.sends(ack({ ack: at(1) }));
    const reports = [
      [at(2), at(9)],
      [1, at(2)],
      [at(3), at(2)],
      [at(2), at(2)],
    ] as const;
    peer.sends(ack({ ack: at(1), sack: reports }));
    expect(connection.info().sacked).toBe(0);
  });

  test("the window is halved once for all of them", () => {
    const { peer, user, connection } = established(modern);
    user.sends(10 * FULL);
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[at(1), at(4)]] }));
    // Ten out, three reported, one lost and sent again.
    expect(connection.info()).toMatchObject({ cwnd: 8 * FULL, ssthresh: 5 * FULL });
    peer.sends(ack({ ack: at(4), sack: [[at(5), at(8)]] }));
    expect(connection.info()).toMatchObject({ ssthresh: 5 * FULL });
    peer.sends(ack({ ack: at(10) }));
    expect(connection.info()).toMatchObject({ cwnd: 5 * FULL, recovery: "open" });
  });

  test("in flight is what RFC 6675 §3 calls pipe", () => {
    const { peer, user, connection } = established({ ...modern, config: { initialWindow: 10 } });
    user.sends(10 * FULL);
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[at(1), at(5)]] }));
    // Ten out, four reported, one lost and sent again.
    expect(connection.info()).toMatchObject({ inFlight: 6 * FULL, sacked: 4 * FULL, lost: FULL });
  });

  test("works with timestamps and scaling too", () => {
    const { peer, user } = established({ offer: MODERN, rtt: 100 });
    const size = 1_448;
    user.sends(5 * size);
    peer.takes();
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1, sack: [[1 + size, 1 + 5 * size]] }));
    peer.expects(text(size, { seq: 1 }));
  });
});
