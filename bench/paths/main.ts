#!/usr/bin/env node
/**
 * Goodput over bad paths: one transfer over each of several paths at the same time, in real time between any
 * two of Postel and the kernel, or in virtual time between two Postel hosts. Prints one line of JSON: Mbit/s
 * of each path, round trip by round trip, and by how much the wires were late.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Duration } from "@postel/stack/base";
import { CryptoRandom, Driver } from "@postel/stack/node";
import { World } from "@postel/stack/sim";
import {
  type End,
  type KernelSide,
  kernelReceiver,
  kernelSender,
  postelReceiver,
  postelSender,
  type Sending,
  type Surroundings,
} from "./ends.ts";
import { ExactTime } from "./exact-time.ts";
import { Path, type PathOptions } from "./path.ts";

const { values } = parseArgs({
  options: {
    /** "postel" or "kernel". */
    sender: { type: "string", default: "postel" },
    receiver: { type: "string", default: "postel" },
    virtual: { type: "boolean", default: false },
    congestion: { type: "string", default: "cubic" },
    /** In ms; and in percent. A path for each loss with each round trip. */
    "round-trips": { type: "string", default: "50" },
    losses: { type: "string", default: "1" },
    /** In Mbit/s. */
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    /** In MiB: what the send buffer may grow to; 4 is Linux's default. */
    buffer: { type: "string", default: "4" },
    /** The kernel's ends, as JSON: the load, and a server. */
    load: { type: "string", default: "[]" },
    sink: { type: "string", default: "[]" },
  },
});

interface Result {
  /** Mbit/s. */
  readonly goodput: readonly number[];
  /** The mean of all frames, in µs; 0 in virtual time. */
  readonly lateness: number;
}

const SECONDS = Number(values.seconds);
const SENDING: Sending = {
  congestionControl: values.congestion,
  seconds: SECONDS,
  sendBufferLimit: Number(values.buffer) * 2 ** 20,
};
const PATHS: readonly PathOptions[] = numbers(values["round-trips"]).flatMap(roundTrip =>
  numbers(values.losses).map((percent, index) => ({
    roundTrip: (roundTrip * 1_000) as Duration,
    loss: percent / 100,
    rateBytesPerSecond: Number(values.rate) * 125_000,
    seed: 1_000 * Number(values.seed) + index,
  })),
);

function numbers(list: string): number[] {
  return list.split(",").map(Number);
}

function megabits(paths: readonly Path[]): number[] {
  return paths.map(({ acknowledged }) => (acknowledged * 8) / 1e6 / SECONDS);
}

function inVirtualTime(): Result {
  const paths = PATHS.map(options => {
    const world = new World({ seed: options.seed });
    const surroundings: Surroundings = {
      time: world,
      random: world.random.fork(),
      add: host => world.add(host, host.name),
    };
    const sender = postelSender(surroundings, SENDING);
    const path = new Path(sender.device, postelReceiver(surroundings).device, world, options);
    sender.start();
    world.runFor((SECONDS * 1_000_000) as Duration);
    return path;
  });
  return { goodput: megabits(paths), lateness: 0 };
}

async function inRealTime(): Promise<Result> {
  const driver = new Driver();
  const wireTime = new ExactTime(driver);
  const surroundings: Surroundings = {
    time: driver,
    random: new CryptoRandom(),
    add: host => driver.add(host),
  };
  const kernel: KernelSide = {
    driver,
    load: JSON.parse(values.load) as string[],
    sink: JSON.parse(values.sink) as string[],
    signal: interruption.signal,
  };
  const ends: End[] = [];
  const added = (end: End): End => {
    ends.push(end);
    return end;
  };
  try {
    const paths: Path[] = [];
    const senders: End[] = [];
    for (const options of PATHS) {
      const isKernel = { sender: values.sender === "kernel", receiver: values.receiver === "kernel" };
      const sender = added(
        isKernel.sender ? kernelSender(kernel, SENDING) : postelSender(surroundings, SENDING),
      );
      const receiver = added(isKernel.receiver ? await kernelReceiver(kernel) : postelReceiver(surroundings));
      paths.push(new Path(sender.device, receiver.device, wireTime, options));
      senders.push(sender);
    }
    for (const sender of senders) sender.start();
    await sleep(SECONDS * 1_000, undefined, { signal: interruption.signal });
    return { goodput: megabits(paths), lateness: wireTime.lateness };
  } finally {
    await Promise.all(ends.map(end => end.close()));
    driver.close();
  }
}

const interruption = new AbortController();
// Each end of each path listens.
setMaxListeners(0, interruption.signal);
process.once("SIGTERM", () => interruption.abort(new Error("ended by SIGTERM")));
process.once("SIGINT", () => interruption.abort(new Error("interrupted")));
const result = values.virtual ? inVirtualTime() : await inRealTime();
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
