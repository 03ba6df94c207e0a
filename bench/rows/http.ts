/**
 * What a program for Node pays for running on Postel: the same HTTP server and the same load on the kernel's
 * sockets and, by the preload, on ours. Either both in one process, over its loopback; or in two, where the
 * server's port is published by the gate of the user link.
 */
import { join } from "node:path";
import { Namespace } from "../network/namespace.ts";
import { Program } from "../network/program.ts";
import { ROOT } from "../places.ts";
import type { Conditions, Contestant, Measurement, Quantity, Row, Target } from "../row.ts";

const PROGRAM = join(ROOT, "bench/dist/http/main.js");
/** Beyond its window and warm-up a turn is given so many seconds before it is taken for stuck. */
const PATIENCE = 20;

const KERNEL = "kernel, loopback";
const POSTEL = "Postel, loopback";
const POSTEL_SERVER = "Postel, user link";
const POSTEL_ENDS = "Postel, user link, both ends";

const QUANTITIES: readonly Quantity[] = [
  { name: "rate", unit: "1/s", better: "more" },
  { name: "p50", unit: "µs", better: "less" },
  { name: "p99", unit: "µs", better: "less" },
];
const CPU: Quantity = { name: "cpu", unit: "µs each", better: "less" };
const CPU_OF_ALL: Quantity = { name: "cpuOfAll", unit: "µs each", better: "less" };

export function httpRows(): Row[] {
  return [
    oneProcess("http-kept", "one process, 16 kept connections, 1 KiB", ["--clients", "16"]),
    oneProcess("http-one", "one process, one kept connection, 1 KiB", ["--clients", "1"]),
    oneProcess("http-closing", "one process, 16 at a time, a connection for each request", ["--closing"]),
    oneProcess("http-large", "one process, four kept connections, 1 MiB", [
      ...["--clients", "4"],
      ...["--bytes", String(1 << 20)],
    ]),
    twoProcesses("http-two-processes", "two processes, 16 kept connections, 1 KiB"),
  ];
}

function oneProcess(name: string, title: string, work: readonly string[]): Row {
  const contestant = (who: string, node: Node): Contestant => ({
    name: who,
    measure: conditions => measureBoth(node, work, conditions),
  });
  return {
    ...row(name, title, POSTEL),
    quantities: [...QUANTITIES, CPU],
    contestants: [contestant(POSTEL, onLoopback), contestant(KERNEL, stock)],
  };
}

function twoProcesses(name: string, title: string): Row {
  const contestant = (who: string, server: Node, load: Node): Contestant => ({
    name: who,
    measure: conditions => measureEnds(server, load, conditions),
  });
  return {
    ...row(name, title, POSTEL_SERVER),
    quantities: [...QUANTITIES, CPU, CPU_OF_ALL],
    contestants: [
      contestant(POSTEL_SERVER, onUserLink, stock),
      contestant(POSTEL_ENDS, onUserLink, onUserLink),
      contestant(KERNEL, stock, stock),
    ],
  };
}

function row(name: string, title: string, of: string) {
  const twice = ["p50", "p99", "cpu"].map(
    (quantity): Target => ({ quantity, of, against: KERNEL, bound: { atMost: 2 } }),
  );
  const half: Target = { quantity: "rate", of, against: KERNEL, bound: { atLeast: 0.5 } };
  return { name, title, section: "HTTP of a program for Node", targets: [half, ...twice], needsRoot: true };
}

/** How Node is started. */
type Node = () => readonly string[];

const stock: Node = () => [process.execPath];
const onLoopback: Node = () => [process.execPath, "--import", import.meta.resolve("@postel/stack/register")];
const onUserLink: Node = () => ["env", "POSTEL_LINK=user", ...onLoopback()];

/** A line of the load's. */
interface LoadLine extends Partial<Record<"seconds" | "operations" | "p50" | "p99" | "cpuSeconds", number>> {
  readonly event?: "begin" | "end";
}

function measureBoth(node: Node, work: readonly string[], conditions: Conditions): Promise<Measurement> {
  return inNamespace(conditions, async (namespace, signal) => {
    const command = [...node(), PROGRAM, "both", ...work, ...times(conditions)];
    const result = await resultOf(new Program(namespace, command, { signal }), () => undefined);
    return { ...quantitiesOf(result), cpu: microseconds(result.cpuSeconds, result) };
  });
}

function measureEnds(server: Node, load: Node, conditions: Conditions): Promise<Measurement> {
  return inNamespace(conditions, async (namespace, signal) => {
    const serving = new Program(namespace, [...server(), PROGRAM, "server"], { signal });
    try {
      await serving.says("ready");
      const spent = { begin: 0, end: 0 };
      const command = [...load(), PROGRAM, "load", ...times(conditions)];
      const result = await resultOf(new Program(namespace, command, { signal }), event => {
        spent[event] = serving.cpuSeconds();
      });
      const seconds = spent.end - spent.begin;
      return {
        ...quantitiesOf(result),
        cpu: microseconds(seconds, result),
        cpuOfAll: microseconds(seconds + (result.cpuSeconds ?? Number.NaN), result),
      };
    } finally {
      await serving.close();
    }
  });
}

function times({ seconds, warmUp }: Conditions): string[] {
  return ["--seconds", String(seconds), "--warm-up", String(warmUp)];
}

async function inNamespace(
  conditions: Conditions,
  use: (namespace: Namespace, signal: AbortSignal) => Promise<Measurement>,
): Promise<Measurement> {
  const limit = AbortSignal.timeout((conditions.seconds + conditions.warmUp + PATIENCE) * 1_000);
  const namespace = new Namespace();
  try {
    return await use(namespace, AbortSignal.any([conditions.signal, limit]));
  } catch (error) {
    throw limit.aborted ? new Error("it was stuck", { cause: error }) : error;
  } finally {
    namespace.close();
  }
}

async function resultOf(load: Program, happened: (event: "begin" | "end") => void): Promise<LoadLine> {
  let result: LoadLine | undefined;
  for await (const line of load.lines()) {
    const said = JSON.parse(line) as LoadLine;
    if (said.event === undefined) result = said;
    else happened(said.event);
  }
  if (result === undefined) throw new Error("the load told no result");
  return result;
}

function quantitiesOf({ operations = 0, seconds = Number.NaN, p50, p99 }: LoadLine): Measurement {
  return { rate: operations / seconds, p50: p50 ?? Number.NaN, p99: p99 ?? Number.NaN };
}

function microseconds(seconds: number | undefined, { operations = 0 }: LoadLine): number {
  return ((seconds ?? Number.NaN) * 1e6) / operations;
}
