import { describe, expect, test } from "vitest";
import {
  accepted,
  accepts,
  FULL,
  listening,
  MODERN,
  simultaneouslyOpened,
  synReceived,
} from "../../../test/tcp/fixtures.ts";
import { PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, fin, rst, type SegmentFields, segment, syn, synAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import type { TcpConfig } from "../tcp-config.ts";

describe("SYN-RECEIVED after a passive OPEN: RFC 9293 §3.10.7.4", () => {
  test("the ACK of our SYN establishes, and the listener hears of it", () => {
    const bench = synReceived();
    let told = 0;
    (bench.listener as NonNullable<typeof bench.listener>).observer = { acceptable: () => told++ };
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    expect(bench.states).toEqual(["SYN-RECEIVED", "ESTABLISHED"]);
    expect(told).toBe(1);
    expect(bench.listener?.waiting).toBe(1);
    accepts(bench);
    expect(bench.user.heard()).toEqual(["connected", "writable"]);
    bench.peer.expectsNothing();
  });

  test("the third segment's text is taken with it; a lost third ACK so repairs itself", () => {
    const bench = synReceived();
    bench.peer.sends(text("hello", { seq: 101, ack: 1 }));
    accepts(bench);
    expect(bench.user.reads()).toBe("hello");
    bench.advance(milliseconds(40));
    bench.peer.expects(ack({ seq: 1, ack: 106 }));
  });

  test("the third segment's FIN too: ESTABLISHED, then CLOSE-WAIT", () => {
    const bench = synReceived();
    bench.peer.sends(fin({ seq: 101, ack: 1, text: "all" }));
    expect(bench.states).toEqual(["SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT"]);
    bench.peer.expects(ack({ ack: 105 }));
    accepts(bench);
    expect(bench.user.reads()).toBe("all");
    expect(bench.connection.isAtEnd).toBe(true);
  });

  test("text out of order in the third segment waits for what is before it", () => {
    const bench = synReceived();
    bench.peer.sends(text("lo", { seq: 104, ack: 1 }));
    expect(bench.state).toBe("ESTABLISHED");
    bench.peer.expects(ack({ ack: 101 }));
    bench.peer.sends(text("hel", { seq: 101, ack: 1 }));
    accepts(bench);
    expect(bench.user.reads()).toBe("hello");
  });

  test("the window of the third ACK is scaled (RFC 7323 §2.2)", () => {
    const bench = synReceived({ offer: { ...MODERN, window: 500 } });
    bench.peer.sends(ack({ seq: 101, ack: 1, window: 10 }));
    accepts(bench);
    expect(bench.connection.info().sendWindow).toBe(1_280);
  });

  test.each([0, 2, -1])("an ACK of %d, which is not our SYN's, is answered with RST", number => {
    const { peer } = synReceived();
    expect(peer.sends(ack({ seq: 101, ack: number }))).toBe("tcp-bad-ack");
    peer.expects(rst({ seq: number }));
    expect(peer.state).toBe("SYN-RECEIVED");
  });

  test("a segment outside of the window is answered with ACK, unless it is RST (§3.10.7.4, first)", () => {
    const { peer } = synReceived();
    expect(peer.sends(ack({ seq: 99, ack: 1 }))).toBe("tcp-out-of-window");
    peer.expects(ack({ seq: 1, ack: 101 }));
    peer.advance(milliseconds(500));
    expect(peer.sends(ack({ seq: 101 + 44 * 1_460, ack: 1 }))).toBe("tcp-out-of-window");
    peer.expects(ack({ seq: 1, ack: 101 }));
    expect(peer.sends(rst({ seq: 99 }))).toBe("tcp-out-of-window");
    peer.expectsNothing();
  });

  test("what does not fit is answered twice a second, so that two half-open ends do not talk for ever", () => {
    const { peer } = synReceived();
    peer.sends(
      ack({ seq: 99, ack: 1 }),
      syn({ seq: 200 }),
      synAck({ seq: 7, ack: 1 }),
      ack({ seq: 99, ack: 1 }),
    );
    peer.expects(ack({ seq: 1, ack: 101 }));
    peer.expectsNothing();
    peer.advance(milliseconds(500));
    peer.sends(ack({ seq: 99, ack: 1 }));
    peer.expects(ack({ seq: 1, ack: 101 }));
  });

  test("RST at RCV.NXT: back to LISTEN, and nobody hears of it (MUST-11)", () => {
    const bench = synReceived();
    bench.peer.sends(rst({ seq: 101 }));
    expect(bench.state).toBe("LISTEN");
    expect(bench.listener?.waiting).toBe(0);
    expect(bench.listener?.halfOpen).toBe(0);
    bench.peer.expectsNothing();
  });

  test("RST elsewhere in the window is challenged (RFC 5961 §3.2)", () => {
    const { peer } = synReceived();
    expect(peer.sends(rst({ seq: 102 }))).toBe("tcp-bad-reset");
    peer.expects(ack({ seq: 1, ack: 101 }));
    expect(peer.state).toBe("SYN-RECEIVED");
  });

  test("a new SYN in the window is answered with ACK (RFC 5961 §4.2)", () => {
    const { peer } = synReceived();
    expect(peer.sends(syn({ seq: 200 }))).toBe("tcp-syn-in-window");
    peer.expects(ack({ seq: 1, ack: 101 }));
    expect(peer.state).toBe("SYN-RECEIVED");
  });

  test("what has the number of the SYN but more flags is no SYN sent again", () => {
    const { peer } = synReceived();
    expect(peer.sends(segment("SF", { seq: 100 }))).toBe("tcp-syn-in-window");
    peer.expects(ack({ seq: 1, ack: 101 }));
    peer.advance(milliseconds(500));
    expect(peer.sends(synAck({ seq: 100, ack: 1 }))).toBe("tcp-out-of-window");
    peer.expects(ack({ seq: 1, ack: 101 }));
    peer.advance(milliseconds(500));
    peer.takes();
    expect(peer.sends(segment("SR", { seq: 100 }))).toBe("tcp-out-of-window");
    peer.expectsNothing();
    expect(peer.state).toBe("SYN-RECEIVED");
  });

  test("PAWS does not apply to RST (RFC 7323 §5.2)", () => {
    const { peer, context } = synReceived({ offer: MODERN });
    peer.advance(milliseconds(10));
    expect(peer.sends(rst({ seq: 101, timestamps: [999_000, 0] }))).toBeUndefined();
    expect(peer.state).toBe("LISTEN");
    expect(context.counters.embryonicResets).toBe(1);
  });

  test.each([
    ["the peer", {}],
    ["us", { offer: MODERN, config: { timestamps: false } }],
  ])("timestamps that were not offered by %s say nothing, neither value nor echo", (_, options) => {
    const { peer } = synReceived(options);
    peer.advance(milliseconds(10));
    expect(peer.sends(ack({ seq: 101, ack: 1, timestamps: [-5, 77_777] }))).toBeUndefined();
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("an echo of 0 is none (RFC 7323 §3.2)", () => {
    const { peer } = synReceived({ offer: MODERN });
    expect(peer.sends(ack({ seq: 101, ack: 1, timestamps: [1_000_000, 0] }))).toBeUndefined();
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("a segment without ACK is dropped", () => {
    const { peer } = synReceived();
    expect(peer.sends(segment("", { seq: 101, text: "x" }))).toBe("tcp-bad-flags");
    expect(peer.sends(segment("F", { seq: 101 }))).toBe("tcp-bad-flags");
    expect(peer.state).toBe("SYN-RECEIVED");
    peer.expectsNothing();
  });

  test("an old duplicate is told by its timestamp (RFC 7323 §5.3)", () => {
    const { peer } = synReceived({ offer: MODERN });
    peer.advance(milliseconds(10));
    expect(peer.sends(ack({ seq: 101, ack: 1, timestamps: [999_999, 0] }))).toBe("tcp-paws");
    peer.expects(ack({ ack: 101 }));
    expect(peer.sends(ack({ seq: 101, ack: 1 }))).toBeUndefined();
    expect(peer.state).toBe("ESTABLISHED");
  });

  test.each([
    ["before the SYN-ACK", -1, false],
    ["the second SYN-ACK", 1_000, true],
    ["the future", 1_021, false],
  ])("an echo of %s, as Linux checks it", (_name, later, isOurs) => {
    const bench = listening();
    const { peer, context } = bench;
    peer.sends(syn({ seq: 100, ...MODERN }));
    const first = peer.expects(synAck()).timestamps?.[0] ?? 0;
    peer.advance(milliseconds(1_020));
    peer.takes();
    const reason = peer.sends(ack({ seq: 101, ack: 1, timestamps: [1_001_020, first + later] }));
    expect(reason).toBe(isOurs ? undefined : "tcp-out-of-window");
    expect(peer.state).toBe(isOurs ? "ESTABLISHED" : "SYN-RECEIVED");
    expect(context.counters.echoesRejected).toBe(isOurs ? 0 : 1);
    if (!isOurs) peer.expects(ack({ seq: 1, ack: 101 }));
  });

  test("the first round trip is measured from the SYN-ACK, unless that was sent twice (Karn)", () => {
    const once = synReceived();
    once.advance(milliseconds(50));
    once.peer.sends(ack({ seq: 101, ack: 1 }));
    accepts(once);
    expect(once.connection.info().srtt).toBe(50_000);
    const twice = synReceived();
    twice.advance(milliseconds(1_050));
    twice.peer.takes();
    twice.peer.sends(ack({ seq: 101, ack: 1 }));
    accepts(twice);
    expect(twice.connection.info()).toMatchObject({ srtt: 0, rto: seconds(3) });
  });
});

describe("SYN-RECEIVED when the accept queue is full", () => {
  /** Three connections begin while there is room; two are complete, which a backlog of one takes. */
  function full(config: Partial<TcpConfig>, offer: SegmentFields = {}) {
    const bench = listening({ backlog: 1, config });
    const { peer } = bench;
    const opens = (port: number): void => {
      peer.port = port;
      peer.sends(syn({ seq: 100, ...offer }));
    };
    opens(PEER_PORT);
    peer.sends(ack({ seq: 101, ack: 1 }));
    opens(PEER_PORT + 1);
    opens(PEER_PORT + 2);
    peer.port = PEER_PORT + 1;
    peer.sends(ack({ seq: 101, ack: 1 }));
    peer.takes();
    peer.port = PEER_PORT + 2;
    expect(bench.listener?.waiting).toBe(2);
    return bench;
  }

  test("the ACK is forgotten, and the SYN-ACK asks for it again", () => {
    const { peer, listener, context } = full({});
    expect(peer.sends(ack({ seq: 101, ack: 1 }))).toBe("tcp-accept-queue-full");
    peer.expectsNothing();
    expect(context.counters).toMatchObject({ listenOverflows: 1, listenDrops: 1 });
    expect(listener?.counters).toMatchObject({ overflows: 1, drops: 1 });
    peer.advance(seconds(1));
    peer.expects(synAck({ seq: 0, ack: 101 }));
    listener?.accept();
    peer.sends(ack({ seq: 101, ack: 1 }));
    expect(listener?.waiting).toBe(2);
  });

  test("so is one with text, which the peer sends again", () => {
    const { peer, listener } = full({});
    expect(peer.sends(text("early", { seq: 101, ack: 1 }))).toBe("tcp-accept-queue-full");
    listener?.accept();
    peer.sends(text("early", { seq: 101, ack: 1 }));
    listener?.accept();
    expect(listener?.accept()?.readable).toBe(5);
  });

  test("its timestamp is remembered: the SYN-ACK sent again echoes it (RFC 7323 §4.3)", () => {
    const { peer } = full({}, { timestamps: [1_000, 0] });
    peer.sends(ack({ seq: 101, ack: 1, timestamps: [1_234, 0] }));
    peer.advance(seconds(1));
    expect(peer.expects(synAck()).timestamps?.[1]).toBe(1_234);
  });

  test("after its five repetitions the entry is given up, and the peer's next segment is answered with RST", () => {
    const { peer } = full({});
    peer.sends(ack({ seq: 101, ack: 1 }));
    peer.advance(seconds(63));
    expect(peer.takes()).toHaveLength(5);
    peer.sends(text("anybody?", { seq: 101, ack: 1 }));
    peer.expects(rst({ seq: 1 }));
  });

  test("with abortOnOverflow it is answered with RST", () => {
    const { peer, listener, context } = full({ abortOnOverflow: true });
    expect(peer.sends(ack({ seq: 101, ack: 1 }))).toBe("tcp-accept-queue-full");
    peer.expects(rst({ seq: 1 }));
    expect(listener?.halfOpen).toBe(0);
    expect(context.counters.embryonicResets).toBe(1);
  });
});

describe("TCP_DEFER_ACCEPT", () => {
  function deferring(timeouts: number) {
    const bench = listening();
    const { listener } = bench;
    if (listener === undefined) throw new Error("no listener");
    listener.deferAccept = timeouts;
    bench.peer.sends(syn({ seq: 100 }));
    bench.peer.expects(synAck());
    return { bench, listener, peer: bench.peer, context: bench.context };
  }

  test("a bare ACK does not complete the handshake; text does", () => {
    const { peer, listener, context, bench } = deferring(2);
    expect(peer.sends(ack({ seq: 101, ack: 1 }))).toBe("tcp-accept-deferred");
    expect([listener.waiting, listener.halfOpen, context.counters.deferredAccepts]).toEqual([0, 1, 1]);
    peer.expectsNothing();
    peer.sends(text("GET", { seq: 101, ack: 1 }));
    accepts(bench);
    expect(bench.user.reads()).toBe("GET");
  });

  test("a FIN does too", () => {
    const { peer, listener } = deferring(2);
    peer.sends(fin({ seq: 101, ack: 1 }));
    expect(listener.waiting).toBe(1);
  });

  test("the SYN-ACK is not repeated while the text is waited for, but once before the end: the last chance", () => {
    const { peer, listener } = deferring(3);
    peer.sends(ack({ seq: 101, ack: 1 }));
    peer.advance(seconds(6.9));
    expect(peer.takes()).toEqual([]);
    peer.advance(seconds(0.1));
    // The timeouts are at 1, 3 and 7 s.
    peer.expects(synAck({ seq: 0, ack: 101 }));
    peer.sends(ack({ seq: 101, ack: 1 }));
    expect(listener.waiting).toBe(1);
  });

  test("a peer that has not acknowledged is asked as ever", () => {
    const { peer } = deferring(3);
    peer.advance(seconds(3));
    expect(peer.takes()).toHaveLength(2);
  });

  test("one that only ever acknowledged the first SYN-ACK is kept for the time of deferral, then given up", () => {
    const { peer, listener } = deferring(7);
    peer.sends(ack({ seq: 101, ack: 1 }));
    peer.advance(seconds(126.9));
    expect(listener.halfOpen).toBe(1);
    // The last chance, after 1 + 2 + … + 64 s.
    peer.advance(seconds(0.1));
    expect(peer.takes()).toHaveLength(1);
    peer.advance(seconds(120));
    expect(listener.halfOpen).toBe(0);
  });
});

describe("an entry whose SYN is repeated", () => {
  test("is answered at most twice a second (tcp_invalid_ratelimit)", () => {
    const { peer } = synReceived();
    for (let i = 0; i < 5; i++) peer.sends(syn({ seq: 100 }));
    expect(peer.takes()).toHaveLength(1);
    peer.advance(milliseconds(500));
    peer.sends(syn({ seq: 100 }));
    peer.expects(synAck({ seq: 0, ack: 101 }));
  });

  test("waits anew for the ACK: its timer starts again", () => {
    const { peer } = synReceived();
    peer.advance(milliseconds(900));
    peer.sends(syn({ seq: 100 }));
    peer.takes();
    peer.advance(milliseconds(900));
    peer.expectsNothing();
    peer.advance(milliseconds(100));
    peer.expects(synAck());
  });

  test("an older one by its timestamp is answered with ACK alone (PAWS)", () => {
    const { peer } = synReceived({ offer: MODERN });
    expect(peer.sends(syn({ seq: 100, ...MODERN, timestamps: [999_999, 0] }))).toBe("tcp-paws");
    peer.expects(ack({ seq: 1, ack: 101 }));
  });
});

describe("SYN-RECEIVED after a simultaneous open", () => {
  test("RST ends it with ECONNREFUSED", () => {
    const { peer, connection } = simultaneouslyOpened();
    peer.sends(rst({ seq: 101 }));
    expect(peer.state).toBe("CLOSED");
    expect(connection.error).toBe("ECONNREFUSED");
  });

  test.each([0, 2])("an ACK of %d is answered with RST, and the state stays", number => {
    const { peer } = simultaneouslyOpened();
    expect(peer.sends(ack({ seq: 101, ack: number }))).toBe("tcp-bad-ack");
    peer.expects(rst({ seq: number }));
    expect(peer.state).toBe("SYN-RECEIVED");
  });

  test("the peer's SYN again is answered with an ACK", () => {
    const { peer } = simultaneouslyOpened();
    peer.sends(syn({ seq: 100 }));
    peer.expects(ack({ ack: 101 }));
  });

  test("a SYN-ACK with another number is no part of this open", () => {
    const { peer } = simultaneouslyOpened();
    peer.sends(synAck({ seq: 150, ack: 1 }));
    expect(peer.state).toBe("SYN-RECEIVED");
  });

  test("CLOSE with nothing to send: FIN at once, FIN-WAIT-1 (RFC 9293 §3.10.4)", () => {
    const { peer, user } = simultaneouslyOpened();
    user.closes();
    peer.expects(fin({ seq: 1, ack: 101 }));
    expect(peer.state).toBe("FIN-WAIT-1");
    peer.sends(ack({ seq: 101, ack: 2 }));
    expect(peer.state).toBe("FIN-WAIT-2");
  });

  test("an old ACK after such a CLOSE is ignored, as after any handshake", () => {
    const { peer, user } = simultaneouslyOpened();
    user.closes();
    expect(peer.sends(ack({ seq: 101, ack: 0 }))).toBeUndefined();
    expect(peer.state).toBe("FIN-WAIT-1");
  });

  test("CLOSE with text waiting: once ESTABLISHED, text and FIN (RFC 9293 §3.10.4)", () => {
    const { peer, user, states } = simultaneouslyOpened();
    user.sends("last words");
    user.closes();
    peer.expectsNothing();
    expect(peer.state).toBe("SYN-RECEIVED");
    peer.sends(ack({ seq: 101, ack: 1 }));
    peer.expects(fin({ seq: 1, ack: 101, text: "last words" }));
    expect(states.slice(-2)).toEqual(["ESTABLISHED", "FIN-WAIT-1"]);
  });

  test("a passive and an active open give the same connection", () => {
    const passive = accepted();
    passive.user.sends(FULL);
    passive.peer.expects(text(FULL, { seq: 1, ack: 101 }));
  });
});
