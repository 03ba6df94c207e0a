/**
 * SYN floods, and strangers who complete the handshake and are silent. Without SYN cookies (a mechanism to
 * come) a full queue refuses new connections, until its entries are given up after their five repetitions, 63
 * s; what is open goes on, other listeners too, and memory is bounded. RFC 4987.
 */
import { expect, test } from "vitest";
import { below } from "../../src/base/random.ts";
import { microseconds, milliseconds, seconds } from "../../src/base/time.ts";
import { FLAG, tcp } from "../support/frames.ts";
import { Flow } from "./hostile-flow.ts";
import { connectionOf, HostilePeer } from "./hostile-peer.ts";
import { randomOptions } from "./hostile-segments.ts";
import { B, B6, HostileWorld } from "./hostile-world.ts";

const BACKLOG = 64;

function synFrom(w: HostileWorld, i: number, port: number): Uint8Array {
  const isV6 = i % 4 === 3;
  const source = isV6 ? `fd00::${(i & 0xffff).toString(16)}:1` : `10.9.${(i >> 8) & 0xff}.${i & 0xff}`;
  return tcp({
    source,
    destination: isV6 ? B6 : B,
    sourcePort: 1_024 + below(w.random, 60_000),
    destinationPort: port,
    sequence: w.random.uint32() | 0,
    flags: FLAG.syn,
    options: randomOptions(w.random),
  });
}

test("a SYN flood: the queue keeps its limit, open connections and other listeners go on", () => {
  const w = new HostileWorld({ seed: 1, tcp: { synBacklog: BACKLOG } });
  const open = new Flow(w, { port: 80, lasting: seconds(2) });
  open.opens();
  const sent = w.sent.b;
  w.attack(2_000, microseconds(200), i => w.inject("b", synFrom(w, i, 80)));
  expect([...w.hosts.b.tcp.halfOpen()].length).toBe(BACKLOG);
  expect(w.hosts.b.tcpCounters.listenDrops).toBe(2_000 - BACKLOG);
  // A SYN-ACK for each that got in, and the flow.
  expect(w.sent.b - sent).toBeLessThanOrEqual(BACKLOG + 250);
  const other = new Flow(w, { port: 81 });
  w.attack(2_000, microseconds(200), i => w.inject("b", synFrom(w, i, 80)));
  other.finishes(seconds(10));
  open.finishes(seconds(10));
  // Five repetitions each, and no more.
  w.run(seconds(70));
  expect([...w.hosts.b.tcp.halfOpen()]).toEqual([]);
  expect(w.sent.b - sent).toBeLessThanOrEqual(6 * BACKLOG + 700);
});

test("who connects during a SYN flood gets in when it is over, within the time of his SYNs (127 s)", () => {
  const w = new HostileWorld({ seed: 2, tcp: { synBacklog: BACKLOG } });
  const flow = new Flow(w, { port: 80 });
  w.attack(400, milliseconds(50), i => w.inject("b", synFrom(w, i, 80)));
  flow.finishes(seconds(127));
});

test("RST for each SYN-ACK, as an honest bystander sends it, empties the queue", () => {
  const w = new HostileWorld({ seed: 3, tcp: { synBacklog: BACKLOG } });
  w.hosts.b.tcp.listen({ port: 80 });
  for (let i = 0; i < 500; i++) {
    const port = 2_000 + i;
    const tuple = { source: "10.0.0.1", destination: B, sourcePort: port, destinationPort: 80 };
    w.inject("b", tcp({ ...tuple, sequence: i, flags: FLAG.syn }));
    w.world.runFor(milliseconds(10));
  }
  // Host a, in whose name they came, has said that it knows nothing of them.
  expect([...w.hosts.b.tcp.halfOpen()].length).toBe(0);
  expect(w.hosts.b.tcpCounters.listenDrops).toBe(0);
});

test("strangers who connect, are never accepted, then reset: the accept queue keeps its limit", () => {
  const w = new HostileWorld({ seed: 4 });
  const flow = new Flow(w, { port: 80, lasting: seconds(2) });
  flow.opens();
  const listener = w.hosts.b.tcp.listen({ port: 90, backlog: 8 });
  const peers = Array.from({ length: 60 }, (_, i) => {
    const peer = new HostilePeer(w, { port: 3_000 + i });
    w.world.runFor(milliseconds(5));
    return peer;
  });
  expect(listener.waiting).toBe(9);
  w.check();
  w.run(seconds(1));
  for (const peer of peers) peer.says({ flags: FLAG.rst, acknowledgment: 0 });
  w.run(seconds(1));
  expect(peers.filter(peer => connectionOf(w, peer) !== undefined)).toEqual([]);
  for (let next = listener.accept(); next !== undefined; next = listener.accept()) {
    expect(next.state).toBe("CLOSED");
  }
  flow.finishes();
  w.run(seconds(130));
  w.expectNoRecords();
});

test("hundreds of connections whose peers fell silent are given up (R2)", () => {
  const w = new HostileWorld({ seed: 5 });
  const listener = w.hosts.b.tcp.listen({ port: 90 });
  let accepted = 0;
  listener.observer = {
    acceptable: () => {
      for (let c = listener.accept(); c !== undefined; c = listener.accept()) {
        if (accepted++ % 2 === 0) c.send(new Uint8Array(20_000));
        c.release();
      }
    },
  };
  for (let i = 0; i < 300; i++) new HostilePeer(w, { port: 3_000 + i });
  w.run(seconds(1));
  expect(accepted).toBe(300);
  w.run(seconds(1_100));
  w.expectNoRecords();
});
