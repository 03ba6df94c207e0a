import { describe, expect, test } from "vitest";
import { established, FULL, MODERN } from "../../../test/tcp/fixtures.ts";
import { ack, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

describe("SND.WND: RFC 9293 §3.10.7.4, fifth step", () => {
  test("follows the newest segment", () => {
    const { peer, connection } = established();
    peer.sends(ack({ window: 5_000 }));
    expect(connection.info().sendWindow).toBe(5_000);
    peer.sends(text("x", { window: 6_000 }));
    expect(connection.info().sendWindow).toBe(6_000);
  });

  test("an older segment does not change it: SND.WL1, SND.WL2 (RFC 9293 §3.10.7.4)", () => {
    const { peer, user, connection } = established();
    peer.sends(text("abc", { window: 6_000 }));
    user.sends("xyz");
    peer.takes();
    peer.sends(ack({ ack: 4, window: 7_000 }));
    expect(connection.info().sendWindow).toBe(7_000);
    // Sent before, overtaken: same sequence number, older acknowledgment.
    peer.sends(ack({ ack: 1, window: 10 }));
    expect(connection.info().sendWindow).toBe(7_000);
    // Text out of order that was sent earlier.
    peer.sends(text("de", { seq: 106, window: 6_500 }));
    peer.sends(text("d", { seq: 104, window: 20 }));
    expect(connection.info().sendWindow).toBe(6_500);
  });

  test("one that acknowledges more does, wherever it stands", () => {
    const { peer, user, connection } = established();
    peer.sends(text("x", { seq: 111, window: 6_500 }));
    user.sends("xyz");
    peer.takes();
    peer.sends(ack({ seq: 101, ack: 4, window: 7_000 }));
    expect(connection.info().sendWindow).toBe(7_000);
    peer.sends(ack({ seq: 101, ack: 4, window: 8_000 }));
    expect(connection.info().sendWindow).toBe(8_000);
  });

  test("but a closed one is opened by any: a forged segment with a number far ahead must not close it for ever", () => {
    const { peer, user, connection } = established();
    peer.sends(ack({ seq: 2_000, window: 0 }));
    expect(connection.info().sendWindow).toBe(0);
    user.sends("abc");
    peer.expectsNothing();
    peer.sends(ack({ seq: 101, window: 5_000 }));
    peer.expects(text("abc"));
    expect(connection.info().sendWindow).toBe(5_000);
  });

  test("the same acknowledgment with another window is an update", () => {
    const { peer, user, connection } = established({ offer: { mss: FULL, window: 0 } });
    peer.window = 0;
    user.sends("abc");
    peer.expectsNothing();
    peer.sends(ack({ window: 100 }));
    peer.expects(text("abc"));
    expect(connection.info().sendWindow).toBe(100);
  });

  test("is scaled by the peer's shift, to more than 16 bits (REC-1)", () => {
    const { peer, connection } = established({ offer: MODERN });
    peer.sends(ack({ window: 3 }));
    expect(connection.info().sendWindow).toBe(3 << 7);
  });

  test("a shift beyond 14 counts as 14 (RFC 7323 §2.3)", () => {
    const { peer, connection } = established({ offer: { ...MODERN, windowScale: 15 } });
    peer.sends(ack({ window: 1 }));
    expect(connection.info().sendWindow).toBe(1 << 14);
  });

  test("is not scaled when we did not offer it, nor when the peer did not", () => {
    const ours = established({ offer: MODERN, config: { windowScaling: false } });
    ours.peer.sends(ack({ window: 3 }));
    expect(ours.connection.info().sendWindow).toBe(3);
    const theirs = established({ offer: { ...MODERN, windowScale: -1 } });
    theirs.peer.sends(ack({ window: 3 }));
    expect(theirs.connection.info()).toMatchObject({ sendWindow: 3, sendScale: 0, receiveScale: 0 });
  });
});

describe("a window that shrinks: RFC 9293 §3.8.6 (MUST-34, SHLD-15, SHLD-16, SHLD-17)", () => {
  test("no new text goes out beyond it; what is out stays out", () => {
    const { peer, user } = established({ config: { noDelay: true } });
    user.sends(2 * FULL);
    expect(peer.takes()).toHaveLength(2);
    peer.sends(ack({ ack: 1, window: 1_000 }));
    user.sends(10);
    peer.expectsNothing();
    peer.sends(ack({ ack: 1 + 2 * FULL, window: 1_000 }));
    peer.expects(text(10, { seq: 1 + 2 * FULL }));
  });

  test("what lies in it is sent again, what lies beyond is not (SHLD-16)", () => {
    const { peer, user } = established();
    user.sends(4 * FULL);
    expect(peer.takes()).toHaveLength(4);
    peer.sends(ack({ ack: 1, window: 2 * FULL }));
    peer.advance(seconds(1));
    const again = peer.takes();
    expect(again.length).toBeGreaterThan(0);
    peer.sends(ack({ ack: 1 + FULL, window: FULL }));
    for (const seen of [...again, ...peer.takes()]) {
      expect(seen.seq + seen.bytes.length).toBeLessThanOrEqual(1 + 2 * FULL);
    }
  });

  test("text beyond its edge, which the peer keeps answering for, is no reason to give up (SHLD-17)", () => {
    const { peer, user } = established();
    user.sends(FULL);
    peer.takes();
    for (let minute = 0; minute < 40; minute++) {
      peer.sends(ack({ ack: 1, window: 0 }));
      peer.advance(seconds(60));
    }
    expect(peer.state).toBe("ESTABLISHED");
    peer.takes();
    peer.sends(ack({ ack: 1 + FULL, window: 0xffff }));
    user.sends("on");
    peer.expects(text("on"));
  });
});

test("a window that opens sends what waited, at once", () => {
  const { peer, user } = established({ offer: { mss: FULL, window: 100 } });
  peer.window = 100;
  user.sends("a".repeat(150));
  peer.expects(text("a".repeat(100)));
  peer.sends(ack({ ack: 101, window: 0 }));
  peer.expectsNothing();
  peer.advance(milliseconds(10));
  peer.sends(ack({ ack: 101, window: 1_000 }));
  peer.expects(text("a".repeat(50)));
});
