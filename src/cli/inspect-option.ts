/**
 * `--inspect` and `--trace`: the inspector of a command's hosts, with its page at a port of this machine, and
 * a file of what happens in them.
 */
import { type Command, Option } from "commander";
import type { Host } from "../host/host.ts";
import type { Wire } from "../inspect/wires.ts";
import type { Inspection } from "../node/inspector/inspect.ts";
import { sentenceFor } from "./failure.ts";
import { wholeNumber } from "./quantities.ts";
import type { TraceFile } from "./trace-file.ts";

export interface InspectOptions {
  readonly inspect?: boolean;
  readonly inspectPort?: number;
  readonly trace?: string;
}

const PORT_TEXT = "where the inspector's page is, at 127.0.0.1 (default: 8081, or the next that is free)";

/** For commands that open no inspector unless they are asked to. */
export function addInspectOptions(command: Command): Command {
  command.option("--inspect", "open the inspector: a page that shows the connections from inside");
  return addPortOption(command);
}

/** For commands that open it by themselves. */
export function addNoInspectOptions(command: Command): Command {
  command.option("--no-inspect", "do not open the inspector");
  return addPortOption(command);
}

function addPortOption(command: Command): Command {
  return command
    .addOption(new Option("--inspect-port <port>", PORT_TEXT).argParser(wholeNumber(0, 65_535)))
    .option("--trace <file>", "record what happens in the hosts to a trace file (JSON lines)");
}

/** A port is only named by who wants one. */
export function isInspected({ inspect: asked, inspectPort }: InspectOptions): boolean {
  return asked === true || (asked === undefined && inspectPort !== undefined);
}

export interface Inspected {
  readonly hosts: readonly Host[];
  readonly wires?: readonly Wire[] | undefined;
  readonly title: string;
  readonly keepsPackets?: boolean | undefined;
}

/**
 * The inspector is loaded for who wants it.
 * @throws OperationError, with a sentence for the user: the port that was asked for is taken.
 */
export async function openInspection(
  { hosts, ...inspected }: Inspected,
  options: InspectOptions,
): Promise<Inspection> {
  const { inspect } = await import("../node/inspector/inspect.ts");
  return inspect(hosts, { ...inspected, port: options.inspectPort });
}

/** The same for programs and servers that go on without it: undefined, and why not is told. */
export async function tryToInspect(
  inspected: Inspected,
  options: InspectOptions,
  tell: (sentence: string) => void,
): Promise<Inspection | undefined> {
  try {
    return await openInspection(inspected, options);
  } catch (error) {
    tell(`There is no inspector: ${sentenceFor(error) ?? String(error)}`);
    return undefined;
  }
}

/** The trace that was asked for, if one was; its writer is loaded for who wants it. */
export async function traceOf(
  hosts: readonly Host[],
  title: string,
  { trace }: InspectOptions,
): Promise<TraceFile | undefined> {
  if (trace === undefined) return undefined;
  const { TraceFile: Opened } = await import("./trace-file.ts");
  return new Opened(trace, title, hosts);
}

export function whereText({ url, isElsewhere }: Inspection): string {
  return `The inspector is at ${url}${isElsewhere ? " (its usual port is taken)" : ""}`;
}
