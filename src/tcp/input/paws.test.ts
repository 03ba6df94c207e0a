import { describe, expect, test } from "vitest";
import { accepted, established, MODERN, SYNCHRONIZED } from "../../../test/tcp/fixtures.ts";
import { ack, segment, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

const DAY = 86_400;

describe.each(SYNCHRONIZED)("PAWS in $state: RFC 7323 §5.3", ({ fixture, rcvNxt, sndNxt }) => {
  test("R1: a segment with a timestamp before TS.Recent is answered with an ACK, and dropped", () => {
    const { peer, context } = fixture({ offer: MODERN });
    const { state } = peer;
    const old = MODERN.timestamps?.[0] as number;
    expect(peer.sends(text("old", { seq: rcvNxt, ack: sndNxt, timestamps: [old - 2, 0] }))).toBe("tcp-paws");
    peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
    expect(peer.state).toBe(state);
    expect(context.counters.pawsRejected).toBe(1);
  });
});

describe("PAWS", () => {
  test("an equal timestamp passes, and one that is a tick behind, as on Linux", () => {
    const { peer, user } = established({ offer: MODERN });
    peer.sends(text("a", { timestamps: [1_000_000, 0] }), text("b", { timestamps: [999_999, 0] }));
    expect(user.reads()).toBe("ab");
    // TS.Recent does not go back.
    user.sends("x");
    expect(peer.takes().at(-1)?.timestamps?.[1]).toBe(1_000_000);
  });

  test("a duplicate ACK that was overtaken within an RTO passes: its SACK blocks count", () => {
    const { peer, user, connection } = established({ offer: MODERN });
    user.sends(3_000);
    peer.sends(ack({ ack: 1, timestamps: [1_000_100, 0] }));
    expect(peer.sends(ack({ ack: 1, timestamps: [1_000_050, 0], sack: [[1_449, 2_897]] }))).toBeUndefined();
    expect(connection.info().sacked).toBe(1_448);
  });

  test("not one from before that, nor one that moves the window", () => {
    const { peer, user, connection, context } = established({ offer: MODERN });
    user.sends(3_000);
    peer.takes();
    peer.sends(ack({ ack: 1, timestamps: [1_010_000, 0] }));
    expect(peer.sends(ack({ ack: 1, timestamps: [1_000_000, 0], sack: [[1_449, 2_897]] }))).toBe("tcp-paws");
    peer.expects(ack());
    expect(peer.sends(ack({ ack: 1, timestamps: [1_009_990, 0], window: 0 }))).toBe("tcp-paws");
    expect(connection.info().sacked).toBe(0);
    expect(context.counters.pawsRejected).toBe(2);
  });

  test("nor one that acknowledges more, lies elsewhere, or opens the window: it is no duplicate", () => {
    for (const news of [{ ack: 1_001 }, { ack: 1, seq: 102 }, { ack: 1, window: 2_001 }]) {
      const { peer, user, connection } = established({ offer: MODERN });
      user.sends(3_000);
      peer.takes();
      peer.sends(ack({ ack: 1, timestamps: [1_010_000, 0], window: 2_000 }));
      const before = connection.info();
      expect(peer.sends(ack({ window: 2_000, timestamps: [1_009_990, 0], ...news }))).toBe("tcp-paws");
      const { unacknowledged, sendWindow } = before;
      expect(connection.info()).toMatchObject({ unacknowledged, sendWindow });
    }
  });

  test("a bare ACK from before the text that we have is dropped without an answer", () => {
    const { peer, user, context } = established({ offer: MODERN });
    peer.sends(text("abc", { timestamps: [1_000_100, 0] }));
    user.reads();
    peer.takes();
    expect(peer.sends(ack({ seq: 101, timestamps: [1_000_000, 0] }))).toBe("tcp-paws");
    peer.expectsNothing();
    expect(context.counters).toMatchObject({ pawsOldAcks: 1, pawsRejected: 0 });
  });

  test("old text that comes once more is reported by D-SACK (RFC 2883 §4)", () => {
    const { peer, user } = established({ offer: MODERN });
    peer.sends(text("abc", { timestamps: [1_000_100, 0] }));
    user.reads();
    peer.takes();
    peer.sends(text("abc", { seq: 101, timestamps: [1_000_000, 0] }));
    expect(peer.expects(ack({ ack: 104 })).sack).toEqual([[101, 104]]);
  });

  test("a peer whose SYN said 0 is not checked, as on Linux", () => {
    const { peer, user } = established({ offer: { ...MODERN, timestamps: [0, 0] } });
    peer.sends(text("a", { timestamps: [-1_000, 0] }));
    expect(user.reads()).toBe("a");
  });

  test("compares modulo 2³²", () => {
    const { peer, user } = established({ offer: { ...MODERN, timestamps: [-5, 0] } });
    peer.sends(text("a", { timestamps: [5, 0] }));
    expect(user.reads()).toBe("a");
    expect(peer.sends(text("b", { timestamps: [-4, 0] }))).toBe("tcp-paws");
  });

  test("a segment without the option passes, as on Linux", () => {
    const { peer, user } = established({ offer: MODERN });
    peer.sends(text("a", { timestamps: "none" }));
    expect(user.reads()).toBe("a");
  });

  test("does not apply when the option was not agreed on", () => {
    const { peer, user } = established();
    peer.sends(text("a", { timestamps: [7, 0] }), text("b", { timestamps: [6, 0] }));
    expect(user.reads()).toBe("ab");
  });

  test("an ACK too old to believe does not count either", () => {
    const { peer, user, connection } = established({ offer: MODERN });
    user.sends("abc");
    peer.advance(milliseconds(10));
    peer.sends(ack({ ack: 4, timestamps: [999_998, 0] }));
    expect(connection.info().unacknowledged).toBe(3);
  });

  test("after 24 days of silence TS.Recent proves nothing, and the next segment replaces it (§5.5)", () => {
    const { peer, user } = accepted({ offer: MODERN });
    peer.sends(text("a", { timestamps: [2_000_000, 0] }));
    peer.advance(seconds(25 * DAY));
    peer.takes();
    peer.sends(text("b", { timestamps: [1_000, 0] }));
    expect(user.reads()).toBe("ab");
    peer.advance(milliseconds(40));
    expect(peer.expects(ack()).timestamps?.[1]).toBe(1_000);
    expect(peer.sends(text("c", { timestamps: [998, 0] }))).toBe("tcp-paws");
  });
});

describe("TS.Recent: RFC 7323 §4.3", () => {
  test("is echoed in every segment", () => {
    const { peer, user } = established({ offer: MODERN });
    user.sends("x");
    expect(peer.expects(text("x")).timestamps?.[1]).toBe(1_000_000);
    peer.sends(text("y", { timestamps: [1_000_400, 0] }));
    user.sends("z");
    expect(peer.expects(text("z")).timestamps?.[1]).toBe(1_000_400);
  });

  test("with delayed ACKs the earlier segment's timestamp is echoed, so that the delay is measured (§4.3, case A)", () => {
    const { peer } = accepted({ offer: MODERN });
    peer.sends(text("a", { timestamps: [1_000_100, 0] }), text("b", { timestamps: [1_000_200, 0] }));
    peer.advance(milliseconds(40));
    expect(peer.expects(ack({ ack: 103 })).timestamps?.[1]).toBe(1_000_100);
  });

  test("text behind a hole does not change it (case B); what fills the hole does (case C)", () => {
    const { peer } = accepted({ offer: MODERN });
    peer.sends(text("b", { seq: 102, timestamps: [1_000_200, 0] }));
    expect(peer.expects(ack({ ack: 101 })).timestamps?.[1]).toBe(1_000_000);
    peer.sends(text("a", { seq: 101, timestamps: [1_000_300, 0] }));
    expect(peer.expects(ack({ ack: 103 })).timestamps?.[1]).toBe(1_000_300);
  });

  test("a segment whose ACK cannot be right does not change it: a stranger may not lock the peer out", () => {
    const { peer } = accepted({ offer: MODERN });
    const future = { timestamps: [1_500_000_000, 0] } as const;
    expect(peer.sends(text("evil", { seq: 101, ack: 1_000, ...future }))).toBe("tcp-bad-ack");
    expect(peer.sends(segment("", { seq: 101, text: "evil", ...future }))).toBe("tcp-bad-flags");
    expect(peer.expects(ack({ ack: 101 })).timestamps?.[1]).toBe(1_000_000);
    expect(peer.sends(text("a", { seq: 101, timestamps: [1_000_300, 0] }))).toBeUndefined();
  });

  test("TSval goes up by one each millisecond, from a start that differs by peer", () => {
    const { peer, user } = established({ offer: MODERN });
    user.sends("x");
    const first = peer.expects(text("x")).timestamps?.[0] ?? 0;
    peer.sends(ack());
    peer.advance(milliseconds(1_234));
    user.sends("y");
    expect(peer.expects(text("y")).timestamps?.[0]).toBe(first + 1_234);
    const other = established({ offer: MODERN, family: 6 });
    other.user.sends("x");
    expect(other.peer.expects(text("x")).timestamps?.[0]).not.toBe(first);
  });

  test("every segment but RST has the option once agreed on (RFC 7323 §3.2)", () => {
    const { peer, user } = established({ offer: MODERN });
    user.sends("abc");
    user.closes();
    peer.sends(text("def"));
    peer.advance(milliseconds(40));
    const sent = peer.takes();
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(sent.every(seen => seen.timestamps !== undefined)).toBe(true);
  });

  test("and takes its place from the text (MUST-16)", () => {
    const { peer, user } = established({ offer: MODERN });
    user.sends(3_000);
    peer.expects(text(1_448));
    peer.expects(text(1_448));
    peer.expects(text(104));
  });
});
