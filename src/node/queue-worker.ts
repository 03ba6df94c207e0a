/**
 * A worker of node/queue-group: a whole stack of its own (driver, host, device) on one queue of a TUN device.
 * The user's module serves on its host.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { Host } from "../host/host.ts";
import type { FrameSink } from "../link/net-device.ts";
import type { TcpConfig } from "../tcp/tcp-config.ts";
import { ip } from "../wire/address.ts";
import { DescriptorDevice, type OpenedInterface } from "./descriptor-device.ts";
import { Driver } from "./driver.ts";
import { loadLibc } from "./ffi.ts";
import type { Queue, QueueModule, QueueOptions, Stop } from "./queue-group.ts";
import { CryptoRandom } from "./random.ts";
import { StrayRing } from "./stray-ring.ts";

export interface QueuePlan {
  readonly options: Omit<QueueOptions, "module"> & { readonly module: string };
  readonly index: number;
  /** The worker's share of the ephemeral ports. */
  readonly ports: Partial<TcpConfig>;
  readonly opened: OpenedInterface;
  readonly underWay: Int32Array;
  readonly next: MessagePort;
  readonly previous: MessagePort;
}

class QueueDevice extends DescriptorDevice {
  #sink: FrameSink | undefined;

  constructor(opened: OpenedInterface, scheduler: Driver) {
    const onLost = (error: Error): never => {
      throw error;
    };
    const libc = loadLibc();
    // The group closes the device's descriptor, after the last worker has ended.
    const close = (which: number) => (which === opened.descriptor ? 0 : libc.close(which));
    super({ ...libc, close }, opened, { scheduler, onLost });
  }

  override attach(sink: FrameSink): void {
    this.#sink = sink;
    super.attach(sink);
  }

  /** What came to another queue and is for ours. */
  readonly receive = (frame: PacketBuffer): void => this.#sink?.receive(frame);
}

function newHost(plan: QueuePlan, driver: Driver, device: QueueDevice, strays: StrayRing): Host {
  const { tcp, addresses, gateways = [] } = plan.options;
  const host = new Host({
    clock: driver,
    scheduler: driver,
    random: new CryptoRandom(),
    name: `queue ${plan.index}`,
    tcp: { ...tcp, ...plan.ports },
    onUnclaimed: strays.unclaimed,
  });
  host.attach(device, {
    addresses: addresses.map(text => {
      const [address = "", prefixLength] = text.split("/");
      return { address: ip(address), prefixLength: Number(prefixLength) };
    }),
    gateways: gateways.map(ip),
    duplicateDetection: false,
  });
  driver.add(host);
  return host;
}

async function work(plan: QueuePlan): Promise<void> {
  const { index, underWay, next, previous } = plan;
  const { queues: count, data, busyPoll } = plan.options;
  const driver = new Driver({ busyPoll });
  const device = new QueueDevice(plan.opened, driver);
  const { receive } = device;
  const strays = new StrayRing({ index, count, underWay, next, previous, receive });
  const host = newHost(plan, driver, device, strays);
  let stop: Stop | undefined;
  parentPort?.once("message", async () => {
    await stop?.();
    host.close();
    process.exit();
  });
  const { serve } = (await import(plan.options.module)) as QueueModule;
  const queue: Queue = { index, count, data, driver, device: device.counters, strays: strays.counters };
  stop = await serve(host, queue);
  parentPort?.postMessage("ready");
}

await work(workerData as QueuePlan);
