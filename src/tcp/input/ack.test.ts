import { describe, expect, test } from "vitest";
import {
  closeWait,
  closing,
  established,
  FULL,
  finWait1,
  lastAck,
  MODERN,
  SYNCHRONIZED,
} from "../../../test/tcp/fixtures.ts";
import { ack, fin, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

describe.each(SYNCHRONIZED.slice(1))(
  "ACK in $state: RFC 9293 §3.10.7.4, fifth step",
  ({ fixture, rcvNxt, sndNxt }) => {
    test("of what was never sent is answered with an ACK, and dropped", () => {
      const { peer } = fixture();
      const { state } = peer;
      expect(peer.sends(ack({ seq: rcvNxt, ack: sndNxt + 1 }))).toBe("tcp-bad-ack");
      peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
      expect(peer.state).toBe(state);
    });

    test("older than SND.UNA − MAX.SND.WND is challenged (RFC 5961 §5.2, MAY-12)", () => {
      const { peer, context } = fixture({ offer: { mss: 1_460, window: 1_000 } });
      expect(peer.sends(ack({ seq: rcvNxt, ack: sndNxt - 70_000 }))).toBe("tcp-bad-ack");
      peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
      expect(context.counters.challengeAcks).toBe(1);
    });

    test("older than the connection is challenged too", () => {
      const { peer, context } = fixture();
      expect(peer.sends(ack({ seq: rcvNxt, ack: -10 }))).toBe("tcp-bad-ack");
      peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
      expect(context.counters.challengeAcks).toBe(1);
    });

    test("a little older than SND.UNA is ignored", () => {
      const { peer } = fixture();
      const { state } = peer;
      expect(peer.sends(ack({ seq: rcvNxt, ack: 0 }))).toBeUndefined();
      peer.expectsNothing();
      expect(peer.state).toBe(state);
    });

    test("again of the same number changes nothing", () => {
      const { peer, connection } = fixture();
      const una = connection.info().unacknowledged;
      peer.sends(ack({ seq: rcvNxt, ack: sndNxt - una }));
      expect(connection.info().unacknowledged).toBe(una);
      peer.expectsNothing();
    });
  },
);

describe("an ACK of new text", () => {
  test("takes it off the queue and out of the buffer", () => {
    const { peer, user, connection } = established();
    user.sends(1_000);
    peer.takes();
    expect(connection.info()).toMatchObject({ unacknowledged: 1_000, sendQueue: 1_000 });
    peer.sends(ack({ ack: 401 }));
    expect(connection.info()).toMatchObject({ unacknowledged: 600, sendQueue: 600, bytesAcked: 400 });
    peer.sends(ack({ ack: 1_001 }));
    expect(connection.info()).toMatchObject({ unacknowledged: 0, sendQueue: 0, bytesAcked: 1_000 });
    peer.advance(seconds(10));
    peer.expectsNothing();
  });

  test("comes with text as well as without", () => {
    const { peer, user, connection } = established();
    user.sends(1_000);
    peer.takes();
    peer.sends(text("reply", { ack: 1_001 }));
    expect(connection.info().unacknowledged).toBe(0);
    expect(user.reads()).toBe("reply");
  });

  test("old text with a new ACK: the ACK counts if the segment reaches the window", () => {
    const { peer, user, connection } = established();
    peer.sends(text("abc"));
    user.sends(1_000);
    peer.takes();
    peer.sends(text("ab", { seq: 101, ack: 1_001 }));
    expect(connection.info().unacknowledged).toBe(1_000);
    peer.sends(text("abc", { seq: 101, ack: 1_001 }));
    expect(connection.info().unacknowledged).toBe(0);
  });

  test("makes room, and the user hears of it when a third of the buffer is free", () => {
    const { peer, user } = established({
      rtt: 100,
      config: { sendBuffer: 30_000, sendBufferLimit: 30_000 },
    });
    // What half of the window takes, and as much again as goes out at once.
    expect(user.sends(32 * FULL)).toBe(32 * FULL);
    expect(user.sends(1)).toBe(0);
    expect(user.heard()).toEqual([]);
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1 + 10 * FULL }));
    peer.advance(milliseconds(100));
    peer.sends(ack({ ack: 1 + 22 * FULL }));
    // 10 segments in 5 units of 1,280 bytes beside their text: 21,000.
    expect(user.heard()).toEqual([]);
    peer.sends(ack({ ack: 1 + 24 * FULL }));
    expect(user.heard()).toEqual(["writable"]);
    peer.sends(ack({ ack: 1 + 32 * FULL }));
    expect(user.heard()).toEqual([]);
  });

  test("tells the neighbor's entry that the way is good (RFC 4861 §7.3.1)", () => {
    const { peer, user, path } = established();
    const before = path.confirmations;
    user.sends("x");
    peer.sends(ack());
    expect(path.confirmations).toBe(before + 1);
    peer.sends(ack());
    expect(path.confirmations).toBe(before + 1);
  });
});

