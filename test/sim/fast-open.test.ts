/**
 * Fast Open between two hosts (RFC 7413) while the wire loses, delays and reorders: a request reaches the
 * server's user once and whole, whatever became of the SYN that carried it, and so does the answer.
 *
 * A failure names its seed. `POSTEL_SEED=n npx vitest run test/sim/fast-open.test.ts` runs that world alone.
 */
import { expect, test } from "vitest";
import { below, chance, SeededRandom } from "../../src/base/random.ts";
import { microseconds, milliseconds, seconds } from "../../src/base/time.ts";
import type { Impairment } from "../../src/link/impairment.ts";
import { ADDRESS_B, ADDRESS6_B } from "../../src/sim/sim-host.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { Listener } from "../../src/tcp/handshake/listener.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import type { TcpCounters } from "../../src/tcp/tcp-counters.ts";
import {
  isBareAck,
  isSyn,
  isSynAck,
  isText,
  ONE_WAY,
  PORT,
  readAll,
  TcpWorld,
  type TcpWorldOptions,
  text,
  words,
} from "./tcp-world.ts";

const BOTH = { fastOpen: 3 };

/** Reads all, answers with as many bytes as came, and closes. */
class Server {
  readonly requests: number[][] = [];

  constructor(w: TcpWorld) {
    const listener = w.hosts.b.tcp.listen({ port: PORT, fastOpen: 16 });
    listener.observer = { acceptable: () => this.#serve(listener) };
  }

  #serve(listener: Listener): void {
    for (let c = listener.accept(); c !== undefined; c = listener.accept()) {
      const request: number[] = [];
      this.requests.push(request);
      c.observe({ connectionEvent: connection => this.#heard(connection, request) });
      this.#heard(c, request);
    }
  }

  #heard(c: TcpConnection, request: number[]): void {
    const bytes = readAll(c);
    request.push(...bytes);
    if (bytes.length > 0 && !c.isOver && !c.sendClosed) c.send(bytes);
    if (c.isAtEnd) c.close();
  }
}

/** Sends a request with the SYN, and waits for the end. */
function ask(
  w: TcpWorld,
  request: Uint8Array,
  remote = ADDRESS_B,
): { connection: TcpConnection; answer: number[] } {
  const answer: number[] = [];
  const connection = w.hosts.a.tcp.connect({ remote, remotePort: PORT, fastOpen: "at-once" });
  let at = connection.send(request);
  connection.observe({
    connectionEvent: (c, events) => {
      answer.push(...readAll(c));
      if (c.isOver) return;
      if (at < request.length) at += c.send(request, at);
      if (at === request.length && (events & CONNECTION_EVENT.connected) !== 0) c.close();
      else if (at === request.length && c.state === "ESTABLISHED") c.close();
    },
  });
  return { connection, answer };
}

/** The server has given its cookie. */
function knowing(options: TcpWorldOptions = {}): { w: TcpWorld; server: Server } {
  const w = new TcpWorld({ tcp: BOTH, ...options });
  const server = new Server(w);
  const { connection } = ask(w, text("first"));
  w.world.runUntil(() => connection.isOver, seconds(200));
  w.run(seconds(1));
  server.requests.length = 0;
  return { w, server };
}

/** The connection ends, and its user hears of it. */
function ends(w: TcpWorld, connection: TcpConnection): boolean {
  const ended = w.world.runUntil(() => connection.isOver, seconds(3_000));
  w.run(milliseconds(1));
  return ended;
}

const clientCounters = (w: TcpWorld): TcpCounters => w.hosts.a.tcp.context.counters;

test("the request arrives with the SYN, and its answer a round trip after the call", () => {
  const { w, server } = knowing();
  const before = w.world.now();
  const { connection, answer } = ask(w, text("request"));
  w.world.runUntil(() => answer.length > 0, seconds(10));
  expect(w.world.now() - before).toBe(2 * ONE_WAY);
  expect(words(Uint8Array.from(answer))).toBe("request");
  w.world.runUntil(() => connection.isOver, seconds(200));
  expect(server.requests.map(one => words(Uint8Array.from(one)))).toEqual(["request"]);
  expect(connection.fastOpen?.tookText).toBe(true);
});

test.each([
  ["the SYN", "aToB", isSyn],
  ["the SYN-ACK", "bToA", isSynAck],
  ["the answer", "bToA", isText],
  ["the third ACK", "aToB", isBareAck],
] as const)("%s is lost: the request arrives once all the same", (_name, way, matcher) => {
  const { w, server } = knowing();
  w.hosts.link[way].gate.drop(1, matcher);
  const { connection, answer } = ask(w, text("request"));
  ends(w, connection);
  expect(connection.error).toBeUndefined();
  expect(words(Uint8Array.from(answer))).toBe("request");
  expect(server.requests.map(one => words(Uint8Array.from(one)))).toEqual(["request"]);
});

test("the SYN comes late, after the one without text that followed it: the request arrives once", () => {
  const { w, server } = knowing();
  w.hosts.link.aToB.gate.delay(seconds(1.005), 1, isSyn);
  const { connection, answer } = ask(w, text("request"));
  ends(w, connection);
  expect(words(Uint8Array.from(answer))).toBe("request");
  expect(server.requests.map(one => words(Uint8Array.from(one)))).toEqual(["request"]);
});

function randomImpairment(random: SeededRandom): Impairment {
  const often = (most: number): number => (chance(random, 0.7) ? (below(random, 1_000) / 1_000) * most : 0);
  return {
    loss: often(0.3),
    reorder: often(0.3),
    delay: microseconds(below(random, 60_000)),
    jitter: microseconds(below(random, 30_000)),
  };
}

const total = { actives: 0, fails: 0, asked: 0 };

function runWorld(seed: number): void {
  const random = new SeededRandom(seed);
  const replay = `seed ${seed}: POSTEL_SEED=${seed} npx vitest run test/sim/fast-open.test.ts`;
  const tcp = { ...BOTH, timestamps: chance(random, 0.5), sack: chance(random, 0.7) };
  const aToB = randomImpairment(random);
  const bToA = randomImpairment(random);
  const w = new TcpWorld({ seed, tcp, link: { aToB, bToA } });
  const server = new Server(w);
  const remote = chance(random, 0.5) ? ADDRESS_B : ADDRESS6_B;
  let expected = 0;
  for (let i = 0; i < 6; i++) {
    const request = new Uint8Array(1 + below(random, 4_000));
    random.fill(request);
    // No two are alike: the first byte tells which it is.
    request[0] = i;
    const { connection, answer } = ask(w, request, remote);
    expect(ends(w, connection), `${replay}: request ${i} does not end (${connection.state})`).toBe(true);
    if (connection.error !== undefined) {
      expect(connection.error, replay).toBe("ETIMEDOUT");
      continue;
    }
    expected++;
    expect(answer, `${replay}: the answer to request ${i}`).toEqual([...request]);
    const got = server.requests.filter(one => one[0] === i);
    expect(got, `${replay}: request ${i} at the server`).toEqual([[...request]]);
  }
  const { fastOpenActives, fastOpenActiveFails } = clientCounters(w);
  total.actives += fastOpenActives;
  total.fails += fastOpenActiveFails;
  total.asked += expected;
}

const only = process.env["POSTEL_SEED"];
if (only !== undefined) test(`seed ${only}`, () => runWorld(Number(only)));
else {
  test.each([0, 1, 2, 3])(
    "seeds of shard %i: each request arrives once and whole, and so does its answer",
    shard => {
      for (let seed = 1 + 60 * shard; seed <= 60 * (shard + 1); seed++) runWorld(seed);
    },
    120_000,
  );

  test("most of them went with the SYN, and some had to go again", () => {
    expect(total.actives).toBeGreaterThan(total.asked / 2);
    expect(total.fails).toBeGreaterThan(10);
  });
}
