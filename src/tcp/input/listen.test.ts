import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../../test/tcp/bench.ts";
import { A_WHILE, accepts, closed, listening, MODERN, synReceived } from "../../../test/tcp/fixtures.ts";
import { HOST_PORT, PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, fin, rst, rstAck, segment, syn, synAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

describe("LISTEN: RFC 9293 §3.10.7.2", () => {
  test("first, RST is ignored", () => {
    const { peer } = listening();
    expect(peer.sends(rst({ seq: 100 }))).toBe("tcp-bad-reset");
    peer.sends(rstAck({ seq: 100, ack: 1 }));
    peer.expectsNothing();
  });

  test.each([
    ["ACK", ack({ seq: 100, ack: 900 })],
    ["SYN-ACK", synAck({ seq: 100, ack: 900 })],
    ["FIN-ACK", fin({ seq: 100, ack: 900 })],
    ["text", text("abc", { seq: 100, ack: 900 })],
  ])("second, %s is answered with RST at its acknowledgment number", (_name, spec) => {
    const { peer } = listening();
    peer.sends(spec);
    peer.expects(rst({ seq: 900 }));
    peer.expectsNothing();
  });

  test("third, SYN is answered with SYN-ACK; the state is SYN-RECEIVED", () => {
    const { peer, tcp } = listening();
    peer.sends(syn({ seq: 100 }));
    const first = peer.expects(synAck({ seq: 0, ack: 101 }));
    expect(first.window).toBe(44 * 1_460);
    expect(peer.state).toBe("SYN-RECEIVED");
    expect([...tcp.connections()]).toEqual([]);
    peer.expectsNothing();
  });

  test("who completes a handshake is no stranger any more", () => {
    const { peer, tcp } = listening();
    peer.sends(syn({ seq: 100 }));
    const { seq: iss } = peer.expects(synAck({ ack: 101 }));
    expect(tcp.strangers.isMet(ADDRESSES[4].peer)).toBe(false);
    peer.sends(ack({ seq: 101, ack: iss + 1 }));
    expect(tcp.strangers.isMet(ADDRESSES[4].peer)).toBe(true);
  });

  test("fourth, whatever is left is dropped", () => {
    const { peer } = listening();
    expect(peer.sends(segment("", { seq: 100, text: "abc" }))).toBe("tcp-bad-flags");
    expect(peer.sends(segment("F", { seq: 100 }))).toBe("tcp-bad-flags");
    expect(peer.sends(segment("SF", { seq: 100 }))).toBe("tcp-bad-flags");
    peer.expectsNothing();
  });

  test("the SYN-ACK has our MSS (MUST-14), and of the other options those that were offered (RFC 7323 §1.3)", () => {
    const plain = listening();
    plain.peer.sends(syn({ seq: 100 }));
    plain.peer.expects(synAck({ mss: 1_460, windowScale: -1, sackPermitted: false, timestamps: "none" }));

    const modern = listening();
    modern.peer.sends(syn({ seq: 100, ...MODERN, timestamps: [777, 0] }));
    const seen = modern.peer.expects(synAck({ mss: 1_460, windowScale: 10, sackPermitted: true }));
    expect(seen.timestamps?.[1]).toBe(777);
  });

  test("a SYN's text is not taken: it will come again", () => {
    const bench = listening();
    bench.peer.sends(syn({ seq: 100, text: "early" }));
    bench.peer.expects(synAck({ ack: 101 }));
    bench.peer.sends(text("early", { seq: 101, ack: 1 }));
    accepts(bench);
    expect(bench.user.reads()).toBe("early");
  });

  test("a duplicate SYN is answered with the same SYN-ACK", () => {
    const { peer } = listening();
    peer.sends(syn({ seq: 100 }));
    const first = peer.expects(synAck({ ack: 101 }));
    peer.advance(milliseconds(300));
    peer.sends(syn({ seq: 100 }));
    peer.expects(synAck({ seq: first.seq, ack: 101 }));
  });

  test("a repeated SYN's timestamp is the one that is echoed (RFC 7323 §4.3)", () => {
    const { peer } = listening();
    peer.sends(syn({ seq: 100, timestamps: [1_000, 0] }));
    expect(peer.expects(synAck()).timestamps?.[1]).toBe(1_000);
    peer.sends(syn({ seq: 100, timestamps: [2_000, 0] }));
    expect(peer.expects(synAck()).timestamps?.[1]).toBe(2_000);
  });
});

describe("the SYN-ACK's timer: RFC 6298 §2", () => {
  test("a lost SYN-ACK is sent again after 1, 2, 4, 8, 16 s; after 63 s the entry is forgotten", () => {
    const { peer, tcp, listener, retransmissions } = synReceived();
    peer.advance(seconds(70));
    const again = peer.takes();
    expect(again.map(seen => seen.at / 1e6)).toEqual([1, 3, 7, 15, 31]);
    expect(again.every(seen => seen.flags === "SA" && seen.seq === 0 && seen.ack === 101)).toBe(true);
    expect(retransmissions).toEqual(["syn", "syn", "syn", "syn", "syn"]);
    expect(peer.state).toBe("LISTEN");
    expect([...tcp.halfOpen()]).toEqual([]);
    expect(listener?.halfOpen).toBe(0);
  });

  test("the entry is forgotten at 63 s, not before", () => {
    const { peer } = synReceived();
    peer.advance(seconds(62));
    expect(peer.state).toBe("SYN-RECEIVED");
    peer.advance(seconds(1));
    expect(peer.state).toBe("LISTEN");
  });

  test("the SYN-ACK that was sent again carries our clock of now", () => {
    const { peer } = listening();
    peer.sends(syn({ seq: 100, ...MODERN }));
    const first = peer.expects(synAck()).timestamps?.[0] ?? 0;
    peer.advance(A_WHILE);
    expect(peer.expects(synAck()).timestamps?.[0]).toBe(first + 1_000);
  });
});

describe("the two queues: RFC 4987 §3", () => {
  test("a backlog of n takes n + 1 half-open ones; without cookies a SYN beyond them is dropped in silence", () => {
    const { peer, context, listener } = listening({ backlog: 1, config: { synCookies: 0 } });
    for (let i = 0; i < 3; i++) {
      peer.port = PEER_PORT + i;
      const reason = peer.sends(syn({ seq: 100 }));
      expect(reason).toBe(i < 2 ? undefined : "tcp-syn-queue-full");
      expect(peer.takes()).toHaveLength(i < 2 ? 1 : 0);
    }
    expect(context.counters).toMatchObject({ listenDrops: 1, synQueueFullDrops: 1, listenOverflows: 0 });
    expect(listener?.counters).toMatchObject({ drops: 1, overflows: 0 });
    // One that is reset makes room.
    peer.port = PEER_PORT;
    peer.sends(rst({ seq: 101 }));
    peer.port = PEER_PORT + 2;
    expect(peer.sends(syn({ seq: 100 }))).toBeUndefined();
    peer.expects(synAck());
  });

  test("without cookies the last quarter of tcp_max_syn_backlog is for peers that are known: here for none", () => {
    const { peer, context } = listening({ backlog: 100, config: { synCookies: 0, synBacklog: 8 } });
    for (let i = 0; i < 9; i++) {
      peer.port = PEER_PORT + i;
      peer.sends(syn({ seq: 100 }));
    }
    expect(peer.takes()).toHaveLength(7);
    expect(context.counters).toMatchObject({ listenDrops: 2, synQueueFullDrops: 0 });
  });

  test("an established connection frees its place among the half-open ones", () => {
    const bench = synReceived({ backlog: 0, config: { synCookies: 0 } });
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    bench.listener?.accept();
    expect(bench.listener?.halfOpen).toBe(0);
    bench.peer.port++;
    expect(bench.peer.sends(syn({ seq: 100 }))).toBeUndefined();
  });

  test("with a backlog of n, n + 1 connections wait; then SYNs are dropped in silence", () => {
    const { peer, listener, context } = listening({ backlog: 1 });
    for (let i = 0; i < 2; i++) {
      peer.port = PEER_PORT + i;
      peer.sends(syn({ seq: 100 }));
      peer.expects(synAck());
      peer.sends(ack({ seq: 101, ack: 1 }));
    }
    expect(listener?.waiting).toBe(2);
    peer.port = PEER_PORT + 2;
    expect(peer.sends(syn({ seq: 100 }))).toBe("tcp-accept-queue-full");
    peer.expectsNothing();
    expect(context.counters).toMatchObject({ listenOverflows: 1, listenDrops: 1 });
    listener?.accept();
    expect(peer.sends(syn({ seq: 100 }))).toBeUndefined();
    peer.expects(synAck());
  });

  test("the backlog is at most the host's limit", () => {
    const { listener } = listening({ backlog: 1_000_000, config: { acceptBacklogLimit: 7 } });
    expect(listener?.backlog).toBe(7);
  });

  test("its connections are configured as it is, from when it was changed on", () => {
    const bench = closed();
    const listener = bench.tcp.listen({ port: HOST_PORT, config: { sack: false, receiveBuffer: 30_000 } });
    bench.peer.sends(syn({ seq: 100, ...MODERN }));
    expect(bench.peer.expects(synAck({ sackPermitted: false })).window).toBe(20 * 1_448);
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    expect(listener.accept()?.receiveBuffer.limit).toBe(30_000);
    listener.configure({ windowScaling: false });
    bench.peer.port++;
    bench.peer.sends(syn({ seq: 100, ...MODERN }));
    bench.peer.expects(synAck({ sackPermitted: true, windowScale: -1 }));
  });
});

describe("several listeners on one port (SO_REUSEPORT)", () => {
  const SHARED = { port: HOST_PORT, reusePort: true };

  test("only those that all allow it share; then each four-tuple has its own", () => {
    const { tcp, peer, user } = closed();
    const two = [tcp.listen(SHARED), tcp.listen(SHARED)];
    expect(user.fails(() => tcp.listen({ port: HOST_PORT }))).toBe("EADDRINUSE");
    for (let i = 0; i < 20; i++) {
      peer.port = PEER_PORT + i;
      peer.sends(syn({ seq: 100 }), ack({ seq: 101, ack: 1 }));
    }
    expect((two[0]?.waiting ?? 0) + (two[1]?.waiting ?? 0)).toBe(20);
    expect(two.every(({ waiting }) => waiting > 3)).toBe(true);
  });
});
