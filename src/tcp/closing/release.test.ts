import { describe, expect, test } from "vitest";
import {
  closeWait,
  established,
  finWait1,
  finWait2,
  lastAck,
  synSent,
  timeWait,
} from "../../../test/tcp/fixtures.ts";
import { ack, fin, rstAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

describe("release: nobody reads any more", () => {
  test("with nothing unread it is a CLOSE (MAY-1)", () => {
    const { peer, user } = established();
    user.releases();
    peer.expects(fin({ seq: 1, ack: 101 }));
    peer.sends(ack());
    expect(peer.state).toBe("FIN-WAIT-2");
  });

  test("with something unread it is RST (RFC 9293 §3.6.1, SHLD-3; RFC 2525 §2.17)", () => {
    const { peer, user } = established();
    peer.sends(text("unread"));
    user.releases();
    peer.expects(rstAck({ seq: 1, ack: 107 }));
    expect(peer.state).toBe("CLOSED");
  });

  test("also when both FINs have been sent: the peer has not heard that its text is lost", () => {
    const { peer, user } = established();
    peer.sends(fin({ ack: 1, text: "unread" }));
    user.closes();
    peer.takes();
    user.releases();
    peer.expects(rstAck({ seq: 2, ack: 108 }));
    expect(peer.state).toBe("CLOSED");
  });

  test("after the peer's FIN with everything read it is orderly", () => {
    const { peer, user } = closeWait();
    user.releases();
    peer.expects(fin({ seq: 1, ack: 102 }));
    expect(peer.state).toBe("LAST-ACK");
  });

  test("in FIN-WAIT-2 the peer has 60 s for its FIN", () => {
    const { peer, user } = finWait2();
    user.releases();
    peer.advance(milliseconds(59_999));
    expect(peer.state).toBe("FIN-WAIT-2");
    peer.advance(milliseconds(1));
    expect(peer.state).toBe("CLOSED");
    peer.expectsNothing();
  });

  test("the 60 s begin with FIN-WAIT-2, not with the release", () => {
    const { peer, user } = finWait1();
    user.releases();
    peer.advance(seconds(10));
    peer.takes();
    peer.sends(ack({ ack: 2 }));
    peer.advance(milliseconds(59_999));
    expect(peer.state).toBe("FIN-WAIT-2");
    peer.advance(milliseconds(1));
    expect(peer.state).toBe("CLOSED");
  });

  test("the FIN in time leads to TIME-WAIT as always", () => {
    const { peer, user } = finWait2();
    user.releases();
    peer.advance(seconds(59));
    peer.sends(fin({ ack: 2 }));
    expect(peer.state).toBe("TIME-WAIT");
    peer.advance(seconds(2));
    expect(peer.state).toBe("TIME-WAIT");
  });

  test.each([
    ["SYN-SENT", synSent],
    ["TIME-WAIT", timeWait],
    ["LAST-ACK", lastAck],
  ] as const)("in %s it disturbs nothing", (_state, fixture) => {
    const { peer, user } = fixture();
    user.releases();
    user.releases();
    peer.expectsNothing();
  });
});
