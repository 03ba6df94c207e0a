import { describe, expect, test } from "vitest";
import { closed, MODERN, synSent } from "../../../test/tcp/fixtures.ts";
import { ack, fin, rst, rstAck, segment, syn, synAck, text } from "../../../test/tcp/segments.ts";
import { type Instant, milliseconds, seconds } from "../../base/time.ts";

describe("SYN-SENT: RFC 9293 §3.10.7.3", () => {
  test.each([
    ["our ISS", 0],
    ["beyond SND.NXT", 2],
  ])("first, an ACK of %s is answered with RST", (_name, acknowledged) => {
    const { peer } = synSent();
    expect(peer.sends(synAck({ ack: acknowledged }))).toBe("tcp-bad-ack");
    peer.expects(rst({ seq: acknowledged }));
    expect(peer.state).toBe("SYN-SENT");
  });

  test("a peer with a connection of before (figure 9): RST, and the SYN again at once", () => {
    const { peer } = synSent();
    peer.sends(ack({ seq: 300, ack: 1_000 }));
    peer.expects(rst({ seq: 1_000 }));
    peer.advance(milliseconds(10));
    peer.expects(syn({ seq: 0 }));
    // Once only: it may have been a stranger's.
    peer.sends(ack({ seq: 300, ack: 1_000 }));
    peer.expects(rst({ seq: 1_000 }));
    peer.advance(milliseconds(900));
    peer.expectsNothing();
    peer.sends(synAck({ seq: 100, ack: 1 }));
    expect(peer.state).toBe("ESTABLISHED");
  });

  test.each([
    ["from before the SYN", -1, false],
    ["of the SYN", 0, true],
    ["of now", 20, true],
    ["from the future", 21, false],
  ])("a SYN-ACK whose timestamp echoes one %s: RFC 7323 §5.2", (_name, later, isOurs) => {
    const { peer, connection, context } = synSent();
    peer.advance(milliseconds(20));
    const echo = connection.timestamps.value(0 as Instant) + later;
    const reason = peer.sends(synAck({ seq: 100, ack: 1, ...MODERN, timestamps: [5, echo] }));
    expect(reason).toBe(isOurs ? undefined : "tcp-paws");
    peer.expects(isOurs ? ack({ ack: 101 }) : rst({ seq: 1 }));
    expect(peer.state).toBe(isOurs ? "ESTABLISHED" : "SYN-SENT");
    expect(context.counters.echoesRejected).toBe(isOurs ? 0 : 1);
  });

  test("first, a bad ACK with RST is dropped in silence", () => {
    const { peer } = synSent();
    expect(peer.sends(rstAck({ seq: 0, ack: 2 }))).toBe("tcp-bad-ack");
    peer.expectsNothing();
    expect(peer.state).toBe("SYN-SENT");
  });

  test("second, RST that acknowledges our SYN is a refusal: ECONNREFUSED", () => {
    const { peer, user, connection } = synSent();
    peer.sends(rstAck({ seq: 0, ack: 1 }));
    expect(peer.state).toBe("CLOSED");
    expect(connection.error).toBe("ECONNREFUSED");
    expect(user.heard()).toEqual(["closed"]);
    peer.expectsNothing();
    peer.advance(seconds(200));
    peer.expectsNothing();
  });

  test("second, RST without ACK proves nothing", () => {
    const { peer } = synSent();
    expect(peer.sends(rst({ seq: 0 }))).toBe("tcp-bad-reset");
    expect(peer.state).toBe("SYN-SENT");
  });

  test("fourth, SYN-ACK establishes the connection and is acknowledged at once", () => {
    const { peer, user } = synSent();
    peer.sends(synAck({ seq: 100, ack: 1 }));
    peer.expects(ack({ seq: 1, ack: 101 }));
    expect(peer.state).toBe("ESTABLISHED");
    expect(user.heard()).toEqual(["connected", "writable"]);
    peer.expectsNothing();
  });

  test("text that the user gave meanwhile goes out with the handshake's ACK", () => {
    const { peer, user } = synSent();
    expect(user.sends("hello")).toBe(5);
    peer.expectsNothing();
    peer.sends(synAck({ seq: 100, ack: 1 }));
    peer.expects(text("hello", { seq: 1, ack: 101, psh: true }));
    peer.expectsNothing();
  });

  test("a SYN-ACK's text and FIN are processed once established", () => {
    const { peer, user } = synSent();
    peer.sends(synAck({ seq: 100, ack: 1, text: "hello" }));
    peer.expects(ack({ ack: 106 }));
    expect(user.reads()).toBe("hello");

    const other = synSent();
    other.peer.sends(segment("SAF", { seq: 100, ack: 1, text: "bye" }));
    other.peer.expects(ack({ ack: 105 }));
    expect(other.state).toBe("CLOSE-WAIT");
    expect(other.user.reads()).toBe("bye");
  });

  test("fifth, a segment with neither SYN nor RST is dropped", () => {
    const { peer } = synSent();
    expect(peer.sends(ack({ seq: 100, ack: 1 }))).toBe("tcp-bad-flags");
    expect(peer.sends(fin({ seq: 100, ack: 1 }))).toBe("tcp-bad-flags");
    expect(peer.sends(segment("", { seq: 100, text: "x" }))).toBe("tcp-bad-flags");
    expect(peer.state).toBe("SYN-SENT");
    peer.expectsNothing();
  });

  test("the window of the SYN-ACK is not scaled (RFC 7323 §2.2); those after it are", () => {
    const { peer, connection } = synSent();
    peer.sends(synAck({ seq: 100, ack: 1, ...MODERN, window: 1_000 }));
    expect(connection.info().sendWindow).toBe(1_000);
    peer.sends(ack({ window: 1_000 }));
    expect(connection.info().sendWindow).toBe(128_000);
  });

  test("a listener's half: the third ACK's window is scaled, that of the SYN is not (RFC 7323 §2.2)", () => {
    const { peer, connection } = synSent();
    peer.sends(syn({ seq: 100, ...MODERN, window: 1_000 }));
    expect(connection.info().sendWindow).toBe(1_000);
    // The peer's SYN-ACK completes the simultaneous open: a SYN's window again.
    peer.sends(synAck({ seq: 100, ack: 1, ...MODERN, window: 900 }));
    expect(connection.info().sendWindow).toBe(900);
    peer.sends(ack({ seq: 101, window: 10 }));
    expect(connection.info().sendWindow).toBe(1_280);
  });
});

