/** Plays a script, and says what became of it. */
import { ScriptFailure } from "./failure.ts";
import type { Outcome, OutcomeFailure } from "./outcome.ts";
import { parseScript } from "./parser.ts";
import type { Place } from "./place.ts";
import type { Script } from "./script.ts";
import { type RunOptions, ScriptRun, type SystemCallsOf } from "./script-run.ts";
import { type AddressMode, definesFor, settingsFor } from "./settings.ts";

/** Never throws for what is wrong with the script or the stack: that is the outcome. */
export async function runScript(
  name: string,
  source: string,
  systemCalls: SystemCallsOf,
  options: RunOptions = {},
): Promise<Outcome> {
  const wanted = options.mode;
  const skip = reasonToSkip(name, wanted);
  const mode = wanted ?? "ipv4";
  if (skip !== undefined) return { ...blank(name, mode), status: "skipped", reason: skip };
  let run: ScriptRun | undefined;
  try {
    const script = parse(name, source, options);
    const settings = settingsFor(script, wanted);
    run = new ScriptRun(script, settings, systemCalls, options);
    await run.play();
    return run.outcome(undefined);
  } catch (error) {
    const failure = failureOf(error, run?.place ?? { line: 1, column: 1 }, source, run?.lastPackets ?? []);
    return run?.outcome(failure) ?? { ...blank(name, mode), status: "failed", failure };
  } finally {
    run?.close();
  }
}

function blank(name: string, mode: AddressMode): Omit<Outcome, "status"> {
  return {
    name,
    mode,
    reason: undefined,
    failure: undefined,
    warnings: [],
    withoutKnob: [],
    duration: 0,
    transcript: [],
  };
}

/** Packetdrill's custom: names that end so are for one family. */
function reasonToSkip(name: string, mode: AddressMode | undefined): string | undefined {
  if (mode === "ipv6" && name.endsWith("v4.pkt")) return "it is for IPv4";
  if (mode !== undefined && mode !== "ipv6" && name.endsWith("v6.pkt")) return "it is for IPv6";
  return undefined;
}

/** The mode decides what some words stand for, and the script may decide the mode. */
function parse(name: string, source: string, options: RunOptions): Script {
  const definesOf = (mode: AddressMode): Map<string, string> =>
    new Map([...definesFor(mode), ...(options.defines ?? [])]);
  const script = parseScript(name, source, definesOf(options.mode ?? "ipv4"));
  if (options.mode !== undefined) return script;
  const { mode } = settingsFor(script, undefined);
  return mode === "ipv4" ? script : parseScript(name, source, definesOf(mode));
}

function failureOf(error: unknown, place: Place, source: string, packets: readonly string[]): OutcomeFailure {
  const lineAt = (line: number): string => source.split("\n")[line - 1] ?? "";
  if (error instanceof ScriptFailure) {
    const { kind, message, sides } = error;
    return {
      kind,
      message,
      place: error.place,
      line: lineAt(error.place.line),
      sides,
      packets,
      stack: undefined,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return { kind: "bug", message, place, line: lineAt(place.line), sides: undefined, packets, stack };
}
