/**
 * Two kernels, each in a namespace of its own, joined by a wire of ours that can be made bad:
 *
 *     kernel 10.78.0.1, fd78::1 ── capture ── impairment ── capture ── 10.78.0.2, fd78::2 kernel
 *
 * Both captures see the same connections, from either end.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SeededRandom } from "../../src/base/random.ts";
import { CaptureRecorder } from "../../src/cli/capture-recorder.ts";
import { type Impairment, impair } from "../../src/link/impair.ts";
import type { NetDevice } from "../../src/link/net-device.ts";
import { Driver } from "../../src/node/driver.ts";
import { configureKernelSide } from "../../src/node/kernel-side.ts";
import { openTun } from "../../src/node/tun.ts";
import { Namespace } from "./namespace.ts";

const DEVICE = "wire0";
const TALKER = fileURLToPath(new URL("peers/talker.py", import.meta.url));
export const SIDES = ["near", "far"] as const;
export const FAR = { 4: "10.78.0.2", 6: "fd78::2" } as const;
const ADDRESSES = [
  ["10.78.0.1/24", "fd78::1/64"],
  ["10.78.0.2/24", "fd78::2/64"],
] as const;

export interface WireOptions {
  readonly family?: 4 | 6;
  readonly forth?: Impairment;
  readonly back?: Impairment;
  readonly seed?: number;
  /** Super-segments pass as they are, with checksums that nobody has computed; the wire is then a good one. */
  readonly offload?: boolean;
}

/** What the talker says, and to a listener of which kind: see peers/talker.py. */
export type Talk = readonly [talk: string, listener?: string];

/** Lets two kernels talk, and answers the captures of both ends. */
export async function captured(talk: Talk, options: WireOptions): Promise<readonly [Uint8Array, Uint8Array]> {
  const directory = mkdtempSync(join(tmpdir(), "postel-wire-"));
  const namespaces = [await Namespace.create(), await Namespace.create()] as const;
  const driver = new Driver();
  const recorders = SIDES.map(side => new CaptureRecorder(join(directory, `${side}.pcapng`)));
  try {
    const devices = namespaces.map(({ name: netns }, side) => {
      const offload = options.offload ?? false;
      const device = openTun({ kind: "tun", name: DEVICE, netns, scheduler: driver, offload });
      return recorders[side]?.watch(device) ?? device;
    });
    connect(driver, devices as [NetDevice, NetDevice], options);
    for (const [side, { name: netns }] of namespaces.entries()) {
      await configureKernelSide(DEVICE, { addresses: ADDRESSES[side] ?? [], up: true, netns });
    }
    await converse(namespaces, FAR[options.family ?? 4], talk);
    for (const recorder of recorders) recorder.close();
    const [near, far] = recorders.map(({ path }) => new Uint8Array(readFileSync(path)));
    return [near as Uint8Array, far as Uint8Array];
  } finally {
    for (const recorder of recorders) recorder.close();
    driver.close();
    for (const namespace of namespaces) await namespace.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function connect(driver: Driver, [near, far]: readonly [NetDevice, NetDevice], options: WireOptions): void {
  const { forth: receive, back: transmit, seed = 1 } = options;
  const random = new SeededRandom(seed);
  const isGood = receive === undefined && transmit === undefined;
  const left = isGood ? near : impair(near, { scheduler: driver, random, receive, transmit });
  left.attach({ receive: frame => void far.transmit(frame), writable: () => undefined });
  far.attach({ receive: frame => void left.transmit(frame), writable: () => undefined });
}

async function converse(
  [near, far]: readonly [Namespace, Namespace],
  host: string,
  [talk, listener = ""]: Talk,
): Promise<void> {
  const server = far.spawn("python3", [TALKER, "listen", host, listener]);
  await once(server.stdout, "data");
  await near.exec("python3", [TALKER, "talk", host, ...talk.split(" ")], { mayFail: true });
}
