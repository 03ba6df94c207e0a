#!/usr/bin/env node
/** The `postel` command: what can go wrong is one sentence on stderr, whatever the command. */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { analyzeCommand } from "./analyze.ts";
import { drillCommand } from "./drill.ts";
import { dumpCommand } from "./dump.ts";
import { EXIT_BROKEN_PIPE, EXIT_BUG, EXIT_FAILURE, Failure, isBrokenPipe, sentenceFor } from "./failure.ts";
import { getCommand } from "./get.ts";
import { ncCommand } from "./nc.ts";
import { pingCommand } from "./ping.ts";
import { runCommand } from "./run.ts";
import { tracerouteCommand } from "./traceroute.ts";
import { upCommand } from "./up.ts";
import { viewCommand } from "./view.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

function program(): Command {
  const root = new Command("postel")
    .description("A complete TCP/IP host in TypeScript: servers, tools and links, with or without root.")
    .version(version, "-V, --version")
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .helpCommand("help [command]", "show the help of a command");
  const newCommands = [
    upCommand,
    runCommand,
    pingCommand,
    tracerouteCommand,
    ncCommand,
    getCommand,
    dumpCommand,
    analyzeCommand,
    drillCommand,
    viewCommand,
  ];
  for (const newCommand of newCommands) root.addCommand(inheritTo(newCommand()));
  return inheritTo(root);
}

function inheritTo(command: Command): Command {
  return command.exitOverride().configureOutput({
    // Commander's messages have a line for the suggestion.
    outputError: (text, write) => {
      const sentence = text
        .replace(/^error: /, "")
        .trim()
        .replace(/\s*\n\s*/g, " ");
      write(`postel${command.name() === "postel" ? "" : ` ${command.name()}`}: ${sentence}\n`);
    },
  });
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (isBrokenPipe(error)) return EXIT_BROKEN_PIPE;
  const sentence = sentenceFor(error);
  const debug = (process.env["POSTEL_DEBUG"] ?? "") !== "";
  if (sentence === undefined) {
    const summary = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const hint = debug ? "" : " (POSTEL_DEBUG=1 shows where)";
    process.stderr.write(`postel: internal error: ${summary.split("\n")[0]}${hint}\n`);
  } else {
    process.stderr.write(`postel: ${sentence}\n`);
  }
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  if (sentence === undefined) return EXIT_BUG;
  return error instanceof Failure ? error.exitCode : EXIT_FAILURE;
}

process.on("uncaughtException", error => process.exit(report(error)));
process.on("unhandledRejection", error => process.exit(report(error)));

program()
  .parseAsync()
  .then(
    () => process.exit(),
    error => process.exit(report(error)),
  );
