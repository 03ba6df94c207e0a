/**
 * The two ends of a path: a sender that has no end of text, and a receiver that reads all of it; each of them
 * the Linux kernel's TCP behind a TUN device in a namespace of its own, or a Postel host.
 */
import type { Clock, Random, Scheduler } from "@postel/stack/base";
import { Host } from "@postel/stack/host";
import { createPair, type NetDevice } from "@postel/stack/link";
import { type Driver, openTun } from "@postel/stack/node";
import { CONNECTION_EVENT, type TcpConnection } from "@postel/stack/tcp";
import { ip } from "@postel/stack/wire";
import { Namespace } from "../network/namespace.ts";
import { Program } from "../network/program.ts";

const SENDER = "10.9.0.1";
const RECEIVER = "10.9.0.2";
const PREFIX = 24;
const PORT = 5001;
const DEVICE = "path0";
/** A window of a long path: nothing is to be lost but on the path. */
const QUEUE_LENGTH = "20000";
/** The load is stopped before it has done: only its packets count. */
const SPARE = 60; // s
const TARGET = new Uint8Array(1 << 20);
const TEXT = new Uint8Array(1 << 16);

export interface End {
  /** The path's side of it. */
  readonly device: NetDevice;
  /** The sender connects and sends. */
  start(): void;
  close(): Promise<void>;
}

/** Where Postel's ends live: real or virtual time, and what polls them. */
export interface Surroundings {
  readonly time: Scheduler & Clock;
  readonly random: Random;
  add(host: Host): void;
}

export interface Sending {
  readonly congestionControl: string;
  readonly seconds: number;
  /** What the send buffer may grow to, in bytes. */
  readonly sendBufferLimit: number;
}

// --- Postel

/** One wire's end is the host's; the other is the path's. */
function postelEnd(world: Surroundings, address: string, sending?: Sending): { host: Host; end: End } {
  const [outside, inside] = createPair(world.time, { medium: "ip" });
  const { congestionControl, sendBufferLimit } = sending ?? {};
  const tcp = {
    ...(congestionControl === undefined ? {} : { congestionControl }),
    ...(sendBufferLimit === undefined ? {} : { sendBufferLimit }),
  };
  const host = new Host({ clock: world.time, random: world.random, tcp });
  const addresses = [{ address: ip(address), prefixLength: PREFIX }];
  host.attach(inside, { addresses, duplicateDetection: false });
  world.add(host);
  return { host, end: { device: outside, start() {}, close: async () => host.close() } };
}

export function postelReceiver(world: Surroundings): End {
  const { host, end } = postelEnd(world, RECEIVER);
  const observer = {
    connectionEvent(connection: TcpConnection): void {
      while (connection.receive(TARGET) > 0);
    },
  };
  host.tcp.listen({ port: PORT }).observer = {
    acceptable: listener => listener.accept()?.observe(observer),
  };
  return end;
}

export function postelSender(world: Surroundings, sending: Sending): End {
  const { host, end } = postelEnd(world, SENDER, sending);
  const start = (): void => {
    host.tcp.connect({ remote: ip(RECEIVER), remotePort: PORT }).observe({
      connectionEvent(connection, events) {
        if ((events & (CONNECTION_EVENT.connected | CONNECTION_EVENT.writable)) === 0) return;
        while (connection.send(TEXT) === TEXT.length);
      },
    });
  };
  return { ...end, start };
}

// --- the kernel

/** What the kernel's ends need: their programs, and when to stop. */
export interface KernelSide {
  readonly driver: Driver;
  /** The bench's load. */
  readonly load: readonly string[];
  /** A subject of the bench that serves with the kernel's sockets. */
  readonly sink: readonly string[];
  readonly signal: AbortSignal;
}

/** Without offloads: one packet, one chance to be lost. */
function kernelDevice(driver: Driver, namespace: Namespace, address: string): NetDevice {
  const { name } = namespace;
  const device = openTun({ kind: "tun", name: DEVICE, netns: name, scheduler: driver, offload: false });
  namespace.ip("address", "add", `${address}/${PREFIX}`, "dev", DEVICE);
  namespace.ip("link", "set", DEVICE, "txqueuelen", QUEUE_LENGTH, "up");
  return device;
}

export async function kernelReceiver({ driver, sink, signal }: KernelSide): Promise<End> {
  const namespace = new Namespace();
  const device = kernelDevice(driver, namespace, RECEIVER);
  const where = ["--device", "kernel", "--address", `${RECEIVER}/${PREFIX}`];
  const server = new Program(namespace, [...sink, ...where], { signal });
  const close = async (): Promise<void> => {
    await server.close();
    device.close();
    namespace.close();
  };
  await server.says("ready");
  return { device, start() {}, close };
}

export function kernelSender({ driver, load, signal }: KernelSide, sending: Sending): End {
  const namespace = new Namespace();
  const device = kernelDevice(driver, namespace, SENDER);
  namespace.sysctl("net.ipv4.tcp_wmem", `4096 16384 ${sending.sendBufferLimit}`);
  let program: Program | undefined;
  const start = (): void => {
    const work = ["bulk-send", "--to", RECEIVER, "--congestion", sending.congestionControl];
    const times = ["--seconds", String(sending.seconds + SPARE), "--warm-up", "0.1", "--streams", "1"];
    program = new Program(namespace, [...load, ...work, ...times], { signal });
  };
  const close = async (): Promise<void> => {
    await program?.close();
    device.close();
    namespace.close();
  };
  return { device, start, close };
}
