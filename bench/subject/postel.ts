#!/usr/bin/env node
/**
 * Postel under test, by the package's own doors: a host on a TUN device or a packet socket, with the services
 * that every subject of the bench has. It says "ready" once it listens, and ends with SIGTERM or its input.
 */
import { parseArgs } from "node:util";
import { microseconds } from "@postel/stack/base";
import { Host } from "@postel/stack/host";
import type { NetDevice } from "@postel/stack/link";
import { CryptoRandom, Driver, openPacketSocket, openTun, serveOnQueues } from "@postel/stack/node";
import { ip } from "@postel/stack/wire";
import { serve } from "./services.ts";

const OPTIONS = {
  options: {
    /** `tun:NAME` makes a device of this name; `packet:NAME` takes an interface that there is. */
    device: { type: "string", default: "" },
    address: { type: "string", default: "" },
    /** By whom strangers are reached. */
    gateway: { type: "string" },
    offload: { type: "string", default: "on" },
    mtu: { type: "string" },
    /** In µs. */
    "busy-poll": { type: "string", default: "0" },
    /** A worker for each, on a TUN device. */
    queues: { type: "string" },
  },
} as const;

const values = settings();
const busyPoll = microseconds(Number(values["busy-poll"]));

function settings() {
  try {
    return parseArgs(OPTIONS).values;
  } catch (error) {
    return fail(error);
  }
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

function openDevice(scheduler: Driver): NetDevice & { close(): void } {
  const [kind = "", name] = values.device.split(":");
  const offload = values.offload !== "off";
  const mtu = values.mtu === undefined ? undefined : Number(values.mtu);
  if (name === undefined) throw new Error("--device wants tun:NAME or packet:NAME");
  if (kind === "tun") return openTun({ kind, name, scheduler, offload, mtu });
  if (kind === "packet") return openPacketSocket({ name, scheduler, offload });
  throw new Error(`--device knows no "${kind}": tun or packet`);
}

type Stop = () => void | Promise<void>;

async function startWorkers(queues: number): Promise<Stop> {
  const [kind, name] = values.device.split(":");
  if (kind !== "tun") throw new Error("--queues wants --device tun:NAME");
  const module = new URL("./services.js", import.meta.url);
  const offload = values.offload !== "off";
  const addresses = [values.address];
  const group = await serveOnQueues({ queues, module, name, offload, addresses, busyPoll });
  return () => group.close();
}

function start(): Stop {
  const driver = new Driver({ busyPoll });
  const device = openDevice(driver);
  const host = new Host({ clock: driver, random: new CryptoRandom(), scheduler: driver });
  const [address = "", length] = values.address.split("/");
  const addresses = [{ address: ip(address), prefixLength: Number(length) }];
  const gateways = values.gateway === undefined ? [] : [ip(values.gateway)];
  host.attach(device, { addresses, gateways, duplicateDetection: false });
  driver.add(host);
  serve(host);
  return () => {
    device.close();
    driver.close();
  };
}

try {
  const stop = values.queues === undefined ? start() : await startWorkers(Number(values.queues));
  const end = async (): Promise<never> => {
    await stop();
    process.exit(0);
  };
  process.once("SIGTERM", end);
  process.stdin.resume().once("end", end);
  process.stdout.write("ready\n");
} catch (error) {
  fail(error);
}
