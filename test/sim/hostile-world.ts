/**
 * Two honest hosts on one wire, and a third party who sees every frame on it and sends whatever he likes to either of
 * them. Flows of seeded data go both ways meanwhile; what a host must keep within its limits is looked at as it goes.
 */
import { expect } from "vitest";
import { PacketBuffer } from "../../src/base/packet-buffer.ts";
import { below, SeededRandom } from "../../src/base/random.ts";
import { type Duration, instantAfter, milliseconds, seconds } from "../../src/base/time.ts";
import type { Host } from "../../src/host/host.ts";
import type { Medium } from "../../src/link/net-device.ts";
import { type FrameDirection, tap } from "../../src/link/tap.ts";
import { ADDRESS_A, ADDRESS_B, ADDRESS6_A, ADDRESS6_B, addHost } from "../../src/sim/sim-host.ts";
import { connect, type Link } from "../../src/sim/topology.ts";
import { World } from "../../src/sim/world.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import { CONNECTION_EVENT, type TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { parseMac } from "../../src/wire/mac-address.ts";
import { join, MAC_A, MAC_B, macBytes, u16 } from "../support/frames.ts";

export const A = ADDRESS_A.toString();
export const B = ADDRESS_B.toString();
export const A6 = ADDRESS6_A.toString();
export const B6 = ADDRESS6_B.toString();
export const MAC_M = "02:00:00:00:00:66";
const ONE_WAY = milliseconds(2);
const SEEN_LIMIT = 256;

/** Limits that the code states: net/neighbor-cache, tcp/receive/receive-buffer, tcp-config. */
const MOST_NEIGHBORS = 1_024;
const MOST_RANGES = 1_024;

export type End = "a" | "b";

export interface HostileOptions {
  readonly seed: number;
  readonly medium?: Medium;
  readonly tcp?: Partial<TcpConfig>;
  readonly delay?: Duration;
}

export class HostileWorld {
  readonly world: World;
  readonly hosts: Record<End, Host>;
  readonly link: Link;
  readonly random: SeededRandom;
  readonly medium: Medium;
  readonly seed: number;
  /** Frames that the two hosts sent, as far back as the attacker remembers; by who received them. */
  readonly seen: Record<End, Uint8Array[]> = { a: [], b: [] };
  /** Frames that each host sent, and frames that were sent to it by the attacker. */
  readonly sent: Record<End, number> = { a: 0, b: 0 };
  readonly injected: Record<End, number> = { a: 0, b: 0 };
  /** Sees the IP packets that a host sends. */
  onPacket: ((from: End, packet: Uint8Array) => void) | undefined = undefined;
  readonly #packet = new PacketBuffer(4_096);

  constructor(options: HostileOptions) {
    const { seed, medium = "ip", delay = ONE_WAY } = options;
    this.seed = seed;
    this.medium = medium;
    this.random = new SeededRandom(seed ^ 0x5eed);
    this.world = new World({ seed });
    this.link = connect(this.world, { medium, aToB: { delay }, bToA: { delay } });
    this.hosts = { a: this.#host("a", options), b: this.#host("b", options) };
  }

  #host(end: End, options: HostileOptions): Host {
    const host = addHost(this.world, end, { tcp: options.tcp });
    const addresses = [
      { address: end === "a" ? ADDRESS_A : ADDRESS_B, prefixLength: 24 },
      { address: end === "a" ? ADDRESS6_A : ADDRESS6_B, prefixLength: 64 },
    ];
    const device = tap(this.link[end], {
      frame: (direction, frame) => this.#frame(end, direction, frame),
    });
    const mac = parseMac(end === "a" ? MAC_A : MAC_B);
    const { index } = host.attach(device, {
      addresses,
      duplicateDetection: false,
      ...(options.medium === "ethernet" ? { mac } : {}),
    });
    // Strangers from anywhere can be answered, so that they cost what they may.
    for (const family of [4, 6] as const) host.addDefaultRoute(undefined, index, family);
    return host;
  }

