/**
 * Several processors for one address: a TUN device with several queues (IFF_MULTI_QUEUE), and on each a
 * worker thread with a whole stack. Nothing is shared: the kernel divides the flows, and each stays with the
 * worker that it began with. docs/decisions/queues.md
 */
import { MessageChannel, type TransferListItem, Worker } from "node:worker_threads";
import type { Duration } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import type { DeviceCounters } from "../link/net-device.ts";
import { DEFAULT_TCP_CONFIG, type TcpConfig } from "../tcp/tcp-config.ts";
import type { OpenedInterface } from "./descriptor-device.ts";
import type { Driver } from "./driver.ts";
import { type Libc, loadLibc } from "./ffi.ts";
import type { QueuePlan } from "./queue-worker.ts";
import type { StrayCounters } from "./stray-ring.ts";
import { type InterfaceOptions, openTunQueues } from "./tun.ts";

export interface QueueOptions extends Omit<InterfaceOptions, "kind"> {
  /** One worker each. */
  readonly queues: number;
  /** Imported by every worker: a `QueueModule`. */
  readonly module: string | URL;
  /** For the module; a copy for each worker. */
  readonly data?: unknown;
  /** Every worker's host has all of them: `10.9.0.2/24`. */
  readonly addresses: readonly string[];
  readonly gateways?: readonly string[] | undefined;
  /** What can be copied to another thread. The workers share the ephemeral ports out among them. */
  readonly tcp?: Partial<TcpConfig> | undefined;
  /** See `DriverOptions.busyPoll`. */
  readonly busyPoll?: Duration | undefined;
}

/** What the module exports. */
export interface QueueModule {
  /** Serves on the worker's host. What it answers, if anything, is called when the group closes. */
  serve(host: Host, queue: Queue): Stop | undefined | Promise<Stop | undefined>;
}
export type Stop = () => void | Promise<void>;

export interface Queue {
  readonly index: number;
  readonly count: number;
  readonly data: unknown;
  readonly driver: Driver;
  readonly device: Readonly<DeviceCounters>;
  readonly strays: Readonly<StrayCounters>;
}

export interface QueueGroup {
  /** The device's. */
  readonly name: string;
  /** What the user should know of the device, in sentences. */
  readonly notes: readonly string[];
  /** Resolves after `close`; rejects when a worker crashes, which ends them all. */
  readonly ended: Promise<void>;
  /** Ends every worker, and removes the device unless it was made beforehand to persist. */
  close(): Promise<void>;
}

/**
 * Opens the device, and resolves when every worker serves.
 * @throws DeviceError, or the error of a worker
 */
export async function serveOnQueues(options: QueueOptions, libc: Libc = loadLibc()): Promise<QueueGroup> {
  const opened = openTunQueues({ ...options, kind: "tun" }, options.queues, libc);
  const workers = startWorkers(options, opened);
  const close = (): void => {
    for (const worker of workers) worker.postMessage("close");
  };
  let isClosing = false;
  const failed = new Promise<never>((_, reject) => {
    for (const [index, worker] of workers.entries()) {
      worker.once("error", reject);
      worker.once("exit", () => {
        if (!isClosing) reject(new Error(`The worker on queue ${index} has ended by itself.`));
      });
    }
  });
  const exits = Promise.all(workers.map(exitOf));
  // No worker is terminated: see node/ffi.
  const ended = Promise.race([exits, failed]).finally(async () => {
    isClosing = true;
    close();
    await exits;
    for (const { descriptor } of opened) libc.close(descriptor);
  });
  await Promise.race([Promise.all(workers.map(readyOf)), ended]);
  return {
    name: opened[0]?.name ?? "",
    notes: opened[0]?.notes ?? [],
    ended: ended.then(() => undefined),
    close: async () => {
      isClosing = true;
      close();
      await ended;
    },
  };
}

function startWorkers(options: QueueOptions, opened: readonly OpenedInterface[]): Worker[] {
  const underWay = new Int32Array(new SharedArrayBuffer(4 * opened.length));
  // Channel i leads from worker i to the one after it.
  const channels = opened.map(() => new MessageChannel());
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return opened.map((queue, index) => {
    const next = (channels[index] as MessageChannel).port1;
    const previous = (channels.at(index - 1) as MessageChannel).port2;
    const plan: QueuePlan = {
      options: { ...options, module: String(options.module) },
      index,
      ports: ephemeralShare(index, opened.length, options.tcp),
      opened: queue,
      underWay,
      next,
      previous,
    };
    const transferList: TransferListItem[] = [next, previous];
    const entry = new URL(`./queue-worker.${extension}`, import.meta.url);
    return new Worker(entry, { workerData: plan, transferList, name: `postel queue ${index}` });
  });
}

/** Equal shares, so that no two workers' connections have the same four-tuple. */
export function ephemeralShare(
  index: number,
  count: number,
  tcp: Partial<TcpConfig> = {},
): Partial<TcpConfig> {
  const { firstEphemeralPort, lastEphemeralPort } = { ...DEFAULT_TCP_CONFIG, ...tcp };
  const share = Math.floor((lastEphemeralPort - firstEphemeralPort + 1) / count);
  const first = firstEphemeralPort + index * share;
  return { firstEphemeralPort: first, lastEphemeralPort: first + share - 1 };
}

function readyOf(worker: Worker): Promise<void> {
  return new Promise(resolve => worker.once("message", () => resolve()));
}

function exitOf(worker: Worker): Promise<void> {
  return new Promise(resolve => worker.once("exit", () => resolve()));
}
