/** `postel drill`: packetdrill scripts against this stack, in process and in virtual time. */
import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { Outcome } from "../packetdrill/outcome.ts";
import { DEFAULT_PROFILE, type Profile, profileNamed, profiles } from "../packetdrill/profile.ts";
import {
  failureText,
  folderTable,
  plainOutcome,
  type ReportStyle,
  tallyOf,
  tallyText,
  transcriptText,
} from "../packetdrill/report.ts";
import type { AddressMode } from "../packetdrill/settings.ts";
import { DrillProgress } from "./drill-progress.ts";
import { type DrillTask, findScripts, playAll } from "./drill-tasks.ts";
import { exitingWith } from "./exit-code.ts";
import { EXIT_FAILURE, Failure } from "./failure.ts";
import { collecting, wholeNumber } from "./quantities.ts";
import { Terminal } from "./terminal.ts";

interface DrillOptions {
  readonly ip?: AddressMode | "all";
  readonly profile: string;
  readonly jobs?: number;
  readonly json?: string;
  readonly define: readonly string[];
  readonly verbose?: true;
}

const MODES: readonly AddressMode[] = ["ipv4", "ipv6", "mapped"];
const MOST_JOBS = 64;

const EXAMPLES = `
Examples:
  postel drill test/packetdrill             every script below a folder
  postel drill close.pkt --ip ipv6 -v       one script over IPv6, with all its packets
  postel drill tests --ip all --json r.json each in IPv4, IPv6 and with IPv4-mapped addresses

There is no --inspect here: scripts run in virtual time, and are over in moments. -v shows what happened;
postel view has scenes in the same virtual time.`;

export function drillCommand(): Command {
  const known = profiles().map(({ name, description }) => `${name} (${description})`);
  return new Command("drill")
    .summary("run packetdrill scripts against this stack, in virtual time")
    .description(
      "Plays packetdrill scripts: system calls, packets in, packets expected, each at its time. The " +
        "stack runs in this process and its clock jumps, so minutes of a script take moments. Exits with " +
        "1 when a script fails.",
    )
    .argument("<path...>", "scripts, or folders with scripts (*.pkt)")
    .addOption(
      new Option(
        "--ip <mode>",
        "addresses: on the wire and in the sockets (default: as the script says, or ipv4)",
      ).choices([...MODES, "all"]),
    )
    .addOption(
      new Option("--profile <name>", `the system whose defaults the stack has: ${known.join("; ")}`).default(
        DEFAULT_PROFILE.name,
      ),
    )
    .addOption(
      new Option("--jobs <number>", "play so many scripts at once").argParser(wholeNumber(1, MOST_JOBS)),
    )
    .addOption(
      new Option("-D, --define <name=value>", "a word of the scripts that stands for another")
        .argParser(collecting((text: string) => text))
        .default([]),
    )
    .option("--json <file>", "write the results to a file")
    .option("-v, --verbose", "print all packets and system calls of each script")
    .addHelpText("after", EXAMPLES)
    .action(exitingWith(drill));
}

async function drill(paths: string[], options: DrillOptions): Promise<number> {
  const profile = chosenProfile(options.profile);
  const defines = definesOf(options.define);
  const modes = options.ip === "all" ? MODES : [options.ip];
  const files = paths.flatMap(path => findScripts(path));
  if (files.length === 0) throw new Failure(`There is no script (*.pkt) in ${paths.join(" ")}.`);
  const tasks: DrillTask[] = modes.flatMap(mode => files.map(file => ({ ...file, mode })));
  const terminal = new Terminal();
  const progress = new DrillProgress(terminal, tasks.length);
  const outcomes = await playAll(tasks, {
    profile: profile.name,
    defines,
    keepTranscript: options.verbose === true,
    jobs: options.jobs,
    onOutcome: outcome => progress.played(outcome),
  });
  progress.end();
  if (options.json !== undefined) writeResults(options.json, outcomes);
  print(terminal, outcomes, options.verbose === true);
  await terminal.flushed();
  return tallyOf(outcomes).failed > 0 ? EXIT_FAILURE : 0;
}

function chosenProfile(name: string): Profile {
  const profile = profileNamed(name);
  if (profile !== undefined) return profile;
  const known = profiles().map(candidate => candidate.name);
  throw new Failure(`There is no profile ${name}: choose ${known.join(" or ")}.`);
}

function definesOf(texts: readonly string[]): Map<string, string> {
  const defines = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) throw new Failure(`--define wants NAME=VALUE, not ${text}.`);
    defines.set(text.slice(0, at), text.slice(at + 1));
  }
  return defines;
}

function writeResults(file: string, outcomes: readonly Outcome[]): void {
  const results = { ...tallyOf(outcomes), scripts: outcomes.map(plainOutcome) };
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
}

function print(terminal: Terminal, outcomes: readonly Outcome[], isVerbose: boolean): void {
  const { red, green, dim, bold } = terminal.colours;
  const style: ReportStyle = { bad: red, good: green, faint: dim, strong: bold };
  for (const outcome of outcomes) {
    if (isVerbose) terminal.print(`${transcriptText(outcome)}\n`);
    if (outcome.status === "failed") terminal.print(`${failureText(outcome, style)}\n`);
  }
  terminal.print(folderTable(outcomes, style));
  terminal.print(tallyText(tallyOf(outcomes)));
}