  #frame(end: End, direction: FrameDirection, frame: PacketBuffer): void {
    if (direction === "in") return;
    this.sent[end]++;
    this.onPacket?.(end, frame.bytes.subarray(frame.start + (this.medium === "ip" ? 0 : 14), frame.end));
    const seen = this.seen[end === "a" ? "b" : "a"];
    if (seen.length < SEEN_LIMIT) seen.push(frame.view().slice());
    else seen[below(this.random, SEEN_LIMIT)] = frame.view().slice();
  }

  /** Sends a frame to a host at once. */
  injectFrame(to: End, frame: Uint8Array): void {
    if (frame.length === 0) return;
    this.injected[to]++;
    this.#packet.fill(frame, 0, frame.length);
    (to === "b" ? this.link.aToB : this.link.bToA).gate.transmit(this.#packet);
  }

  /** Sends an IP packet; on Ethernet from the attacker's station. */
  inject(to: End, packet: Uint8Array): void {
    this.injectFrame(to, this.medium === "ip" ? packet : this.framed(to, packet));
  }

  framed(to: End, payload: Uint8Array, type = (payload[0] ?? 0) >>> 4 === 6 ? 0x86dd : 0x0800): Uint8Array {
    return join(macBytes(to === "a" ? MAC_A : MAC_B), macBytes(MAC_M), u16(type), payload);
  }

  /** One of the frames that the host has received from the other. */
  oldFrame(to: End): Uint8Array | undefined {
    const seen = this.seen[to];
    return seen[below(this.random, seen.length)];
  }

  run(duration: Duration): void {
    this.world.runFor(duration);
    this.check();
  }

  /** Attacks `count` times, one attack each `interval`. */
  attack(count: number, interval: Duration, act: (index: number) => void): void {
    for (let i = 0; i < count; i++) {
      act(i);
      this.world.runFor(interval);
      if (i % 16 === 0) this.check();
    }
    this.run(milliseconds(50));
  }

  /** What must hold of either host at any time, whatever it is sent. */
  check(): void {
    for (const host of [this.hosts.a, this.hosts.b]) {
      const where = `${host.name}, seed ${this.seed}`;
      expect(host.net.neighbors().length, `neighbors of ${where}`).toBeLessThanOrEqual(MOST_NEIGHBORS);
      for (const listener of host.tcp.listeners()) {
        expect(listener.halfOpen, `half-open at ${where}`).toBeLessThanOrEqual(listener.synBacklog);
        expect(listener.waiting, `accept queue of ${where}`).toBeLessThanOrEqual(listener.backlog + 1);
      }
      for (const connection of host.tcp.connections()) checkMemory(connection, where);
    }
  }

  /** Nothing is left of any connection. */
  expectNoRecords(): void {
    for (const { name, tcp } of [this.hosts.a, this.hosts.b]) {
      const left = [...tcp.connections(), ...tcp.halfOpen(), ...tcp.timeWaits()];
      const texts = left.map(entry => `${entry.kind} ${entry.remote}:${entry.remotePort}`);
      expect(texts, `records left at ${name}, seed ${this.seed}`).toEqual([]);
    }
  }
}

function checkMemory(c: TcpConnection, where: string): void {
  const { receiveBuffer, sendBuffer, config } = c;
  expect(receiveBuffer.readable, `text to be read at ${where}`).toBeLessThanOrEqual(
    receiveBuffer.limit + 0xffff,
  );
  expect(receiveBuffer.outOfOrder.count, `ranges at ${where}`).toBeLessThanOrEqual(MOST_RANGES);
  expect(sendBuffer.length, `text to be sent at ${where}`).toBeLessThanOrEqual(config.sendBuffer);
}

export interface FlowOptions {
  readonly port: number;
  readonly family?: 4 | 6;
  /** Bytes each way, and how long their writing takes. */
  readonly bytes?: number;
  readonly lasting?: Duration;
}

const PIECES = 50;

/** A connection from a to b whose users write seeded data by and by, read at once, and close when all is written. */
export class Flow {
  readonly port: number;
  readonly client: TcpConnection;
  server: TcpConnection | undefined;
  readonly #w: HostileWorld;
  readonly #users: User[] = [];

