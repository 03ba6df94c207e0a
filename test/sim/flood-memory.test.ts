/**
 * What a million strangers leave behind: nothing. Segments of the floods that every public host meets, each
 * from an address of its own, at a host that has its hands full; the heap is looked at before and after.
 * How their answers look is the matter of hostile-flood.test.ts, how fast they are that of the bench.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { writeUint16, writeUint32 } from "../../src/base/bytes.ts";
import { checksum } from "../../src/base/checksum.ts";
import { HEADROOM, PacketBuffer } from "../../src/base/packet-buffer.ts";
import { SeededRandom } from "../../src/base/random.ts";
import type { Instant } from "../../src/base/time.ts";
import { Host } from "../../src/host/host.ts";
import { type FrameSink, type NetDevice, NO_OFFLOAD, newDeviceCounters } from "../../src/link/net-device.ts";
import { ip } from "../../src/wire/address.ts";
import { FLAG, tcp } from "../support/frames.ts";

const BACKLOG = 128;
/** Of more SYNs between two polls some are left without an answer. */
const BURST = 32;
/** Before the first look: queues fill, code is compiled. */
const WARM_UP = 100_000;
/** Bytes: a flood that kept as little as a number a stranger would come to eight million. */
const NOTHING = 500_000;

/** Takes everything, and counts. */
class Void implements NetDevice {
  readonly name = "void";
  readonly medium = "ip";
  readonly mtu = 1_500;
  readonly offload = NO_OFFLOAD;
  readonly counters = newDeviceCounters();
  sink: FrameSink | undefined;

  attach(sink: FrameSink): void {
    this.sink = sink;
  }

  transmit(): boolean {
    this.counters.transmittedFrames++;
    return true;
  }

  close(): void {}
}

interface Flood {
  readonly family: 4 | 6;
  readonly flags: number;
  readonly port: number;
}

const ADDRESS = { 4: "10.9.0.2", 6: "fd00::2" } as const;
const GATEWAY = { 4: "10.9.0.1", 6: "fd00::1" } as const;
/** The first of a million addresses, in networks that nobody routes. */
const STRANGER = { 4: "10.128.0.0", 6: "2001:2::" } as const;
const SYN_OPTIONS = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0x30, 0x39, 0, 0, 0, 0, 1, 3, 3, 7];

/** A host that is flooded, in a time of its own: 200,000 segments a second. */
class FloodedHost {
  readonly device = new Void();
  readonly host: Host;
  /** So many segments come between two polls. */
  burst = BURST;
  #now = 1_000_000;
  readonly #packet = new PacketBuffer(2_048);
  readonly #random = new SeededRandom(7);
  #strangers = 0;

