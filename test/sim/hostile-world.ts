/**
 * Two honest hosts on one wire, and a third party who sees every frame on it and sends whatever he likes to
 * either of them. What a host must keep within its limits is looked at as it goes.
 */
import { expect } from "vitest";
import { PacketBuffer } from "../../src/base/packet-buffer.ts";
import { below, SeededRandom } from "../../src/base/random.ts";
import { type Duration, milliseconds } from "../../src/base/time.ts";
import type { Host } from "../../src/host/host.ts";
import type { Medium } from "../../src/link/net-device.ts";
import { type FrameDirection, tap } from "../../src/link/tap.ts";
import { SimulationFailure } from "../../src/sim/failure.ts";
import { ADDRESS_A, ADDRESS_B, ADDRESS6_A, ADDRESS6_B, addHost } from "../../src/sim/sim-host.ts";
import { connect, type Link } from "../../src/sim/topology.ts";
import { World } from "../../src/sim/world.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { parseMac } from "../../src/wire/mac-address.ts";
import { type Ends, join, MAC_A, MAC_B, macBytes, u16 } from "../support/frames.ts";

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

/** The addresses of a packet to this end from the other. */
export function ends(to: End, family: 4 | 6): Ends {
  const [a, b] = family === 4 ? [A, B] : [A6, B6];
  return to === "a" ? { source: b, destination: a } : { source: a, destination: b };
}

/** Runs for the seeds 1 … count; a failure names its seed. */
export function forSeeds(count: number, run: (seed: number) => void): void {
  for (let seed = 1; seed <= count; seed++) namingSeed(seed, run);
}

export function namingSeed(seed: number, run: (seed: number) => void): void {
  try {
    run(seed);
  } catch (error) {
    if (error instanceof SimulationFailure) throw error;
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

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
    const host = addHost(this.world, end, { tcp: { sendBuffer: 1 << 20, ...options.tcp } });
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
        expect(listener.halfOpen, `half-open at ${where}`).toBeLessThanOrEqual(listener.backlog + 1);
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

const LARGEST_PIECE = 65_535;

function checkMemory(c: TcpConnection, where: string): void {
  const { receiveBuffer, sendBuffer, sendSpace, queue } = c;
  // The window may be rounded up by one unit of its scale, and a ring's size is a power of two.
  const limit = receiveBuffer.limit + (1 << c.tcb.rcv.wscale);
  expect(receiveBuffer.readable, `text to be read at ${where}`).toBeLessThanOrEqual(limit);
  expect(receiveBuffer.memory, `receive memory at ${where}`).toBeLessThanOrEqual(Math.max(4_096, 2 * limit));
  expect(receiveBuffer.outOfOrder.count, `ranges at ${where}`).toBeLessThanOrEqual(MOST_RANGES);
  // A piece that has begun is filled, whatever the limit says.
  const most = sendSpace.limit + LARGEST_PIECE;
  expect(sendBuffer.length - c.tcb.outstanding, `text to be sent at ${where}`).toBeLessThanOrEqual(most);
  expect(queue.segments, `records at ${where}`).toBeLessThanOrEqual(c.tcb.outstanding + 1);
}