describe("the round trip: RFC 6298 §3, RFC 7323 §4.1", () => {
  test("is measured by the acknowledgment of text sent once", () => {
    const { peer, user, connection } = established();
    user.sends("x");
    peer.advance(milliseconds(80));
    peer.sends(ack());
    expect(connection.info().srtt).toBe(10_001); // the handshake took 1 µs
    expect(connection.info().rto).toBeGreaterThan(milliseconds(200));
  });

  test("Karn's algorithm: not by that of text sent twice, without timestamps (MUST-18)", () => {
    const { peer, user, connection } = established();
    const { srtt } = connection.info();
    user.sends("x");
    peer.advance(milliseconds(300));
    expect(peer.takes()).toHaveLength(2);
    peer.sends(ack());
    expect(connection.info().srtt).toBe(srtt);
    // So the backoff stays (RFC 6298 §5), until something sent once is acknowledged.
    expect(connection.info().backoff).toBe(1);
    user.sends("y");
    peer.sends(ack());
    expect(connection.info().backoff).toBe(0);
  });

  test("with timestamps, by the echo, even then", () => {
    const { peer, user, connection } = established({ offer: MODERN });
    user.sends("x");
    const first = peer.expects(text("x"));
    peer.advance(milliseconds(300));
    peer.takes();
    const clock = first.timestamps?.[0] ?? 0;
    peer.sends(ack({ timestamps: [peer.clock, clock] }));
    // The handshake's sample was 1 µs, this one 300 ms.
    expect(connection.info().srtt).toBeGreaterThan(milliseconds(35));
  });

  test("an echo of what we never sent is no sample", () => {
    const { peer, user, connection } = established({ offer: MODERN });
    user.sends("x");
    peer.advance(milliseconds(300));
    const { srtt } = connection.info();
    const last = peer.takes().at(-1)?.timestamps?.[0] ?? 0;
    peer.sends(ack({ timestamps: [peer.clock, last + 1_000_000] }));
    expect(connection.info().srtt).toBe(srtt);
  });
});

describe("the states that wait for our FIN's acknowledgment", () => {
  test("FIN-WAIT-1: text acknowledged and FIN not is not enough", () => {
    const { peer, user } = established();
    user.sends("abc");
    user.closes();
    expect(peer.state).toBe("FIN-WAIT-1");
    peer.sends(ack({ ack: 4 }));
    expect(peer.state).toBe("FIN-WAIT-1");
    peer.sends(ack({ ack: 5 }));
    expect(peer.state).toBe("FIN-WAIT-2");
  });

  test("FIN-WAIT-1 with text that the window holds back: FIN has not even been sent", () => {
    const { peer, user } = established({ offer: { mss: FULL, window: 10 } });
    peer.window = 10;
    user.sends("0123456789abc");
    user.closes();
    peer.expects(text("0123456789", { seq: 1 }));
    peer.expectsNothing();
    peer.sends(ack({ ack: 11 }));
    peer.expects(fin({ seq: 11, text: "abc" }));
    expect(peer.state).toBe("FIN-WAIT-1");
    peer.sends(ack({ ack: 15 }));
    expect(peer.state).toBe("FIN-WAIT-2");
  });

  test("CLOSING → TIME-WAIT, LAST-ACK → CLOSED, and only then", () => {
    const one = closing();
    one.peer.sends(ack({ ack: 1 }));
    expect(one.state).toBe("CLOSING");
    one.peer.sends(ack({ ack: 2 }));
    expect(one.state).toBe("TIME-WAIT");
    const other = lastAck();
    other.peer.sends(ack({ ack: 1 }));
    expect(other.state).toBe("LAST-ACK");
    other.peer.sends(ack({ ack: 2 }));
    expect(other.state).toBe("CLOSED");
  });

  test("CLOSE-WAIT: text is still sent and acknowledged", () => {
    const { peer, user, connection } = closeWait();
    user.sends("abc");
    peer.expects(text("abc", { seq: 1, ack: 102 }));
    peer.sends(ack({ ack: 4 }));
    expect(connection.info().unacknowledged).toBe(0);
    expect(peer.state).toBe("CLOSE-WAIT");
  });

  test("FIN-WAIT-1: the FIN of the peer may come with the ACK of ours", () => {
    const { peer } = finWait1();
    peer.sends(fin({ ack: 2 }));
    expect(peer.state).toBe("TIME-WAIT");
  });
});