  constructor() {
    this.host = new Host({ clock: { now: () => this.#now as Instant }, random: new SeededRandom(1) });
    this.host.attach(this.device, {
      addresses: [
        { address: ip(ADDRESS[4]), prefixLength: 24 },
        { address: ip(ADDRESS[6]), prefixLength: 64 },
      ],
      gateways: [ip(GATEWAY[4]), ip(GATEWAY[6])],
      duplicateDetection: false,
    });
    this.host.tcp.listen({ port: 80, backlog: BACKLOG });
  }

  meets(flood: Flood, count: number): void {
    const segment = tcp({
      source: STRANGER[flood.family],
      destination: ADDRESS[flood.family],
      sourcePort: 0,
      destinationPort: flood.port,
      sequence: 0,
      flags: flood.flags,
      ...(flood.flags === FLAG.syn && { options: Uint8Array.from(SYN_OPTIONS) }),
    });
    for (let i = 1; i <= count; i++) {
      this.#receive(segment, flood.family);
      if (i % this.burst === 0) this.host.poll();
    }
  }

  /** A SYN from an address of IPv4 that is given. */
  meetsSynFrom(source: string): void {
    const numbers = { sourcePort: 5_000, destinationPort: 80, sequence: 1 };
    const segment = tcp({ source, destination: ADDRESS[4], ...numbers, flags: FLAG.syn });
    this.#packet.fill(segment, 0, segment.length);
    this.device.sink?.receive(this.#packet);
  }

  /** The device has looked at the transport's checksum, as a TUN device with offloads does. */
  #receive(segment: Uint8Array, family: 4 | 6): void {
    const packet = this.#packet;
    packet.fill(segment, 0, segment.length);
    packet.checksum = "valid";
    const { bytes } = packet;
    const transport = HEADROOM + (family === 4 ? 20 : 40);
    const stranger = this.#strangers++;
    if (family === 4) {
      writeUint32(bytes, HEADROOM + 12, 0x0a80_0000 + (stranger & 0xf_ffff));
      writeUint16(bytes, HEADROOM + 10, 0);
      writeUint16(bytes, HEADROOM + 10, checksum(bytes, HEADROOM, HEADROOM + 20));
    } else {
      writeUint32(bytes, HEADROOM + 20, stranger);
    }
    writeUint16(bytes, transport, 1_024 + (stranger >>> 20));
    writeUint32(bytes, transport + 4, this.#random.uint32());
    if (segment[transport - HEADROOM + 13] !== FLAG.syn)
      writeUint32(bytes, transport + 8, this.#random.uint32());
    this.#now += 5;
    this.device.sink?.receive(packet);
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** By how many bytes the heap has grown. */
function growth(flooded: FloodedHost, flood: Flood, count: number): number {
  flooded.meets(flood, WARM_UP);
  const before = heap();
  flooded.meets(flood, count);
  return heap() - before;
}

test.each([4, 6] as const)("a million SYNs over IPv%d: each is answered, and none is kept", family => {
  const flooded = new FloodedHost();
  expect(growth(flooded, { family, flags: FLAG.syn, port: 80 }, 1_000_000)).toBeLessThan(NOTHING);
  const { host, device } = flooded;
  expect(device.counters.transmittedFrames).toBeGreaterThanOrEqual(1_100_000);
  expect(host.tcpCounters.synCookiesSent).toBeGreaterThan(1_099_000);
  expect([...host.tcp.halfOpen()].length).toBeLessThanOrEqual(BACKLOG + 1);
});

test.each([
  [
    "SYNs to a port where nobody listens",
    { family: 4, flags: FLAG.syn, port: 81 },
    "tcp-no-connection",
    true,
  ],
  ["ACKs that could be a cookie's return", { family: 4, flags: FLAG.ack, port: 80 }, "tcp-bad-cookie", true],
  ["resets", { family: 6, flags: FLAG.rst, port: 80 }, "tcp-bad-reset", false],
] as const)("%s: every one is counted, and none is kept", (_name, flood, reason, isAnswered) => {
  const flooded = new FloodedHost();
  const { host, device } = flooded;
  // The queue is full, so that ACKs are looked at as cookies.
  flooded.meets({ family: 4, flags: FLAG.syn, port: 80 }, 2 * BACKLOG);
  const sent = device.counters.transmittedFrames;
  expect(growth(flooded, flood, 300_000)).toBeLessThan(NOTHING);
  expect(host.drops.get(reason)).toBe(400_000);
  const answers = device.counters.transmittedFrames - sent;
  if (isAnswered) expect(answers).toBeGreaterThanOrEqual(400_000);
  else expect(answers).toBeLessThan(4 * BACKLOG);
});

test("a host that cannot keep up answers some strangers, and always who has completed a handshake", () => {
  const flooded = new FloodedHost();
  const { host, device } = flooded;
  const syns = { family: 4, flags: FLAG.syn, port: 80 } as const;
  flooded.meets(syns, 8 * BURST);
  const answered = (meet: () => void): number => {
    const before = device.counters.transmittedFrames;
    meet();
    return device.counters.transmittedFrames - before;
  };
  const peer = "10.200.0.1";
  const stranger = "10.200.0.2";
  host.tcp.strangers.met(ip(peer));
  flooded.burst = Number.POSITIVE_INFINITY;
  let wakes = 0;
  host.onWork = () => wakes++;
  expect(answered(() => flooded.meets(syns, 1_000))).toBe(32);
  expect(answered(() => flooded.meetsSynFrom(stranger))).toBe(0);
  expect(answered(() => flooded.meetsSynFrom(peer))).toBe(1);
  expect(host.drops.get("tcp-syn-queue-full")).toBe(969);
  // It has asked for a poll, after which there is time again.
  expect(wakes).toBe(1);
  host.poll();
  expect(answered(() => flooded.meetsSynFrom(stranger))).toBe(1);
});