describe("simultaneous open: RFC 9293 §3.5, figure 7 (MUST-10)", () => {
  test("SYN without ACK is answered with SYN-ACK; the peer's SYN-ACK establishes", () => {
    const { peer, user, states } = synSent();
    peer.sends(syn({ seq: 100 }));
    peer.expects(synAck({ seq: 0, ack: 101 }));
    peer.sends(synAck({ seq: 100, ack: 1 }));
    expect(states).toEqual(["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]);
    expect(user.heard()).toEqual(["connected", "writable"]);
  });

  test("the peer's ACK establishes as well", () => {
    const { peer } = synSent();
    peer.sends(syn({ seq: 100 }));
    peer.takes();
    peer.sends(ack({ seq: 101, ack: 1 }));
    expect(peer.state).toBe("ESTABLISHED");
    peer.expectsNothing();
  });

  test("the peer's SYN comes before ours has left: ours is a SYN-ACK at once, and sent again if it is lost", () => {
    const bench = closed();
    const { peer } = bench;
    bench.connection = bench.tcp.connect({ remote: peer.address, remotePort: peer.port });
    peer.hostPort = bench.connection.localPort;
    peer.sends(syn({ seq: 100 }));
    peer.expects(synAck({ seq: 0, ack: 101 }));
    peer.expectsNothing();
    peer.advance(seconds(1));
    peer.expects(synAck({ seq: 0, ack: 101 }));
    peer.sends(ack({ seq: 101, ack: 1 }));
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("text flows both ways afterwards", () => {
    const { peer, user } = synSent();
    peer.sends(syn({ seq: 100 }));
    peer.takes();
    user.sends("ping");
    peer.expectsNothing();
    peer.sends(synAck({ seq: 100, ack: 1 }));
    peer.expects(text("ping", { seq: 1, ack: 101 }));
    peer.sends(text("pong", { seq: 101, ack: 5 }));
    expect(user.reads()).toBe("pong");
  });

  test("a lost SYN-ACK is sent again, as SYN-ACK", () => {
    const { peer } = synSent();
    peer.sends(syn({ seq: 100 }));
    peer.expects(synAck());
    peer.advance(seconds(1));
    peer.expects(synAck({ seq: 0, ack: 101 }));
  });

  test("only the options that both offered are in the SYN-ACK", () => {
    const { peer } = synSent();
    peer.sends(syn({ seq: 100, mss: 1_000 }));
    peer.expects(synAck({ windowScale: -1, sackPermitted: false, timestamps: "none", mss: 1_460 }));
  });
});

describe("a SYN that nobody answers: RFC 9293 §3.8.3 (MUST-22, MUST-23)", () => {
  test.each([
    // tcp_syn_linear_timeouts, when the SYNs go out again, and when all is over
    [0, [1, 3, 7, 15, 31, 63], 127],
    [4, [1, 2, 3, 4, 5, 7, 11, 19, 35, 67], 131],
  ])(
    "with %d linear timeouts it goes out again at %j s and ends with ETIMEDOUT at %d s",
    (linear, again, end) => {
      const { peer, user, connection, retransmissions } = synSent({ config: { synLinearTimeouts: linear } });
      peer.advance(seconds(end - 1));
      expect(peer.takes().map(seen => [seen.flags, seen.seq, seen.at / 1e6])).toEqual(
        again.map(at => ["S", 0, at]),
      );
      expect(peer.state).toBe("SYN-SENT");
      peer.advance(seconds(1));
      expect(peer.state).toBe("CLOSED");
      expect(connection.error).toBe("ETIMEDOUT");
      expect(user.heard()).toEqual(["closed"]);
      expect(retransmissions).toHaveLength(again.length);
      peer.expectsNothing();
    },
  );

  test("the SYN-ACK of a simultaneous open backs off at once: only SYN-SENT is linear", () => {
    const { peer } = synSent();
    peer.sends(syn({ seq: 100 }));
    peer.takes();
    peer.advance(seconds(7.5));
    expect(peer.takes().map(seen => [seen.flags, seen.at / 1e6])).toEqual([
      ["SA", 1],
      ["SA", 3],
      ["SA", 7],
    ]);
  });

  test("a SYN-ACK that comes late still establishes; the timeout starts at 3 s then (RFC 6298 §5.7)", () => {
    const { peer, connection } = synSent();
    peer.advance(seconds(2));
    peer.takes();
    peer.sends(synAck({ seq: 100, ack: 1 }));
    expect(peer.state).toBe("ESTABLISHED");
    expect(connection.info().rto).toBe(seconds(3));
  });

  test("after two lost SYNs the initial window is one segment (RFC 6928 §2); one is forgiven", () => {
    const once = synSent();
    once.advance(seconds(1));
    once.peer.sends(synAck({ seq: 100, ack: 1, mss: 1_460 }));
    expect(once.connection.info().cwnd).toBe(14_600);
    const twice = synSent();
    twice.advance(seconds(3));
    twice.peer.sends(synAck({ seq: 100, ack: 1, mss: 1_460 }));
    expect(twice.connection.info().cwnd).toBe(1_460);
  });
});
