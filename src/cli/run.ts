/**
 * `postel run`: starts a Node program on a Postel host of its own. The program is a child process with the
 * preload (cli/program/register), which opens the link that these options ask for; so does every Node process
 * that it starts in turn.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { Command } from "commander";
import { exitingWith } from "./exit-code.ts";
import { Failure } from "./failure.ts";
import { refuseForeignOptions } from "./link-option.ts";
import { addProgramOptions, OPTIONS_VARIABLE, type ProgramSettings } from "./program/settings.ts";

const EXAMPLES = `
Examples:
  postel run -- node server.js                   its ports are published at 127.0.0.1
  postel run --publish 3000 --loss 2% -- node server.js
  postel run --publish 0.0.0.0:80:3000 --publish [::1]:5353:53/udp -- node server.js
  postel run --delay 50ms --pcap calls.pcapng -- node --test
  sudo postel run --link tun:app0 -- node server.js

Every option may also be given to \`node --import @postel/stack/register\`, as a variable
(POSTEL_LOSS=2%) or in the JSON file that POSTEL_CONFIG names.`;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** What a shell answers for a command that cannot be found, and that cannot be run. */
const EXIT_NOT_FOUND = 127;
const EXIT_NOT_RUN = 126;
const SIGNALLED = 128;

export function runCommand(): Command {
  const command = new Command("run")
    .summary("run a Node program with its network on a Postel host")
    .description(
      "Runs a program of Node's with its sockets, TCP and UDP, on a Postel host instead of the kernel's " +
        "network. The program is not changed. By default it reaches this machine's network as before, " +
        "without root, and what it listens to is published at 127.0.0.1: but all of it passes a wire that " +
        "can lose, delay and record packets.",
    )
    .usage("[options] -- <command> [arguments...]")
    .argument("<command...>", "the program and its arguments, such as: node server.js")
    .passThroughOptions()
    .addHelpText("after", EXAMPLES);
  return addProgramOptions(command, "user").action(
    exitingWith((program: string[], options: ProgramSettings) => {
      refuseForeignOptions(options);
      return run(program, optionsBefore(program, process.argv));
    }),
  );
}

/** Our own options, as they were written: the program reads them again. */
function optionsBefore(program: readonly string[], argv: readonly string[]): string[] {
  const own = argv.slice(argv.indexOf("run") + 1, argv.length - program.length);
  return own.at(-1) === "--" ? own.slice(0, -1) : own;
}

async function run([file = "", ...values]: readonly string[], options: readonly string[]): Promise<number> {
  const child = spawn(file, values, {
    stdio: "inherit",
    env: {
      ...process.env,
      NODE_OPTIONS: [process.env["NODE_OPTIONS"] ?? "", preload()].join(" ").trim(),
      [OPTIONS_VARIABLE]: JSON.stringify(["--link=user", ...options]),
    },
  });
  // The terminal sends Ctrl-C to both: the program decides, and we end with it.
  const forward = (signal: NodeJS.Signals): void => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  try {
    return await exitCodeOf(child, file);
  } finally {
    for (const signal of SIGNALS) process.off(signal, forward);
  }
}

function exitCodeOf(child: ReturnType<typeof spawn>, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code, signal) => resolve(code ?? SIGNALLED + constants.signals[signal ?? "SIGTERM"]));
    child.once("error", ({ code }: NodeJS.ErrnoException) => {
      const isMissing = code === "ENOENT";
      const reason = isMissing ? "There is no program" : "This may not be run:";
      reject(new Failure(`${reason} ${file} (${code}).`, isMissing ? EXIT_NOT_FOUND : EXIT_NOT_RUN));
    });
  });
}

/** Bundled, unless the tree was compiled only. NODE_OPTIONS splits at spaces; a URL has none. */
function preload(): string {
  const bundled = new URL("../preload/cli/program/register.js", import.meta.url);
  const compiled = new URL("./program/register.js", import.meta.url);
  return `--import=${(existsSync(bundled) ? bundled : compiled).href}`;
}
