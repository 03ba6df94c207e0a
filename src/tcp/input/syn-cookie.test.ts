import { describe, expect, test } from "vitest";
import type { Bench } from "../../../test/tcp/bench.ts";
import { accepts, type FixtureOptions, listening, MODERN } from "../../../test/tcp/fixtures.ts";
import { PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, fin, rst, type SegmentFields, syn, synAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

/** A listener that answers every SYN with a cookie, and a SYN that it has so answered. */
function answered(offer: SegmentFields = { mss: 1_460 }, options: FixtureOptions = {}): Bench {
  const bench = listening({ ...options, config: { synCookies: 2, ...options.config } });
  bench.peer.sends(syn({ seq: 100, ...offer }));
  return bench;
}

describe("SYN cookies: RFC 4987 §3.6", () => {
  test("nothing is kept of the SYN; the third segment opens the connection", () => {
    const bench = answered();
    const { peer, tcp, context } = bench;
    peer.expects(
      synAck({ seq: 0, ack: 101, mss: 1_460, windowScale: -1, sackPermitted: false, timestamps: "none" }),
    );
    expect([...tcp.halfOpen(), ...tcp.connections()]).toEqual([]);
    expect(bench.states).toEqual([]);
    peer.sends(ack({ seq: 101, ack: 1 }));
    peer.expectsNothing();
    expect(bench.states).toEqual(["SYN-RECEIVED", "ESTABLISHED"]);
    accepts(bench);
    expect(bench.user.heard()).toEqual(["connected", "writable"]);
    bench.user.sends("hello");
    peer.expects(text("hello", { seq: 1, ack: 101 }));
    peer.sends(text("world", { seq: 101, ack: 6 }));
    expect(bench.user.reads()).toBe("world");
    expect(context.counters).toMatchObject({
      synCookiesSent: 1,
      synCookiesReceived: 1,
      synCookiesFailed: 0,
      passiveOpens: 1,
    });
    expect(bench.listener?.counters).toMatchObject({ cookiesSent: 1, cookiesReceived: 1 });
  });

  test("a SYN is answered by what it says itself, and not by what the one before it said", () => {
    const bench = answered();
    const { peer } = bench;
    peer.expects(synAck({ ack: 101, windowScale: -1, sackPermitted: false, timestamps: "none" }));
    peer.sends(syn({ ...MODERN, seq: 500, mss: 1_400, timestamps: [777, 0] }));
    const second = peer.expects(synAck({ ack: 501, windowScale: 10, sackPermitted: true }));
    peer.sends(ack({ seq: 501, ack: (second.seq ?? 0) + 1 }));
    accepts(bench);
    expect(bench.connection.agreement).toMatchObject({ peerMss: 1_300, sack: true, timestamps: true });
  });

  test("the first segment with text will do, and so will its FIN", () => {
    const bench = answered();
    bench.peer.takes();
    bench.peer.sends(fin({ seq: 101, ack: 1, text: "all" }));
    bench.peer.expects(ack({ seq: 1, ack: 105 }));
    accepts(bench);
    expect(bench.user.reads()).toBe("all");
    expect(bench.state).toBe("CLOSE-WAIT");
  });

  test("the SYN-ACK is not repeated: nobody remembers it", () => {
    const { peer } = answered();
    peer.takes();
    peer.advance(seconds(100));
    peer.expectsNothing();
  });

  test("the MSS is that of the table below the peer's, the options are those of the SYN", () => {
    const bench = answered({ ...MODERN, mss: 1_400, timestamps: [777, 0] });
    const { peer } = bench;
    expect(peer.expects(synAck({ sackPermitted: true, windowScale: 10 })).timestamps?.[1]).toBe(777);
    peer.advance(milliseconds(30));
    peer.sends(ack({ seq: 101, ack: 1, window: 1_000 }));
    accepts(bench);
    expect(bench.connection.agreement).toMatchObject({
      peerMss: 1_300,
      windowScaling: true,
      sendScale: 7,
      timestamps: true,
      sack: true,
    });
    expect(bench.connection.info()).toMatchObject({ sendWindow: 128_000, srtt: 0 });
    // From here on timestamps do not go back.
    bench.user.sends("x");
    peer.expects(text("x"));
  });

  test.each<[string, SegmentFields, { sack: boolean; windowScaling: boolean }]>([
    ["timestamps and nothing else", { timestamps: [5, 0] }, { sack: false, windowScaling: false }],
    ["SACK", { timestamps: [5, 0], sackPermitted: true }, { sack: true, windowScaling: false }],
    ["a window scale of 0", { timestamps: [5, 0], windowScale: 0 }, { sack: false, windowScaling: true }],
    [
      "SACK without timestamps: it is lost",
      { sackPermitted: true, windowScale: 3 },
      { sack: false, windowScaling: false },
    ],
  ])("a SYN with %s", (_name, offer, agreement) => {
    const bench = answered({ mss: 1_460, ...offer });
    const hasTimestamps = offer.timestamps !== undefined;
    bench.peer.expects(
      synAck({
        sackPermitted: agreement.sack,
        windowScale: agreement.windowScaling ? 10 : -1,
      }),
    );
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    accepts(bench);
    expect(bench.connection.agreement).toMatchObject({ ...agreement, timestamps: hasTimestamps });
  });

  test("a timestamp's value does not go back after the cookie's, whenever it was sent", () => {
    for (let wait = 0; wait < 130; wait += 13) {
      const bench = listening({ config: { synCookies: 2 } });
      bench.advance(milliseconds(wait));
      bench.peer.sends(syn({ seq: 100, ...MODERN }));
      const first = bench.peer.expects(synAck()).timestamps?.[0] ?? 0;
      bench.peer.sends(text("x", { seq: 101, ack: 1 }));
      bench.advance(milliseconds(40));
      const second = bench.peer.expects(ack()).timestamps?.[0] ?? 0;
      expect((second - first) | 0).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("whose ACK is no cookie's", () => {
  // The four numbers from −2 to 1 are the four sizes.
  test.each([2, 1 << 20, -3, -5])("an acknowledgment of %d is answered with RST, and counted", number => {
    const { peer, context } = answered();
    peer.takes();
    expect(peer.sends(ack({ seq: 101, ack: number }))).toBe("tcp-bad-cookie");
    peer.expects(rst({ seq: number }));
    expect(context.counters.synCookiesFailed).toBe(1);
    expect(peer.state).toBe("CLOSED");
  });

  test("another port's, another sequence number's, a SYN-ACK: no", () => {
    const { peer, tcp, context } = answered();
    peer.takes();
    const number = peer.absolute(1);
    peer.sends(ack({ seq: 105, ack: 1 }), synAck({ seq: 100, ack: 1 }));
    peer.port = PEER_PORT + 1;
    peer.sends(ack({ seq: 101, ack: number }));
    expect(context.counters.synCookiesFailed).toBe(2);
    expect([...tcp.connections()]).toEqual([]);
  });

  test("two minutes after the last cookie no ACK is looked at any more", () => {
    const { peer, context } = answered();
    peer.takes();
    peer.advance(seconds(121));
    expect(peer.sends(ack({ seq: 101, ack: 1 }))).toBe("tcp-no-connection");
    peer.expects(rst({ seq: 1 }));
    expect(context.counters.synCookiesFailed).toBe(0);
  });

  test("where none were sent, none are looked at", () => {
    const { peer, context } = listening();
    expect(peer.sends(ack({ seq: 101, ack: 1 }))).toBe("tcp-no-connection");
    peer.expects(rst({ seq: 1 }));
    expect(context.counters.synCookiesFailed).toBe(0);
  });

  test("an echo that names an option which we never offered", () => {
    const { peer, context } = answered(MODERN, { config: { sack: false } });
    const [value, echo] = peer.expects(synAck()).timestamps ?? [0, 0];
    peer.sends(ack({ seq: 101, ack: 1, timestamps: [echo + 1, value + 16] }));
    expect(context.counters.synCookiesFailed).toBe(1);
  });

  test("with the setting at 0 a cookie of before counts no more", () => {
    const { peer, context } = answered();
    peer.takes();
    context.config.synCookies = 0;
    peer.sends(ack({ seq: 101, ack: 1 }));
    peer.expects(rst({ seq: 1 }));
  });
});

describe("when the half-open queue is full (tcp_syncookies = 1)", () => {
  function full(): Bench {
    const bench = listening({ backlog: 1 });
    for (let i = 1; i <= 2; i++) {
      bench.peer.port = PEER_PORT + i;
      bench.peer.sends(syn({ seq: 100 }));
    }
    bench.peer.port = PEER_PORT;
    bench.peer.takes();
    return bench;
  }

  test("the next SYN is answered with a cookie, whatever the queue holds", () => {
    const bench = full();
    const { peer, context, listener } = bench;
    peer.sends(syn({ seq: 100 }));
    peer.expects(synAck({ ack: 101 }));
    expect(listener?.halfOpen).toBe(2);
    expect(context.counters).toMatchObject({ synCookiesSent: 1, synQueueFullCookies: 1, listenDrops: 0 });
    peer.sends(ack({ seq: 101, ack: 1 }));
    expect(bench.state).toBe("ESTABLISHED");
  });

  test("its answer counts too if meanwhile the SYN came again and found room", () => {
    const bench = full();
    const { peer, listener } = bench;
    peer.sends(syn({ seq: 100 }));
    const cookie = peer.expects(synAck({ ack: 101 }));
    const number = peer.absolute(1);
    peer.port = PEER_PORT + 1;
    peer.sends(rst({ seq: 101 }));
    peer.port = PEER_PORT;
    peer.sends(syn({ seq: 100 }));
    // The second SYN-ACK has another number: that of a half-open entry.
    expect(peer.expects(synAck({ ack: 101 })).at).toBe(cookie.at);
    expect(listener?.halfOpen).toBe(2);
    peer.sends(ack({ seq: 101, ack: (number - peer.absolute(0)) | 0 }));
    expect(bench.state).toBe("ESTABLISHED");
    expect(listener?.halfOpen).toBe(1);
    expect(listener?.waiting).toBe(1);
  });

  test("when the accept queue is full too, the SYN is dropped, and so is a cookie's answer", () => {
    const bench = listening({ backlog: 0, config: { synCookies: 2 } });
    const { peer, context } = bench;
    peer.port = PEER_PORT + 1;
    peer.sends(syn({ seq: 100 }));
    peer.port = PEER_PORT;
    peer.sends(syn({ seq: 100 }), ack({ seq: 101, ack: 1 }));
    peer.takes();
    peer.port = PEER_PORT + 2;
    expect(peer.sends(syn({ seq: 100 }))).toBe("tcp-accept-queue-full");
    peer.port = PEER_PORT + 1;
    expect(peer.sends(ack({ seq: 101, ack: 1 }))).toBe("tcp-accept-queue-full");
    peer.expectsNothing();
    expect(context.counters).toMatchObject({ listenOverflows: 2, listenDrops: 2, synCookiesReceived: 2 });
    bench.listener?.accept();
    peer.sends(text("still there", { seq: 101, ack: 1 }));
    expect(bench.listener?.waiting).toBe(1);
  });

  test("a SYN that follows TIME-WAIT has its place even so (RFC 6191)", () => {
    const bench = listening({ config: { synCookies: 2 } });
    const { peer } = bench;
    peer.sends(syn({ seq: 100 }), ack({ seq: 101, ack: 1 }));
    accepts(bench);
    bench.user.closes();
    peer.sends(ack({ ack: 2 }), fin({ ack: 2 }));
    expect(bench.state).toBe("TIME-WAIT");
    peer.takes();
    peer.sends(syn({ seq: 500 }));
    expect(bench.listener?.halfOpen).toBe(1);
  });
});
