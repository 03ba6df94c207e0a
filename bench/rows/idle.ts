/**
 * Growth curves: what 1 to a million open connections cost that have nothing to do, and how long a 64-byte
 * request takes on a random one of them, which has to be called back from its rest, and on one of the ten
 * used last, which shows what more connections cost those that work. Both ends lie in one process: two hosts
 * of ours, or the kernel's sockets over the loopback with a system call for each step.
 */
import { join } from "node:path";
import { Namespace } from "../network/namespace.ts";
import { Program } from "../network/program.ts";
import { buildIdle } from "../peers/peers.ts";
import { ROOT } from "../places.ts";
import type { Conditions, Contestant, Measurement, Quantity, Row, Target } from "../row.ts";

const COUNTS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] as const;
/** From here on memory is the connections', and not what a host holds ready. */
const MANY = 100_000;
/** It takes a minute or two, and several gigabytes. */
const LONG = 1_000_000;
const HEAP = 16_000; // MiB
const PROGRAM = join(ROOT, "bench/dist/idle/main.js");
/** A turn may take so long, and so much longer for each connection. */
const PATIENCE_MS = 60_000;
const PATIENCE_EACH_MS = 0.6;

const OURS = "Postel";

/** Bytes at one end; of CPU time, both ends; of a request, there and back. */
const CURVES: readonly (Omit<Quantity, "better" | "point"> & { readonly chart: string })[] = [
  { name: "memory", unit: "B an end", chart: "memory" },
  { name: "resident", unit: "B an end", chart: "resident memory" },
  { name: "timeWait", unit: "B each", chart: "memory of a TIME-WAIT" },
  { name: "opening", unit: "µs of CPU", chart: "opening one" },
  { name: "p50", unit: "µs", chart: "request on any, p50" },
  { name: "p99", unit: "µs", chart: "request on any, p99" },
  { name: "p50OfTen", unit: "µs", chart: "request on one of ten, p50" },
  { name: "p99OfTen", unit: "µs", chart: "request on one of ten, p99" },
];
/** The median request on a random one, by that with ten open connections and no more. */
const SLOWER: Quantity = { name: "slower", unit: "× ten open", better: "less" };

export function idleRows(): Row[] {
  return COUNTS.map(count => ({
    name: `idle-${count}`,
    section: "Open connections, idle",
    title: `${count.toLocaleString("en-US")} idle connection${count === 1 ? "" : "s"}`,
    quantities: [...CURVES.map(curve => quantity(curve, count)), ...(count < MANY ? [] : [SLOWER])],
    contestants: [postel(count), kernel(count)],
    targets: count < MANY ? [] : TARGETS,
    needsRoot: true,
    isLong: count >= LONG,
    maxRounds: count >= LONG ? 1 : 3,
  }));
}

const TARGETS: readonly Target[] = [
  { quantity: "memory", of: OURS, bound: { atMost: 2_048 } },
  { quantity: "slower", of: OURS, bound: { atMost: 1.15 } },
];

function quantity({ name, unit, chart }: (typeof CURVES)[number], count: number): Quantity {
  return { name, unit, better: "less", point: { chart, x: count, xTitle: "connections" } };
}

function postel(count: number): Contestant {
  const program = [process.execPath, "--expose-gc", `--max-old-space-size=${HEAP}`, PROGRAM];
  return { name: OURS, measure: conditions => measure(program, count, conditions) };
}

function kernel(count: number): Contestant {
  let program: readonly string[] = [];
  return {
    name: "kernel, loopback",
    async prepare() {
      const built = await buildIdle();
      if (typeof built === "string") return built;
      program = built;
      return undefined;
    },
    measure: conditions => measure(program, count, conditions),
  };
}

async function measure(
  program: readonly string[],
  count: number,
  { seconds, warmUp, signal }: Conditions,
): Promise<Measurement> {
  const limit = AbortSignal.timeout(
    PATIENCE_MS + Math.ceil(4_000 * (seconds + warmUp) + PATIENCE_EACH_MS * count),
  );
  const namespace = new Namespace();
  try {
    // A record for each that is closed.
    namespace.sysctl("net.ipv4.tcp_max_tw_buckets", String(2 * LONG));
    const times = ["--seconds", String(seconds / 2), "--warm-up", String(warmUp / 2)];
    const work = ["--connections", String(count), ...times];
    const running = new Program(namespace, [...program, ...work], {
      signal: AbortSignal.any([signal, limit]),
    });
    for await (const line of running.lines()) return JSON.parse(line) as Measurement;
    throw new Error("it told nothing");
  } catch (error) {
    throw limit.aborted ? new Error("it was stuck", { cause: error }) : error;
  } finally {
    namespace.close();
  }
}
