/**
 * The network of a whole program: opened before the program's first line, and closed in order after its last.
 */
import { basename, join, parse, resolve } from "node:path";
import { type ContextOptions, handleContext } from "../../node/handles/handle-context.ts";
import type { LateContext } from "../../node/handles/late-context.ts";
import { resolveBy } from "../../node/handles/resolver.ts";
import { EXIT_FAILURE, sentenceFor } from "../failure.ts";
import { isInspected, tryToInspect, whereText } from "../inspect-option.ts";
import { TraceFile } from "../trace-file.ts";
import { endProgram } from "./ending.ts";
import { MachineLoopback } from "./machine-loopback.ts";
import { resolverFor } from "./names.ts";
import { openProgramLink, type ProgramLink } from "./program-link.ts";
import { PublishedPorts } from "./published-ports.ts";
import { addRoutes } from "./routes.ts";
import { type ProgramSettings, readSettings } from "./settings.ts";

/** Tells those that a process starts which trace has been begun. */
const BEGUN_VARIABLE = "POSTEL_TRACE_BEGUN";

/**
 * Opens what the environment asks for; the context has its host then. What goes wrong is told, and ends the
 * process: a program without its network is not to run.
 */
export function openProgram(context: LateContext): void | Promise<void> {
  try {
    const settings = readSettings(process.env);
    const opening = openProgramLink(settings);
    if (!(opening instanceof Promise)) return begin(context, settings, opening);
    return opening.then(opened => begin(context, settings, opened)).catch(fail);
  } catch (error) {
    fail(error);
  }
}

function begin(context: LateContext, settings: ProgramSettings, opened: ProgramLink): void {
  const { link, recorder } = opened;
  for (const note of link.notes ?? []) tell(note);
  if (recorder !== undefined) recorder.onFailure = tell;
  const { driver, host, sources } = link;
  addRoutes(host, settings.route ?? []);
  const options: ContextOptions = { surroundings: surroundingsOf(settings, link), sources };
  const known = handleContext(host, driver, options);
  context.become(known);
  const resolver = resolverFor(link, settings);
  if (resolver !== undefined) resolveBy(resolver, known);
  const trace = traceFor(settings, link.hosts);
  endProgram(host, driver, () => {
    recorder?.close();
    trace?.close();
  });
  if (isInspected(settings)) void inspectProgram(settings, opened);
}

/** The first process of the program has the file that was named, each other one beside it. */
function traceFor({ trace: path }: ProgramSettings, hosts: ProgramLink["link"]["hosts"]) {
  if (path === undefined) return undefined;
  const file = resolve(path);
  const isFirst = process.env[BEGUN_VARIABLE] !== file;
  process.env[BEGUN_VARIABLE] = file;
  const trace = new TraceFile(isFirst ? file : besides(file, process.pid), titleOfProgram(), hosts);
  trace.onFailure = tell;
  return trace;
}

/** "run.jsonl" becomes "run.4711.jsonl". */
function besides(file: string, pid: number): string {
  const { dir, name, ext } = parse(file);
  return join(dir, `${name}.${pid}${ext}`);
}

function titleOfProgram(): string {
  return `${basename(process.argv[1] ?? "node")} (${process.pid})`;
}

/** The program does not wait for it, and runs without it if it must. */
async function inspectProgram(settings: ProgramSettings, { link, steered }: ProgramLink): Promise<void> {
  const inspected = { hosts: link.hosts, wires: steered.wires, title: titleOfProgram() };
  const inspection = await tryToInspect(inspected, settings, tell);
  if (inspection !== undefined) tell(whereText(inspection));
}

/** Where the kernel has a way to the host of its own, there is nothing to be published. */
function surroundingsOf({ publish = "all" }: ProgramSettings, link: ProgramLink["link"]) {
  if (link.publish === undefined) return undefined;
  return new MachineLoopback(new PublishedPorts(link.publish, publish, tell));
}

function tell(sentence: string): void {
  process.stderr.write(`postel: ${sentence}\n`);
}

export function fail(error: unknown): never {
  const sentence = sentenceFor(error);
  if (sentence === undefined) throw error;
  tell(sentence);
  process.exit(EXIT_FAILURE);
}
