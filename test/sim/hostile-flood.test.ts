/**
 * SYN floods, and strangers who complete the handshake and are silent. RFC 4987. With SYN cookies (§3.6) who
 * is honest gets in during the flood; without them a full queue refuses new connections until its entries are
 * given up. What is open goes on, other listeners too, and memory is bounded.
 */
import { expect, test } from "vitest";
import { below } from "../../src/base/random.ts";
import { microseconds, milliseconds, seconds } from "../../src/base/time.ts";
import { ADDRESS_B } from "../../src/sim/sim-host.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
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

const SMALL = { acceptBacklogLimit: BACKLOG };

test("100,000 spoofed SYNs: honest clients get in while they come, and nothing is kept of the strangers'", () => {
  const w = new HostileWorld({ seed: 6, tcp: SMALL });
  const { tcpCounters, tcp: server } = w.hosts.b;
  const listener = server.listen({ port: 80 });
  let accepted = 0;
  listener.observer = {
    acceptable: () => {
      for (let c = listener.accept(); c !== undefined; c = listener.accept()) {
        accepted++;
        c.release();
      }
    },
  };
  const clients: TcpConnection[] = [];
  w.attack(100_000, microseconds(20), i => {
    w.inject("b", synFrom(w, i, 80));
    if (i % 10_000 !== 500) return;
    clients.push(w.hosts.a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 }));
  });
  expect(listener.halfOpen).toBeLessThanOrEqual(BACKLOG + 1);
  expect([...server.halfOpen()].length).toBe(listener.halfOpen);
  expect(tcpCounters.synCookiesSent).toBeGreaterThan(99_000);
  expect(tcpCounters.synCookiesReceived).toBe(10);
  expect([accepted, clients.length]).toEqual([10, 10]);
  expect(clients.filter(({ error }) => error !== undefined)).toEqual([]);
  // No SYN of an honest client had to be sent twice.
  expect(clients.filter(client => client.info().retransmissions.syn > 0)).toEqual([]);
  for (const client of clients) client.release();
  w.run(seconds(130));
  w.expectNoRecords();
});

test("ACKs as if for cookies, 50,000 of them: none opens a connection", () => {
  const w = new HostileWorld({ seed: 7, tcp: { synCookies: 2 } });
  const flow = new Flow(w, { port: 80, lasting: seconds(2) });
  flow.opens();
  w.attack(50_000, microseconds(20), i => {
    const numbers = { sequence: w.random.uint32() | 0, acknowledgment: w.random.uint32() | 0 };
    const tuple = { source: `10.9.${i & 0xff}.7`, destination: B, destinationPort: 80 };
    w.inject("b", tcp({ ...tuple, ...numbers, sourcePort: 1_024 + (i >> 8), flags: FLAG.ack }));
  });
  expect(w.hosts.b.tcpCounters.synCookiesFailed).toBe(50_000);
  expect([...w.hosts.b.tcp.connections()].length).toBe(1);
  flow.finishes(seconds(10));
});

test("the last ACK of an echo, come again while cookies are sent, opens no connection", () => {
  const w = new HostileWorld({ seed: 7, tcp: { synCookies: 2 } });
  const { a, b } = w.hosts;
  const listener = b.tcp.listen({ port: 80 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  w.run(seconds(1));
  const server = listener.accept();
  for (const end of [client, server]) end?.send(new Uint8Array(1_000));
  w.run(seconds(1));
  client.close();
  w.run(seconds(1));
  let last = new Uint8Array(0);
  w.onPacket = (from, packet) => {
    if (from === "a") last = packet.slice();
  };
  server?.close();
  w.run(seconds(1));
  expect([server?.state, b.tcpCounters.synCookiesReceived]).toEqual(["CLOSED", 1]);
  w.inject("b", last);
  w.run(seconds(1));
  expect([...b.tcp.connections()]).toEqual([]);
  expect(b.tcpCounters.synCookiesFailed).toBe(1);
});

test("without cookies the queue keeps its limit too, open connections and other listeners go on", () => {
  const w = new HostileWorld({ seed: 1, tcp: { ...SMALL, synCookies: 0 } });
  const open = new Flow(w, { port: 80, lasting: seconds(2) });
  open.opens();
  const sent = w.sent.b;
  w.attack(2_000, microseconds(200), i => w.inject("b", synFrom(w, i, 80)));
  expect([...w.hosts.b.tcp.halfOpen()].length).toBe(BACKLOG + 1);
  expect(w.hosts.b.tcpCounters.listenDrops).toBe(2_000 - BACKLOG - 1);
  // A SYN-ACK for each that got in, and the flow.
  expect(w.sent.b - sent).toBeLessThanOrEqual(BACKLOG + 250);
  const other = new Flow(w, { port: 81 });
  w.attack(2_000, microseconds(200), i => w.inject("b", synFrom(w, i, 80)));
  other.finishes(seconds(10));
  open.finishes(seconds(10));
  // Two repetitions each, as old entries in a full queue get, and no more.
  w.run(seconds(70));
  expect([...w.hosts.b.tcp.halfOpen()]).toEqual([]);
  expect(w.sent.b - sent).toBeLessThanOrEqual(3 * (BACKLOG + 1) + 700);
});

test("without them, who connects during a flood gets in when it is over, within the time of his SYNs (127 s)", () => {
  const w = new HostileWorld({ seed: 2, tcp: { ...SMALL, synCookies: 0 } });
  const flow = new Flow(w, { port: 80 });
  w.attack(400, milliseconds(50), i => w.inject("b", synFrom(w, i, 80)));
  flow.finishes(seconds(127));
});

test("RST for each SYN-ACK, as an honest bystander sends it, empties the queue", () => {
  const w = new HostileWorld({ seed: 3, tcp: SMALL });
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

test("hundreds of peers who keep their windows closed and answer every probe: whose user has gone is given up", () => {
  const w = new HostileWorld({ seed: 6 });
  const flow = new Flow(w, { port: 80, lasting: seconds(2) });
  flow.opens();
  const listener = w.hosts.b.tcp.listen({ port: 90 });
  listener.observer = {
    acceptable: () => {
      for (let c = listener.accept(); c !== undefined; c = listener.accept()) {
        c.send(new Uint8Array(10_000));
        c.release();
      }
    },
  };
  const peers = Array.from({ length: 200 }, (_, i) => new HostilePeer(w, { port: 3_000 + i }));
  for (const peer of peers) peer.onSegment = () => peer.says({ window: 0, acknowledgment: 1 });
  w.run(seconds(1));
  expect([...w.hosts.b.tcp.connections()].length).toBeGreaterThanOrEqual(200);
  flow.finishes(seconds(30));
  w.run(seconds(900));
  w.expectNoRecords();
});
