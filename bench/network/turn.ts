/**
 * One turn: a subject is started at one end of a wire, the load drives it from the other, and what both say
 * of the window is put together.
 */
import type { Conditions } from "../row.ts";
import { softirqSeconds } from "./proc.ts";
import { Program } from "./program.ts";
import { SUBJECT_ADDRESS, SUBJECT_HOST, type Wire, Wiring } from "./wiring.ts";

export type Workload = "bulk-send" | "bulk-receive" | "round-trips" | "connections";

/** A server under test: the wire that it is at, and how it is started. */
export interface Subject {
  readonly wire: Wire;
  /** The program and its own arguments; `--device` and `--address` are added. */
  readonly command: readonly string[];
}

export interface Work {
  readonly workload: Workload;
  readonly streams: number;
  /** The CPUs that the load and the subject are held to, by number. Wherever they like, if not said. */
  readonly cpus?: { readonly load: number; readonly subject: number } | undefined;
}

/** Of the window alone. CPU seconds are of each end's process, its time within the kernel included. */
export interface Outcome {
  readonly seconds: number;
  readonly bytes: number;
  readonly operations: number;
  /** Of one operation, in µs. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly loadCpuSeconds: number;
  readonly subjectCpuSeconds: number;
  /**
   * What the kernel's own threads did for all packets of the machine, as they do for a busy veth: work of one
   * of the ends, or of both.
   */
  readonly kernelThreadSeconds: number;
}

/** Beyond its window and warm-up a turn is given so many seconds before it is taken for stuck. */
const PATIENCE = 20;

export async function runTurn(
  load: readonly string[],
  subject: Subject,
  work: Work,
  conditions: Conditions,
): Promise<Outcome> {
  const limit = AbortSignal.timeout((conditions.seconds + conditions.warmUp + PATIENCE) * 1_000);
  const signal = AbortSignal.any([conditions.signal, limit]);
  const wiring = new Wiring(subject.wire);
  try {
    const server = await startSubject(wiring, subject, work.cpus?.subject, signal);
    try {
      return await drive(wiring, load, server, work, { ...conditions, signal });
    } finally {
      await server.close();
    }
  } catch (error) {
    throw limit.aborted ? new Error("it was stuck", { cause: error }) : error;
  } finally {
    wiring.close();
  }
}

/** Starts a subject at its end of the wire, and waits until it listens. */
export async function startSubject(
  wiring: Wiring,
  subject: Subject,
  cpu: number | undefined,
  signal: AbortSignal,
): Promise<Program> {
  const where = ["--device", wiring.device, "--address", SUBJECT_ADDRESS];
  const server = new Program(wiring.subject, [...subject.command, ...where], { cpu, signal });
  try {
    await Promise.all([wiring.attach(signal), server.says("ready")]);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

async function drive(
  wiring: Wiring,
  load: readonly string[],
  server: Program,
  { workload, streams, cpus }: Work,
  { seconds, warmUp, signal }: Conditions,
): Promise<Outcome> {
  const times = ["--seconds", String(seconds), "--warm-up", String(warmUp)];
  const command = [...load, workload, "--to", SUBJECT_HOST, ...times, "--streams", String(streams)];
  const client = new Program(wiring.load, command, { cpu: cpus?.load, signal });
  const spent = (): [number, number] => [server.cpuSeconds(), softirqSeconds()];
  let before = spent();
  let after = before;
  let result: LoadLine | undefined;
  for await (const line of client.lines()) {
    const said = JSON.parse(line) as LoadLine;
    if (said.event === "begin") before = spent();
    else if (said.event === "end") after = spent();
    else result = said;
  }
  if (result === undefined) throw new Error("the load told no result");
  return {
    seconds: result.seconds ?? seconds,
    bytes: result.bytes ?? 0,
    operations: result.operations ?? 0,
    p50: result.p50 ?? Number.NaN,
    p90: result.p90 ?? Number.NaN,
    p99: result.p99 ?? Number.NaN,
    loadCpuSeconds: result.cpuSeconds ?? Number.NaN,
    subjectCpuSeconds: after[0] - before[0],
    kernelThreadSeconds: after[1] - before[1],
  };
}

/** A line of the load's output: an event, or the result at last. */
interface LoadLine {
  readonly event?: "begin" | "end";
  readonly seconds?: number;
  readonly bytes?: number;
  readonly operations?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  readonly cpuSeconds?: number;
}
