/**
 * Goodput over a path of 50 ms that loses one packet in a hundred, beside what Linux's own TCP reached
 * between two kernels over the same path; and over one that holds 12.5 MB.
 */
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.ts";
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import { Host } from "../../src/host/host.ts";
import { type Impairment, impair } from "../../src/link/impair.ts";
import type { NetDevice } from "../../src/link/net-device.ts";
import { createPair } from "../../src/link/pair.ts";
import { ADDRESS_A, ADDRESS_B } from "../../src/sim/sim-host.ts";
import { World } from "../../src/sim/world.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";

const PORT = 80;
const ROUND_TRIP = milliseconds(50);
const TEXT = new Uint8Array(1 << 16);
const TARGET = new Uint8Array(1 << 20);

/**
 * Bytes a second between two kernels, Linux 6.18, over the wire of the bench (bench/paths) in real time: 50
 * ms, 100 Mbit/s, 1 % loss, the mean of 20 s with each of `SEEDS`. So the same packets were lost, by their
 * number.
 */
const KERNEL = { reno: 369_000, cubic: 367_000 };
const SEEDS = [7_000, 7_001, 7_002, 7_003, 7_004, 7_005];

/** One transfer without an end, from host to host. */
class Transfer {
  readonly #world: World;
  #got = 0;

  constructor(seed: number, forth: Impairment, back: Impairment, tcp: Partial<TcpConfig>) {
    const world = new World({ seed });
    this.#world = world;
    const [left, right] = createPair(world, { medium: "ip" });
    const random = new SeededRandom(seed);
    const wire = impair(left, { scheduler: world, random, transmit: forth, receive: back });
    const sender = this.#host(wire, ADDRESS_A, tcp);
    this.#read(this.#host(right, ADDRESS_B, {}));
    sender.tcp.connect({ remote: ADDRESS_B, remotePort: PORT }).observe({
      connectionEvent(connection, events) {
        if ((events & (CONNECTION_EVENT.connected | CONNECTION_EVENT.writable)) === 0) return;
        while (connection.send(TEXT) === TEXT.length);
      },
    });
  }

  /** Bytes a second that the reader gets in the time to come. */
  rate(time: Duration): number {
    const before = this.#got;
    this.#world.runFor(time);
    return ((this.#got - before) * 1_000_000) / time;
  }

  #host(device: NetDevice, address: typeof ADDRESS_A, tcp: Partial<TcpConfig>): Host {
    const host = new Host({ clock: this.#world, random: this.#world.random.fork(), tcp });
    host.attach(device, { addresses: [{ address, prefixLength: 24 }], duplicateDetection: false });
    this.#world.add(host, address.toString());
    return host;
  }

  #read(host: Host): void {
    const observer = {
      connectionEvent: (connection: { receive(target: Uint8Array): number }): void => {
        for (let n = connection.receive(TARGET); n > 0; n = connection.receive(TARGET)) this.#got += n;
      },
    };
    host.tcp.listen({ port: PORT }).observer = {
      acceptable: listener => listener.accept()?.observe(observer),
    };
  }
}

function lossyPath(congestionControl: string, seed: number): Transfer {
  const delay = (ROUND_TRIP / 2) as Duration;
  const forth = { delay, loss: 0.01, rateBytesPerSecond: 12_500_000, queueLimit: 417 };
  return new Transfer(seed, forth, { delay }, { congestionControl });
}

function meanRate(congestionControl: string): number {
  const rates = SEEDS.map(seed => lossyPath(congestionControl, seed).rate(seconds(20)));
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

describe("50 ms and one percent of random loss", () => {
  test("Reno carries no less than the kernel's Reno", () => {
    expect(meanRate("reno")).toBeGreaterThanOrEqual(KERNEL.reno);
  });

  test("CUBIC carries no less than the kernel's CUBIC, and BBR five times as much", () => {
    const cubic = meanRate("cubic");
    expect(cubic).toBeGreaterThanOrEqual(KERNEL.cubic);
    expect(lossyPath("bbr", 7_000).rate(seconds(8))).toBeGreaterThanOrEqual(5 * cubic);
  });
});

test("1 Gbit/s over 100 ms is filled, when the send buffer may grow to what the path holds", () => {
  const rate = 125_000_000;
  const delay = milliseconds(50);
  const forth = { delay, rateBytesPerSecond: rate, queueLimit: 8_400 };
  const transfer = new Transfer(1, forth, { delay }, { sendBufferLimit: 64 << 20 });
  transfer.rate(milliseconds(2_500));
  // The headers take their share: 1448 bytes of text in 1500.
  expect(transfer.rate(milliseconds(500))).toBeGreaterThan(0.94 * rate);
});
