import { describe, expect, test } from "vitest";
import {
  accepted,
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  SACK,
  simultaneouslyOpened,
} from "../../../test/tcp/fixtures.ts";
import { ack, fin, segment, text } from "../../../test/tcp/segments.ts";
import { milliseconds } from "../../base/time.ts";

describe("FIN in order: RFC 9293 §3.10.7.4, eighth step", () => {
  test("ESTABLISHED → CLOSE-WAIT; acknowledged at once; the user hears of it", () => {
    const { peer, user, connection } = established();
    peer.sends(fin({ ack: 1, text: "bye" }));
    peer.expects(ack({ seq: 1, ack: 105 }));
    expect(peer.state).toBe("CLOSE-WAIT");
    expect(user.heard()).toEqual(["readable", "peerClosed"]);
    expect(connection.isAtEnd).toBe(false);
    expect(user.reads()).toBe("bye");
    expect(connection.isAtEnd).toBe(true);
  });

  test("SYN-RECEIVED → ESTABLISHED → CLOSE-WAIT", () => {
    const { peer, states } = simultaneouslyOpened();
    peer.sends(fin({ ack: 1 }));
    expect(states.slice(-2)).toEqual(["ESTABLISHED", "CLOSE-WAIT"]);
    peer.expects(ack({ ack: 102 }));
  });

  test("FIN-WAIT-1 with our FIN not acknowledged → CLOSING (simultaneous close, RFC 9293 figure 13)", () => {
    const { peer, states } = finWait1();
    peer.sends(fin({ ack: 1 }));
    peer.expects(ack({ seq: 2, ack: 102 }));
    expect(peer.state).toBe("CLOSING");
    peer.sends(ack({ ack: 2 }));
    expect(states.slice(-2)).toEqual(["CLOSING", "TIME-WAIT"]);
    peer.expectsNothing();
  });

  test("FIN-WAIT-1 with our FIN acknowledged by the same segment → FIN-WAIT-2 → TIME-WAIT", () => {
    const { peer, states } = finWait1();
    peer.sends(fin({ ack: 2 }));
    peer.expects(ack({ seq: 2, ack: 102 }));
    expect(states.slice(-2)).toEqual(["FIN-WAIT-2", "TIME-WAIT"]);
  });

  test("FIN-WAIT-2 → TIME-WAIT; the user hears the end", () => {
    const { peer, user, connection } = finWait2();
    peer.sends(fin({ ack: 2, text: "last" }));
    peer.expects(ack({ seq: 2, ack: 106 }));
    expect(peer.state).toBe("TIME-WAIT");
    expect(user.heard()).toEqual(["readable", "peerClosed", "closed"]);
    expect(user.reads()).toBe("last");
    expect(connection.error).toBeUndefined();
  });

  test("CLOSE-WAIT → LAST-ACK → CLOSED by the user's CLOSE and the ACK of our FIN", () => {
    const { peer, user, tcp } = closeWait();
    user.closes();
    peer.expects(fin({ seq: 1, ack: 102 }));
    peer.sends(ack({ ack: 2 }));
    expect(peer.state).toBe("CLOSED");
    expect(user.heard()).toEqual(["closed"]);
    expect([...tcp.connections(), ...tcp.timeWaits()]).toEqual([]);
    peer.expectsNothing();
  });
});

describe("FIN again", () => {
  test.each([
    ["CLOSE-WAIT", closeWait],
    ["CLOSING", closing],
    ["LAST-ACK", lastAck],
  ] as const)("in %s it is acknowledged, and the state stays", (state, fixture) => {
    const { peer } = fixture();
    peer.sends(fin({ seq: 101, ack: 1 }));
    peer.expects(ack({ ack: 102 }));
    expect(peer.state).toBe(state);
  });
});

describe("FIN out of order", () => {
  test("waits for the text before it", () => {
    const { peer, user } = established();
    peer.sends(fin({ seq: 104, text: "de" }));
    peer.expects(ack({ ack: 101 }));
    expect(peer.state).toBe("ESTABLISHED");
    peer.sends(text("abc", { seq: 101 }));
    peer.expects(ack({ ack: 107 }));
    expect(peer.state).toBe("CLOSE-WAIT");
    expect(user.reads()).toBe("abcde");
    expect(user.heard()).toEqual(["readable", "peerClosed"]);
  });

  test("bare, too", () => {
    const { peer, user } = established();
    peer.sends(fin({ seq: 104 }));
    peer.expects(ack({ ack: 101 }));
    peer.sends(text("abc", { seq: 101 }));
    peer.expects(ack({ ack: 105 }));
    expect(peer.state).toBe("CLOSE-WAIT");
    expect(user.reads()).toBe("abc");
  });

  test.each([
    ["FIN-WAIT-1", finWait1, "CLOSING", 1],
    ["FIN-WAIT-2", finWait2, "TIME-WAIT", 2],
  ] as const)("in %s it leads to %s when the text has come", (_state, fixture, then, acknowledged) => {
    const { peer, user } = fixture();
    peer.sends(fin({ seq: 104, ack: acknowledged }));
    expect(peer.state).toBe(_state);
    peer.sends(text("abc", { seq: 101, ack: acknowledged }));
    expect(peer.state).toBe(then);
    expect(user.reads()).toBe("abc");
  });

  test("beyond the window it is not remembered", () => {
    const { peer } = established({ config: { receiveBuffer: 100 } });
    expect(peer.sends(fin({ seq: 101 + 100 }))).toBe("tcp-out-of-window");
    peer.sends(text(100, { seq: 101 }));
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("text that a confused peer put behind its FIN is forgotten with it", () => {
    const { peer, user } = accepted({ offer: SACK });
    peer.sends(text("behind", { seq: 105 }), fin({ seq: 101, text: "abc" }));
    expect(peer.state).toBe("CLOSE-WAIT");
    expect(user.reads()).toBe("abc");
    peer.takes();
    user.sends("x");
    peer.expects(text("x", { ack: 105, sack: [] }));
  });

  test("without ACK it is dropped", () => {
    const { peer } = established();
    expect(peer.sends(segment("F", { seq: 101 }))).toBe("tcp-bad-flags");
    expect(peer.state).toBe("ESTABLISHED");
    peer.advance(milliseconds(100));
    peer.expectsNothing();
  });
});
