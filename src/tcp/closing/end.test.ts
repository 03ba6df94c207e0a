import { describe, expect, test } from "vitest";
import {
  closeWait,
  closing,
  established,
  FULL,
  lastAck,
  SYNCHRONIZED,
  synSent,
  timeWait,
} from "../../../test/tcp/fixtures.ts";
import { ack, rstAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

describe("ABORT: RFC 9293 §3.10.5", () => {
  test("in SYN-SENT: no RST", () => {
    const { peer, user } = synSent();
    user.aborts();
    expect(peer.state).toBe("CLOSED");
    peer.expectsNothing();
  });

  test.each(SYNCHRONIZED.slice(0, 5))(
    "in $state: RST at SND.NXT, and everything is forgotten",
    ({ fixture, sndNxt, rcvNxt }) => {
      const { peer, user, tcp } = fixture();
      user.heard();
      user.aborts();
      peer.expects(rstAck({ seq: sndNxt, ack: rcvNxt }));
      expect(peer.state).toBe("CLOSED");
      expect(user.heard()).toEqual(["closed"]);
      expect([...tcp.connections()]).toEqual([]);
      peer.advance(seconds(1_000));
      peer.expectsNothing();
    },
  );

  test.each([
    ["CLOSING", closing],
    ["LAST-ACK", lastAck],
    ["TIME-WAIT", timeWait],
  ] as const)("in %s: no RST, both FINs have been sent", (_state, fixture) => {
    const { peer, user, connection } = fixture();
    user.aborts();
    peer.expectsNothing();
    expect(connection.isOver).toBe(true);
  });

  test("in LAST-ACK with text that was not sent yet: RST, for that text is lost", () => {
    const { peer, user } = closeWait();
    peer.sends(ack({ window: 1 }));
    user.sends("abc");
    peer.advance(milliseconds(201));
    user.closes();
    peer.takes();
    user.aborts();
    peer.expects(rstAck({ seq: 2, ack: 102 }));
  });

  test("RST comes after the text that was sent, and the text waiting is lost", () => {
    const { peer, user } = established({ offer: { mss: FULL, window: 5 } });
    peer.window = 5;
    user.sends("0123456789");
    peer.expects(text("01234"));
    user.aborts();
    peer.expects(rstAck({ seq: 6, ack: 101 }));
  });

  test("what was not read is gone", () => {
    const { peer, user } = established();
    peer.sends(text("hello"));
    user.aborts();
    expect(user.reads()).toBe("");
  });
});
