/** 64 MB between the kernel and Postel, hashes compared: over TUN and TAP, in both families, each way. */
import { describe, expect } from "vitest";
import type { Impairment } from "../../src/link/impair.ts";
import type { IpFamily } from "../../src/wire/address.ts";
import { exchange, OPENERS, type Opener, open } from "./kernel-connection.ts";
import { type DeviceKind, FAMILIES, type KernelHost, KINDS, withKernelHost } from "./kernel-host.ts";
import { rootTest } from "./root-test.ts";

const SIZE = 64_000_000;
const IMPAIRMENT: Impairment = { loss: 0.05, reorder: 0.02, duplicate: 0.01 };

type Direction = "kernel to Postel" | "Postel to kernel";
const DIRECTIONS: readonly Direction[] = ["kernel to Postel", "Postel to kernel"];

async function transfer(kernelHost: KernelHost, opener: Opener, family: IpFamily, direction: Direction) {
  const [theirs, ours] = direction === "kernel to Postel" ? [SIZE, 0] : [0, SIZE];
  const connection = await open(kernelHost, opener, family, { send: theirs, seed: 5 });
  await exchange(connection, ours, 6);
  return connection.stream.info();
}

const LINKS = KINDS.flatMap(kind => FAMILIES.map(family => [kind, family] as const));

describe.each(LINKS)("64 MB over %s, IPv%i", (kind: DeviceKind, family: IpFamily) => {
  for (const opener of OPENERS) {
    for (const direction of DIRECTIONS) {
      rootTest(`${direction}, opened by ${opener}`, () =>
        withKernelHost({ kind }, async kernelHost => {
          const info = await transfer(kernelHost, opener, family, direction);
          // A process that gets no time may believe that something was lost; the wire loses nothing.
          expect(info.bytesRetransmitted).toBeLessThan(SIZE / 100);
          // What the TUN device's queue has no room for is lost, and the kernel slows down.
          expect(info.outOfOrderSegments).toBeLessThan(SIZE / 1_448 / 10);
        }),
      );
    }
  }
});

// What takes the time is waiting for retransmission timers, so they wait together: four transfers over each
// wire.
describe.concurrent("64 MB with 5 % loss, 2 % reordering, 1 % duplicates, each way and opened by either", () => {
  for (const [kind, family] of LINKS) {
    rootTest(
      `over ${kind}, IPv${family}`,
      () =>
        withKernelHost({ kind, impairment: IMPAIRMENT, seed: 7 }, async kernelHost => {
          const infos = await Promise.all(
            OPENERS.flatMap(opener =>
              DIRECTIONS.map(direction => transfer(kernelHost, opener, family, direction)),
            ),
          );
          expect(infos.some(info => info.bytesRetransmitted > SIZE / 50)).toBe(true);
          expect(infos.some(info => info.outOfOrderSegments > 100)).toBe(true);
          expect(kernelHost.wire.receiveFates.lost).toBeGreaterThan(1_000);
        }),
      240_000,
    );
  }
});
