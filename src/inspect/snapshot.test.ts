/** Snapshots of connections in simulated exchanges: windows, pieces, timers, and what a sender waits for. */
import { describe, expect, test } from "vitest";
import { milliseconds } from "../base/time.ts";
import { ADDRESS_B, twoHosts } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import { snapshotOf } from "./snapshot.ts";

const DELAY = milliseconds(20);

/** A connection that is open, with a slow wire; `server` reads only what a test lets it read. */
function opened() {
  const world = new World();
  const { a, b, link } = twoHosts(world, { medium: "ip", aToB: { delay: DELAY }, bToA: { delay: DELAY } });
  const listener = b.tcp.listen({ port: 80 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  const look = (c: TcpConnection = client) => snapshotOf(c, 1, world.now(), () => world.now());
  const opening = look();
  world.runFor(milliseconds(100));
  const server = listener.accept();
  if (server === undefined) throw new Error("nobody waits to be accepted");
  return { world, link, client, server, look, opening };
}

describe("what a sender waits for", () => {
  test("the handshake, nothing, the congestion window", () => {
    const { world, client, look, opening } = opened();
    expect(opening).toMatchObject({ state: "SYN-SENT", send: { blockedBy: "handshake", written: 1 } });
    expect(look().send.blockedBy).toBe("nothing-to-send");
    client.send(new Uint8Array(60_000));
    world.runFor(milliseconds(1));
    const { send, metrics } = look();
    expect(send.blockedBy).toBe("congestion-window");
    expect(send.pieces).toEqual([{ start: 0, end: send.next, fate: "in-flight" }]);
    expect(send.congestionEnd).toBeLessThan(send.next + client.tcb.snd.mss);
    expect(send.written).toBeGreaterThan(send.next);
    expect(metrics.inFlight).toBe(send.next);
    world.runFor(milliseconds(2_000));
    expect(look().send).toMatchObject({ blockedBy: "nothing-to-send", pieces: [], next: 0, written: 0 });
  });

  test("text that was written before the connection is open waits for the handshake", () => {
    const world = new World();
    const { a } = twoHosts(world, { medium: "ip" });
    const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
    client.send(new Uint8Array(10));
    expect(snapshotOf(client, 1, world.now(), () => 0).send.blockedBy).toBe("handshake");
  });

  test("Nagle's algorithm, and a cork", () => {
    const { world, client, look } = opened();
    client.send(new Uint8Array(10));
    world.runFor(milliseconds(1));
    client.send(new Uint8Array(10));
    world.runFor(milliseconds(1));
    expect(look().send).toMatchObject({ blockedBy: "nagle", next: 10, written: 20 });
    client.setNoDelay(true);
    world.runFor(milliseconds(100));
    expect(look().send.blockedBy).toBe("nothing-to-send");
    client.nagle.isPushing = false;
    client.nagle.setCork(true);
    client.send(new Uint8Array(10));
    world.runFor(milliseconds(1));
    expect(look().send.blockedBy).toBe("cork");
  });

  test("the peer's window, as its user reads nothing; the receiver shows what waits", () => {
    const { world, client, server, look } = opened();
    for (let i = 0; i < 100; i++) {
      client.send(new Uint8Array(60_000));
      world.runFor(milliseconds(100));
    }
    const { send, timers } = look();
    expect(send).toMatchObject({ blockedBy: "peer-window", windowEnd: 0, next: 0 });
    expect(timers.map(({ timer }) => timer)).toContain("persist");
    const { receive } = look(server);
    expect(receive.islands).toEqual([]);
    expect(receive.windowEnd).toBeLessThan(client.tcb.snd.mss);
    expect(receive.readable).toBe(server.readable);
  });
});

test("what was lost, reported and sent again are pieces of their own; the receiver has an island", () => {
  const { world, link, client, server, look } = opened();
  link.aToB.gate.drop(2);
  client.send(new Uint8Array(7 * client.tcb.snd.mss));
  world.runFor(milliseconds(30));
  const { mss } = client.tcb.snd;
  expect(look(server).receive.islands).toEqual([[mss, 6 * mss]]);
  world.runFor(milliseconds(12));
  const fates = look().send.pieces.map(({ fate }) => fate);
  expect(fates).toEqual(["sent-again", "sacked"]);
  expect(look().send.pieces[1]).toEqual({ start: mss, end: 6 * mss, fate: "sacked" });
});

test("a resting connection rests after it was looked at", () => {
  const { world, client, look } = opened();
  world.runFor(milliseconds(100_000));
  expect(client.isResting).toBe(true);
  expect(look()).toMatchObject({ state: "ESTABLISHED", send: { blockedBy: "nothing-to-send" }, timers: [] });
  expect(client.isResting).toBe(true);
});

test("half-open and TIME-WAIT records have a snapshot, too", () => {
  const world = new World();
  const { a, b } = twoHosts(world, { medium: "ip", bToA: { delay: DELAY } });
  b.tcp.listen({ port: 80 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(milliseconds(5));
  const [entry] = b.tcp.halfOpen();
  if (entry === undefined) throw new Error("there is no half-open connection");
  expect(snapshotOf(entry, 2, world.now(), () => 0)).toMatchObject({
    connection: 2,
    state: "SYN-RECEIVED",
    send: { next: 1, blockedBy: "handshake" },
    timers: [{ timer: "syn-ack", setAt: 0 }],
  });
  world.runFor(milliseconds(100));
  client.close();
  world.runFor(milliseconds(100));
  for (const c of b.tcp.connections()) c.close();
  world.runFor(milliseconds(100));
  const [record] = a.tcp.timeWaits();
  if (record === undefined) throw new Error("there is no TIME-WAIT record");
  const { state, timers } = snapshotOf(record, 1, world.now(), () => 0);
  expect([state, timers.map(({ timer }) => timer)]).toEqual(["TIME-WAIT", ["time-wait"]]);
});
