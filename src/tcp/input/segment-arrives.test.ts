import { describe, expect, test } from "vitest";
import { accepted, established, FULL, MODERN, SACK, SYNCHRONIZED } from "../../../test/tcp/fixtures.ts";
import { ack, fin, rst, segment, syn, text } from "../../../test/tcp/segments.ts";
import { milliseconds } from "../../base/time.ts";

describe("the order of the steps: RFC 9293 §3.10.7.4", () => {
  test("the sequence number goes before everything: an unacceptable segment changes nothing", () => {
    const { peer, user, connection } = established();
    user.sends("abc");
    peer.takes();
    const { sendWindow } = connection.info();
    peer.sends(fin({ seq: 101 + 2_000_000, ack: 4, window: 7, text: "x", urgent: 1 }));
    expect(connection.info()).toMatchObject({ unacknowledged: 3, sendWindow, state: "ESTABLISHED" });
    expect(user.heard()).toEqual([]);
    peer.expects(ack({ seq: 4, ack: 101 }));
  });

  test("PAWS goes before the sequence number (RFC 7323 §5.3, R1)", () => {
    const { peer } = established({ offer: MODERN });
    expect(peer.sends(ack({ seq: 50, timestamps: [1, 0] }))).toBe("tcp-paws");
  });

  test("RST goes before SYN", () => {
    const { peer } = established();
    peer.sends(segment("SR", { seq: 101 }));
    expect(peer.state).toBe("CLOSED");
  });

  test("SYN goes before ACK: its bad acknowledgment brings no RST", () => {
    const { peer } = established();
    expect(peer.sends(segment("SA", { seq: 101, ack: 9_999 }))).toBe("tcp-syn-in-window");
    peer.expects(ack({ seq: 1, ack: 101 }));
  });

  test("a segment without ACK is dropped before its URG, text and FIN are looked at", () => {
    const { peer, user } = established();
    expect(peer.sends(segment("F", { seq: 101, text: "abc", urgent: 2 }))).toBe("tcp-bad-flags");
    expect(user.heard()).toEqual([]);
    peer.advance(milliseconds(100));
    peer.expectsNothing();
  });

  test("a segment whose ACK is not believed is dropped before its URG, text and FIN", () => {
    const { peer, user } = established();
    expect(peer.sends(fin({ seq: 101, ack: 9_999, text: "abc", urgent: 2 }))).toBe("tcp-bad-ack");
    expect(user.reads()).toBe("");
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("an ACK that is merely old does not keep text out", () => {
    const { peer, user } = established();
    user.sends("abc");
    peer.sends(ack({ ack: 4 }));
    peer.sends(text("late", { ack: 1 }));
    expect(user.reads()).toBe("late");
  });

  test("URG, text and FIN of one segment, in this order", () => {
    const { peer, user } = established();
    peer.sends(fin({ text: "abc", urgent: 2 }));
    expect(user.heard()).toEqual(["readable", "peerClosed", "urgent"]);
    expect(user.reads()).toBe("abc");
    expect(peer.state).toBe("CLOSE-WAIT");
  });
});

describe.each(SYNCHRONIZED)("$state", ({ fixture, rcvNxt, sndNxt }) => {
  test("a segment left of the window is answered with an ACK, one right of it too", () => {
    const { peer } = fixture();
    peer.sends(ack({ seq: rcvNxt - 1, ack: sndNxt }));
    peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
    peer.advance(milliseconds(150));
    peer.takes();
    peer.advance(milliseconds(350));
    peer.takes();
    peer.sends(ack({ seq: rcvNxt + 3_000_000, ack: sndNxt }));
    peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
  });

  test("a segment that fits is a sign of life; one that any stranger could have sent is none", () => {
    const { peer, connection } = fixture();
    const { lastHeardAt } = connection;
    peer.advance(milliseconds(50));
    peer.sends(ack({ seq: rcvNxt - 1, ack: sndNxt }));
    expect(connection.lastHeardAt).toBe(lastHeardAt);
    peer.sends(ack({ seq: rcvNxt, ack: sndNxt }));
    expect(connection.lastHeardAt).toBe(connection.now);
    expect(connection.tally.segmentsIn).toBeGreaterThan(0);
  });
});

describe("a burst of segments", () => {
  test("is processed whole before anything is sent", () => {
    const { peer, user } = accepted();
    user.sends(2 * FULL);
    peer.takes();
    peer.sendsBurst(text(FULL, { ack: 1 }), text(FULL, { ack: 1 + FULL }), ack({ ack: 1 + 2 * FULL }));
    peer.expects(ack({ seq: 1 + 2 * FULL, ack: 101 + 2 * FULL }));
    peer.expectsNothing();
  });

  test("of text, FIN and RST ends with the RST, and the text is kept", () => {
    const { peer, user, connection } = accepted();
    peer.sendsBurst(text("abc"), fin(), rst());
    expect(peer.state).toBe("CLOSED");
    expect(connection.error).toBe("EPIPE");
    expect(user.reads()).toBe("abc");
    peer.expectsNothing();
  });

  test("a SYN of a new connection right behind the RST of the old one opens it", () => {
    const { peer, tcp } = accepted();
    peer.sendsBurst(rst({ seq: 101 }), syn({ seq: 9_000 }));
    expect(peer.takes().map(seen => [seen.flags, seen.ack])).toEqual([["SA", 9_001]]);
    expect([...tcp.halfOpen()]).toHaveLength(1);
  });
});

describe("duplicates: RFC 2883 §4", () => {
  test("are counted, and reported once by D-SACK when all of them is old", () => {
    const { peer, connection } = accepted({ offer: SACK });
    peer.sends(text("abcdef"));
    peer.takes();
    peer.sends(text("abc", { seq: 101 }));
    expect(peer.expects(ack({ ack: 107 })).sack).toEqual([[101, 104]]);
    expect(connection.info().duplicateSegments).toBe(1);
  });

  test("in part, the old part is reported, the new part is taken", () => {
    const { peer, user } = accepted({ offer: SACK });
    peer.sends(text("abcdef"));
    peer.takes();
    peer.sends(text("efgh", { seq: 105 }));
    expect(peer.expects(ack({ ack: 109 })).sack).toEqual([[105, 107]]);
    expect(user.reads()).toBe("abcdefgh");
  });

  test("a keepalive probe is none", () => {
    const { peer, connection } = accepted({ offer: SACK });
    peer.sends(ack({ seq: 100 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([]);
    expect(connection.info().duplicateSegments).toBe(0);
  });
});
