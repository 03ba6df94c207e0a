/**
 * Two hosts of one process with many connections between them, each of which counts twice; and what the heap
 * holds.
 */
import v8 from "node:v8";
import vm from "node:vm";
import { SeededRandom } from "../../src/base/random.ts";
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import { Host } from "../../src/host/host.ts";
import type { NetDevice } from "../../src/link/net-device.ts";
import { createPair } from "../../src/link/pair.ts";
import { VirtualTime } from "../../src/link/virtual-time.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { type IpAddress, ip } from "../../src/wire/address.ts";

const CLIENTS = [ip("10.9.0.1"), ip("10.9.0.3")];
const SERVER = ip("10.9.0.2");
const FIRST_PORT = 1_024;
const PORTS_EACH = 60_000;
const BURST = 500;
/** Instants as they are on a machine that has run for days: no small integers. */
const UPTIME = seconds(500_000);
/** `rfc1337`: nothing but RFC 6191 ends a TIME-WAIT early. */
const CONFIG = {
  acceptBacklogLimit: 100_000,
  synBacklog: 100_000,
  timeWaitLimit: 200_000,
  rfc1337: true,
};

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;

export function memory(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export class Many {
  readonly clients: TcpConnection[] = [];
  readonly servers: TcpConnection[] = [];
  readonly #time = new VirtualTime();
  readonly #scratch = new Uint8Array(64);
  readonly a: Host;
  readonly b: Host;

  constructor() {
    this.#time.runFor(UPTIME);
    const [left, right] = createPair(this.#time, { medium: "ip" });
    this.a = this.#host(left, CLIENTS, 1);
    this.b = this.#host(right, [SERVER], 2);
    const listener = this.b.tcp.listen({ port: 80, backlog: 100_000 });
    listener.observer = { acceptable: () => this.#accept(() => listener.accept()) };
  }

  #host(device: NetDevice, addresses: readonly IpAddress[], seed: number): Host {
    const host = new Host({
      clock: this.#time,
      scheduler: this.#time,
      random: new SeededRandom(seed),
      tcp: CONFIG,
    });
    const prefixed = addresses.map(address => ({ address, prefixLength: 24 }));
    host.attach(device, { addresses: prefixed, duplicateDetection: false });
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
    const heard = (events & CONNECTION_EVENT.readable) === 0 ? 0 : c.receive(this.#scratch);
    if (heard > 0) c.send(this.#scratch, 0, heard);
  }

  #hear(c: TcpConnection, events: number): void {
    if ((events & CONNECTION_EVENT.readable) !== 0) c.receive(this.#scratch);
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
      const number = this.clients.length;
      const local = CLIENTS[Math.floor(number / PORTS_EACH)];
      const localPort = FIRST_PORT + (number % PORTS_EACH);
      const c = this.a.tcp.connect({ remote: SERVER, remotePort: 80, local, localPort });
      c.observe({ connectionEvent: (answered, events) => this.#hear(answered, events) });
      this.clients.push(c);
      if (opened % BURST === 0) this.run(milliseconds(20));
    }
  }

  /** The servers close all from `first` on, the clients follow, and both are forgotten. */
  closeBehind(first: number): void {
    for (const [i, c] of this.servers.splice(first).entries()) {
      c.close();
      if (i % BURST === BURST - 1) this.run(milliseconds(20));
    }
    this.run(milliseconds(500));
    this.clients.length = first;
  }

  ask(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.clients[i]?.send(this.#scratch);
      if (i % BURST === BURST - 1) this.run(milliseconds(20));
    }
  }
}
