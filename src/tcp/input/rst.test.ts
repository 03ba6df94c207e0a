import { describe, expect, test } from "vitest";
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  MODERN,
  SACK,
  SYNCHRONIZED,
  simultaneouslyOpened,
} from "../../../test/tcp/fixtures.ts";
import { ack, fin, rst, rstAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

describe.each(SYNCHRONIZED)(
  "RST in $state: RFC 9293 §3.10.7.4, RFC 5961 §3.2",
  ({ fixture, rcvNxt, sndNxt }) => {
    test("at exactly RCV.NXT it ends the connection, and nothing is answered", () => {
      const { peer, tcp, user } = fixture();
      user.heard();
      expect(peer.sends(rst({ seq: rcvNxt }))).toBeUndefined();
      expect(peer.state).toBe("CLOSED");
      expect([...tcp.connections()]).toEqual([]);
      expect(user.heard()).toEqual(["closed"]);
      peer.expectsNothing();
      peer.advance(seconds(1_000));
      peer.expectsNothing();
      expect(tcp.deadline).toBe(Number.POSITIVE_INFINITY);
    });

    test("its ACK field does not matter", () => {
      const { peer } = fixture();
      peer.sends(rstAck({ seq: rcvNxt, ack: 77_777 }));
      expect(peer.state).toBe("CLOSED");
    });

    test("elsewhere in the window it is challenged with an ACK", () => {
      const { peer, context } = fixture();
      const { state } = peer;
      expect(peer.sends(rst({ seq: rcvNxt + 1 }))).toBe("tcp-bad-reset");
      peer.expects(ack({ seq: sndNxt, ack: rcvNxt }));
      expect(peer.state).toBe(state);
      expect(context.counters.challengeAcks).toBe(1);
      peer.expectsNothing();
    });

    test("outside of the window it is dropped in silence", () => {
      const { peer } = fixture();
      const { state } = peer;
      expect(peer.sends(rst({ seq: rcvNxt - 2 }))).toBe("tcp-out-of-window");
      expect(peer.sends(rst({ seq: rcvNxt + 2_000_000 }))).toBe("tcp-out-of-window");
      expect(peer.state).toBe(state);
      peer.expectsNothing();
    });
  },
);

describe("numbers that are as good as RCV.NXT: docs/decisions/reset-numbers.md", () => {
  test.each([
    ["CLOSE-WAIT", closeWait],
    ["CLOSING", closing],
    ["LAST-ACK", lastAck],
  ] as const)("in %s, that of the peer's FIN", (_state, fixture) => {
    const { peer } = fixture();
    expect(peer.sends(rst({ seq: 101 }))).toBeUndefined();
    expect(peer.state).toBe("CLOSED");
    peer.expectsNothing();
  });

  test("but not while there was no FIN", () => {
    const { peer } = established();
    expect(peer.sends(rst({ seq: 100 }))).toBe("tcp-out-of-window");
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("the end of the last text beyond a hole, where SACK tells the peer of it", () => {
    const { peer } = established({ offer: SACK });
    peer.sends(text("lo", { seq: 104 }));
    peer.takes();
    expect(peer.sends(rst({ seq: 105 }))).toBe("tcp-bad-reset");
    expect(peer.sends(rst({ seq: 106 }))).toBeUndefined();
    expect(peer.state).toBe("CLOSED");
  });
});

describe("what the user hears of RST", () => {
  test.each([
    ["SYN-RECEIVED", simultaneouslyOpened, 101, "ECONNREFUSED"],
    ["ESTABLISHED", established, 101, "ECONNRESET"],
    ["FIN-WAIT-1", finWait1, 101, "ECONNRESET"],
    ["FIN-WAIT-2", finWait2, 101, "ECONNRESET"],
    ["CLOSE-WAIT", closeWait, 102, "EPIPE"],
    ["CLOSING", closing, 102, "ECONNRESET"],
    ["LAST-ACK", lastAck, 102, "ECONNRESET"],
  ] as const)("in %s", (_state, fixture, rcvNxt, error) => {
    const { peer, connection } = fixture();
    peer.sends(rst({ seq: rcvNxt }));
    expect(connection.error).toBe(error);
  });

  test("a connection that was over before it was told is not called reset", () => {
    const { peer, connection } = finWait2();
    peer.sendsBurst(fin({ seq: 101, ack: 2 }), rst({ seq: 102 }));
    expect(connection.error).toBeUndefined();
  });

  test("SEND fails with the error from then on; what had come stays readable", () => {
    const { peer, user } = established();
    peer.sends(text("hello"), rst());
    expect(user.fails(() => user.sends("x"))).toBe("ECONNRESET");
    expect(user.reads()).toBe("hello");
  });
});

describe("RST and the rest of the state", () => {
  test("with the window closed, RST at RCV.NXT still counts (MUST-66)", () => {
    const { peer } = established({ config: { receiveBuffer: 1_000 } });
    peer.sends(text(1_000));
    peer.takes();
    peer.sends(rst({ seq: 1_101 }));
    expect(peer.state).toBe("CLOSED");
  });

  test("with the window closed, RST anywhere else is dropped", () => {
    const { peer } = established({ config: { receiveBuffer: 1_000 } });
    peer.sends(text(1_000));
    peer.takes();
    peer.sends(rst({ seq: 1_102 }));
    peer.expectsNothing();
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("PAWS does not apply to RST (RFC 7323 §5.2)", () => {
    const { peer } = established({ offer: MODERN });
    peer.advance(milliseconds(5));
    peer.sends(rst({ seq: 101, timestamps: [1, 0] }));
    expect(peer.state).toBe("CLOSED");
  });

  test("a RST may carry text that explains it (SHLD-2)", () => {
    const { peer } = established();
    peer.sends(rst({ seq: 101, text: "go away" }));
    expect(peer.state).toBe("CLOSED");
  });

  test("a challenge to a peer that has restarted brings the RST that counts", () => {
    const { peer } = established();
    peer.sends(rst({ seq: 5_000 }));
    const challenge = peer.expects(ack());
    peer.sends(rst({ seq: challenge.ack ?? 0 }));
    expect(peer.state).toBe("CLOSED");
  });
});

describe("numbers that are as good as RCV.NXT, as on Linux", () => {
  test.each([
    ["CLOSE-WAIT", closeWait],
    ["LAST-ACK", lastAck],
    ["CLOSING", closing],
  ] as const)("the FIN's own, in %s: a peer that ends abruptly sends both", (_state, fixture) => {
    const { peer } = fixture();
    expect(peer.sends(rst({ seq: 101 }))).toBeUndefined();
    expect(peer.state).toBe("CLOSED");
    peer.expectsNothing();
  });

  test("but not before a FIN has come, and nothing else before the window", () => {
    const { peer } = established();
    expect(peer.sends(rst({ seq: 100 }))).toBe("tcp-out-of-window");
    const { peer: other } = closeWait();
    expect(other.sends(rst({ seq: 100 }))).toBe("tcp-out-of-window");
    expect(other.state).toBe("CLOSE-WAIT");
  });

  test("the end of the last block that we report: what is missing was lost on the way", () => {
    const { peer } = established({ offer: SACK });
    peer.sends(text(100, { seq: 201 }), text(100, { seq: 401 }));
    peer.takes();
    expect(peer.sends(rst({ seq: 301 }))).toBe("tcp-bad-reset");
    expect(peer.state).toBe("ESTABLISHED");
    peer.sends(rst({ seq: 501 }));
    expect(peer.state).toBe("CLOSED");
  });

  test("the end of a FIN behind a hole, and no number before it", () => {
    const { peer } = established({ offer: MODERN });
    peer.sends(fin({ seq: 105, text: "x" }));
    peer.takes();
    expect(peer.sends(rst({ seq: 106 }))).toBe("tcp-bad-reset");
    expect(peer.state).toBe("ESTABLISHED");
    peer.sends(rst({ seq: 107 }));
    expect(peer.state).toBe("CLOSED");
  });

  test("without SACK the peer has no way to know, and a stranger none to guess by", () => {
    const { peer } = established();
    peer.sends(text(100, { seq: 201 }));
    peer.takes();
    expect(peer.sends(rst({ seq: 301 }))).toBe("tcp-bad-reset");
  });
});
