/**
 * What connections cost that are open and idle: memory, and nothing else. Two hosts of one process, so that
 * each connection counts twice.
 */
import v8 from "node:v8";
import vm from "node:vm";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.ts";
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import { Host } from "../../src/host/host.ts";
import type { NetDevice } from "../../src/link/net-device.ts";
import { createPair } from "../../src/link/pair.ts";
import { VirtualTime } from "../../src/link/virtual-time.ts";
import { CONNECTION_EVENT, type TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { type IpAddress, ip } from "../../src/wire/address.ts";

const CLIENT = ip("10.9.0.1");
const SERVER = ip("10.9.0.2");
/** Fewer would measure the tables that the first ones need. */
const FIRST = 2_000;
const MORE = 4_000;
const BURST = 500;
/** Instants as they are on a machine that has run for days: no small integers. */
const UPTIME = seconds(500_000);
const LIMITS = { acceptBacklogLimit: 100_000, synBacklog: 100_000, timeWaitLimit: 100_000 };

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;

function memory(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

class Many {
  readonly clients: TcpConnection[] = [];
  readonly servers: TcpConnection[] = [];
  readonly #time = new VirtualTime();
  readonly #scratch = new Uint8Array(64);
  readonly a: Host;
  readonly b: Host;

  constructor() {
    this.#time.runFor(UPTIME);
    const [left, right] = createPair(this.#time, { medium: "ip" });
    this.a = this.#host(left, CLIENT, 1);
    this.b = this.#host(right, SERVER, 2);
    const listener = this.b.tcp.listen({ port: 80, backlog: 100_000 });
    listener.observer = { acceptable: () => this.#accept(() => listener.accept()) };
  }

  #host(device: NetDevice, address: IpAddress, seed: number): Host {
    const host = new Host({
      clock: this.#time,
      scheduler: this.#time,
      random: new SeededRandom(seed),
      tcp: LIMITS,
    });
    host.attach(device, { addresses: [{ address, prefixLength: 24 }], duplicateDetection: false });
    return host;
  }

  /** Whoever asks is answered with the same. */
  #accept(next: () => TcpConnection | undefined): void {
    for (let c = next(); c !== undefined; c = next()) {
      this.servers.push(c);
      c.observe({ connectionEvent: (asked, events) => this.#answer(asked, events) });
    }
  }

  #answer(c: TcpConnection, events: number): void {
    if ((events & CONNECTION_EVENT.readable) !== 0) c.send(this.#scratch, 0, c.receive(this.#scratch));
    if ((events & CONNECTION_EVENT.peerClosed) !== 0) c.close();
  }

  run(duration: Duration): void {
    const end = this.#time.now() + duration;
    while (this.#time.now() < end) {
      this.a.poll();
      this.b.poll();
      this.#time.runFor(milliseconds(1));
    }
  }

  open(count: number): void {
    for (let opened = 1; opened <= count; opened++) {
      const c = this.a.tcp.connect({
        remote: SERVER,
        remotePort: 80,
        localPort: 1_024 + this.clients.length,
      });
      c.observe({ connectionEvent: answered => void answered.receive(this.#scratch) });
      this.clients.push(c);
      if (opened % BURST === 0) this.run(milliseconds(20));
    }
  }

  /** Closes all from `first` on, and forgets them. */
  closeBehind(first: number): void {
    for (const [i, c] of this.clients.splice(first).entries()) {
      c.close();
      if (i % BURST === BURST - 1) this.run(milliseconds(20));
    }
    this.run(milliseconds(500));
    this.servers.length = first;
  }

  ask(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.clients[i]?.send(this.#scratch);
      if (i % BURST === BURST - 1) this.run(milliseconds(20));
    }
  }
}

test.each([
  ["that have just been opened", false],
  ["that have carried a request and its answer", true],
])("idle connections %s take 2 KB each", (_name, asks) => {
  const many = new Many();
  const open = (count: number): void => {
    const from = many.clients.length;
    many.open(count);
    if (asks) many.ask(from, many.clients.length);
    many.run(seconds(1));
  };
  open(FIRST);
  const before = memory();
  open(MORE);
  const bytes = (memory() - before) / (2 * MORE);
  for (const c of [...many.clients, ...many.servers]) expect(c.state).toBe("ESTABLISHED");
  expect(many.servers.length).toBe(FIRST + MORE);
  expect(bytes).toBeLessThan(2_048);
  // Nobody looks at them, no timer runs for them; and each still answers.
  expect([many.a.tcp.atWork.count, many.b.tcp.atWork.count]).toEqual([0, 0]);
  expect([many.a.tcp.deadline, many.b.tcp.deadline]).toEqual([
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
  const one = many.clients[1_234] as TcpConnection;
  const heard = one.info().bytesReceived;
  many.ask(1_234, 1_235);
  many.run(milliseconds(5));
  expect(one.info().bytesReceived).toBe(heard + 64);
  expect(many.a.tcp.atWork.count).toBe(1);
});

test("connections in TIME-WAIT take less than a kilobyte each, and nothing remains of them in the end", () => {
  const many = new Many();
  const waiting = (): number => [...many.a.tcp.timeWaits()].length;
  const openAndClose = (): void => {
    many.open(MORE);
    many.closeBehind(FIRST);
  };
  many.open(FIRST);
  // Once before: the code is compiled then, and the tables have their size.
  openAndClose();
  many.run(seconds(61));
  const before = memory();
  openAndClose();
  expect(waiting()).toBe(MORE);
  expect((memory() - before) / MORE).toBeLessThan(768);
  many.run(seconds(61));
  expect(waiting()).toBe(0);
  expect((memory() - before) / MORE).toBeLessThan(100);
});