  constructor(w: HostileWorld, options: FlowOptions) {
    const { port, family = 4, bytes = 60_000, lasting = seconds(1) } = options;
    this.#w = w;
    this.port = port;
    const random = new SeededRandom(w.seed + port);
    const [up, down] = [new Uint8Array(bytes), new Uint8Array(bytes)];
    random.fill(up);
    random.fill(down);
    const pause = Math.ceil(lasting / PIECES) as Duration;
    const listener = w.hosts.b.tcp.listen({ port });
    listener.observer = {
      acceptable: () => {
        const accepted = listener.accept();
        if (
          accepted === undefined ||
          this.server !== undefined ||
          accepted.remotePort !== this.client.localPort
        ) {
          accepted?.abort();
          return;
        }
        this.server = accepted;
        this.#users.push(new User(w, accepted, down, up, pause, `server of port ${port}`));
      },
    };
    const remote = family === 4 ? ADDRESS_B : ADDRESS6_B;
    this.client = w.hosts.a.tcp.connect({ remote, remotePort: port });
    this.#users.push(new User(w, this.client, up, down, pause, `client of port ${port}`));
  }

  get clientPort(): number {
    return this.client.localPort;
  }

  /** The connection that a segment to `end` belongs to. */
  at(end: End): TcpConnection | undefined {
    return end === "a" ? this.client : this.server;
  }

  get isOpen(): boolean {
    return this.server?.state === "ESTABLISHED" && this.client.state === "ESTABLISHED";
  }

  opens(): void {
    expect(
      this.#w.world.runUntil(() => this.isOpen, seconds(30)),
      this.#text("does not open"),
    ).toBe(true);
  }

  /** Runs until both ends have got all and are closed. */
  finishes(limit: Duration = seconds(900)): void {
    const ok = this.#w.world.runUntil(
      () => this.#users.length === 2 && this.#users.every(user => user.isDone),
      limit,
    );
    expect(ok, this.#text("does not end")).toBe(true);
    expect(this.client.error ?? this.server?.error, this.#text("ends with an error")).toBeUndefined();
  }

  #text(problem: string): string {
    const users = this.#users.map(user => user.text).join("; ");
    const states = `${this.client.state} ${this.client.error ?? ""}, ${this.server?.state} ${this.server?.error ?? ""}`;
    return `seed ${this.#w.seed}: port ${this.port} ${problem} (${states}; ${users})`;
  }
}

class User {
  readonly #w: HostileWorld;
  readonly #connection: TcpConnection;
  readonly #data: Uint8Array;
  readonly #expected: Uint8Array;
  readonly #name: string;
  readonly #pause: Duration;
  #written = 0;
  #got = 0;

  constructor(
    w: HostileWorld,
    connection: TcpConnection,
    data: Uint8Array,
    expected: Uint8Array,
    pause: Duration,
    name: string,
  ) {
    this.#w = w;
    this.#connection = connection;
    this.#data = data;
    this.#expected = expected;
    this.#pause = pause;
    this.#name = name;
    connection.observe({
      connectionEvent: (_c, events) => {
        this.#read();
        if ((events & CONNECTION_EVENT.connected) !== 0) this.#write();
      },
    });
    if (connection.state !== "SYN-SENT") this.#write();
  }

  get isDone(): boolean {
    return this.#connection.isOver && this.#got === this.#expected.length;
  }

  get text(): string {
    return `${this.#name} wrote ${this.#written}, got ${this.#got}`;
  }

  #write(): void {
    const c = this.#connection;
    if (c.isOver || c.sendClosed) return;
    const end = Math.min(this.#data.length, this.#written + Math.ceil(this.#data.length / PIECES));
    this.#written += c.send(this.#data, this.#written, end);
    if (this.#written === this.#data.length) c.close();
    else this.#w.world.schedule(instantAfter(this.#w.world.now(), this.#pause), () => this.#write());
  }

  #read(): void {
    const bytes = new Uint8Array(this.#connection.readable);
    this.#connection.receive(bytes);
    for (const byte of bytes) {
      if (byte !== this.#expected[this.#got++])
        throw new Error(`wrong byte ${this.#got - 1} at the ${this.#name}`);
    }
  }
}
