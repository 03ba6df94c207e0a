import { describe, expect, test } from "vitest";
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  simultaneouslyOpened,
  synSent,
  timeWait,
} from "../../../test/tcp/fixtures.ts";
import { ack, fin, rst, synAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

describe("CLOSE: RFC 9293 §3.10.4", () => {
  test("in SYN-SENT: the attempt ends, and nothing is sent", () => {
    const { peer, user } = synSent();
    user.closes();
    expect(peer.state).toBe("CLOSED");
    expect(user.heard()).toEqual(["closed"]);
    peer.expectsNothing();
    peer.sends(synAck({ seq: 100, ack: 1 }));
    peer.expects(rst({ seq: 1 }));
  });

  test.each([
    ["SYN-RECEIVED", simultaneouslyOpened, "FIN-WAIT-1", 101],
    ["ESTABLISHED", established, "FIN-WAIT-1", 101],
    ["CLOSE-WAIT", closeWait, "LAST-ACK", 102],
  ] as const)("in %s: FIN", (_state, fixture, then, rcvNxt) => {
    const { peer, user } = fixture();
    user.closes();
    peer.expects(fin({ seq: 1, ack: rcvNxt }));
    expect(peer.state).toBe(then);
    peer.expectsNothing();
  });

  test.each([
    ["FIN-WAIT-1", finWait1],
    ["FIN-WAIT-2", finWait2],
    ["CLOSING", closing],
    ["LAST-ACK", lastAck],
    ["TIME-WAIT", timeWait],
  ] as const)("in %s: it is closed already", (state, fixture) => {
    const { peer, user } = fixture();
    user.closes();
    expect(peer.state).toBe(state);
    peer.expectsNothing();
  });

  test("the text given before goes out first, and the FIN on its last segment", () => {
    const { peer, user, connection } = established();
    connection.close();
    expect(user.fails(() => user.sends("late"))).toBe("EPIPE");
    const other = established({ offer: { mss: 1_000 } });
    other.user.sends("x".repeat(2_500));
    other.user.closes();
    other.peer.expects(text(1_000));
    other.peer.expects(text(1_000));
    // The last piece went out before CLOSE was called.
    other.peer.expects(text(500));
    other.peer.expects(fin({ seq: 2_501 }));
    peer.takes();
  });

  test("FIN rides on the last text, if that is still there", () => {
    const bench = established();
    const { peer, user, connection } = bench;
    connection.send(Uint8Array.from([65, 66]));
    connection.close();
    bench.settleIfWoken();
    peer.expects(fin({ seq: 1, text: "AB", psh: true }));
    peer.expectsNothing();
    expect(user.heard()).toEqual([]);
  });

  test("half-close: what the peer sends is still received and acknowledged", () => {
    const { peer, user } = finWait2();
    peer.sends(text("late", { ack: 2 }));
    expect(user.reads()).toBe("late");
    peer.advance(milliseconds(40));
    peer.expects(ack({ seq: 2, ack: 105 }));
  });

  test("a half-closed connection waits in FIN-WAIT-2 as long as the peer likes", () => {
    const { peer } = finWait2();
    peer.advance(seconds(86_400));
    expect(peer.state).toBe("FIN-WAIT-2");
  });
});
