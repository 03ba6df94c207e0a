/**
 * Sixty days of a host in moments: timestamps of milliseconds go round after 49.7 days, initial sequence
 * numbers every five hours, what a peer's timestamps prove is forgotten after 24 days (RFC 7323 §5.5), and
 * neighbors are asked for again and again.
 */
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.ts";
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import { ADDRESS_B, ADDRESS6_B } from "../../src/sim/sim-host.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { PORT, readAll, TcpWorld } from "./tcp-world.ts";

const HOUR = seconds(3_600);
const DAY = seconds(86_400);
const DAYS = 60;
/** What a talk may take on a link that loses a frame in a hundred. */
const PATIENCE = seconds(60);
/** Sequence numbers go up by one in so much time when nothing is sent: RFC 9293 §3.4.1. */
const ISN_TICK = 4; // µs

/** Answers all that comes with the same, and a FIN with a FIN. */
function serveEchoes(w: TcpWorld): void {
  const listener = w.listen();
  const echo = (connection: TcpConnection): void => {
    const heard = readAll(connection);
    if (heard.length > 0) connection.send(heard);
    if (connection.isAtEnd && !connection.isOver) connection.close();
  };
  listener.observer = {
    acceptable: () => {
      for (let c = listener.accept(); c !== undefined; c = listener.accept()) {
        c.setKeepalive(true);
        c.observe({ connectionEvent: echo });
        echo(c);
      }
    },
  };
}

/** A client of the echoes, who looks at every byte. */
class Talk {
  readonly connection: TcpConnection;
  readonly #w: TcpWorld;
  readonly #random: SeededRandom;
  #heard: number[] = [];

  constructor(w: TcpWorld, options: { readonly family?: 4 | 6; readonly localPort?: number } = {}) {
    const { family = 4, localPort } = options;
    this.#w = w;
    this.connection = w.hosts.a.tcp.connect({
      remote: family === 4 ? ADDRESS_B : ADDRESS6_B,
      remotePort: PORT,
      localPort,
    });
    this.#random = new SeededRandom(this.connection.localPort);
    this.connection.observe({
      connectionEvent: (c, events) => {
        if ((events & CONNECTION_EVENT.readable) !== 0) this.#heard.push(...readAll(c));
      },
    });
  }

  says(length: number): void {
    const words = new Uint8Array(length);
    this.#random.fill(words);
    this.#heard = [];
    expect(this.connection.send(words)).toBe(length);
    this.#w.world.runUntil(() => this.#heard.length >= length || this.connection.isOver, PATIENCE);
    const day = Math.floor(this.#w.world.now() / DAY);
    expect(this.connection.error, `day ${day}`).toBeUndefined();
    expect(Buffer.compare(Uint8Array.from(this.#heard), words), `what came back on day ${day}`).toBe(0);
  }

  ends(): void {
    this.connection.close();
    expect(this.#w.world.runUntil(() => this.connection.isOver, PATIENCE)).toBe(true);
    expect(this.connection.error).toBeUndefined();
  }
}

function nothingIsLeft(w: TcpWorld): void {
  for (const { tcp } of [w.hosts.a, w.hosts.b]) {
    expect([...tcp.connections(), ...tcp.halfOpen(), ...tcp.timeWaits()]).toEqual([]);
  }
}

test("connections that last sixty days, silent or kept alive, and new ones twice a day", () => {
  const bad = { delay: milliseconds(10), loss: 0.01 };
  const w = new TcpWorld({ seed: 60, link: { medium: "ethernet", aToB: bad, bToA: bad } });
  serveEchoes(w);
  const kept = new Talk(w);
  kept.connection.setKeepalive(true);
  const silent = new Talk(w, { family: 6 });
  for (const talk of [kept, silent]) talk.says(2_000);
  const wrapsAt = 2 ** 32 * 1_000;
  for (let half = 1; half <= 2 * DAYS; half++) {
    w.run((half * 12 * HOUR - w.world.now()) as Duration);
    const fresh = new Talk(w, { family: half % 2 === 0 ? 4 : 6 });
    fresh.says(3_000);
    fresh.ends();
    if (half % 2 === 0) kept.says(500);
    // After 25 days, and after 50.
    if (half % 50 === 0) silent.says(500);
  }
  expect(w.world.now()).toBeGreaterThan(wrapsAt);
  silent.says(500);
  for (const talk of [kept, silent]) talk.ends();
  w.run(seconds(120));
  nothingIsLeft(w);
  // One of each family, and the one of the link alone, which speaks for them.
  expect(w.hosts.a.net.neighbors().length).toBeLessThanOrEqual(3);
});

test("a connection whose numbers go round in the midst of its text, on the fiftieth day", () => {
  const bad = { delay: milliseconds(10), loss: 0.02 };
  const w = new TcpWorld({ seed: 49, link: { medium: "ip", aToB: bad, bToA: bad } });
  serveEchoes(w);
  const localPort = 40_000;
  w.run((50 * DAY) as Duration);
  const before = new Talk(w, { localPort });
  const { iss } = before.connection.tcb;
  const openedAt = w.world.now();
  before.says(1_000);
  before.ends();
  // The same four-tuple has the same offset, so it is known when its number is short of the end.
  const short = (0x1_0000_0000 - (iss >>> 0) - 20_000 + 0x1_0000_0000) % 0x1_0000_0000;
  w.run((openedAt + short * ISN_TICK - w.world.now()) as Duration);
  const wrapping = new Talk(w, { localPort });
  expect(wrapping.connection.tcb.iss >>> 0).toBeGreaterThan(0xffff_0000);
  for (let i = 0; i < 5; i++) wrapping.says(10_000);
  expect(wrapping.connection.tcb.snd.una >>> 0).toBeLessThan(0x1_0000);
  wrapping.ends();
  w.run(seconds(120));
  nothingIsLeft(w);
});
