/** `postel view`: the inspector's page for a file, or for the guided scenes that it has itself. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { Command, Option } from "commander";
import { InspectorServer, type PageSource } from "../node/inspector/inspector-server.ts";
import { exitingWith } from "./exit-code.ts";
import { Failure } from "./failure.ts";
import { aborted, watchInterrupts } from "./interrupts.ts";
import { wholeNumber } from "./quantities.ts";
import { Terminal } from "./terminal.ts";

interface ViewOptions {
  readonly port?: number;
}

const EXAMPLES = `
Examples:
  postel view up.pcapng       a capture of ours or of anybody's: pcap or pcapng
  postel view run.jsonl       a trace, as --trace has written it
  postel view                 guided scenes: TCP as it happens, in simulated time`;

export function viewCommand(): Command {
  return new Command("view")
    .summary("look at a capture, a trace or guided scenes in the browser")
    .description(
      "Serves the inspector's page at a port of this machine, for a file: its connections, what was sent " +
        "again and why, and every packet. Without a file it shows guided scenes. Ctrl-C ends it.",
    )
    .argument("[file]", "a capture (pcap, pcapng) or a trace (JSON lines)")
    .addOption(
      new Option(
        "--port <port>",
        "where the page is, at 127.0.0.1 (default: 8081, or the next that is free)",
      ).argParser(wholeNumber(0, 65_535)),
    )
    .addHelpText("after", EXAMPLES)
    .action(exitingWith(view));
}

async function view(file: string | undefined, { port }: ViewOptions): Promise<number> {
  const show: PageSource = file === undefined ? { source: "none" } : sourceOf(file);
  const terminal = new Terminal();
  const interrupts = watchInterrupts();
  const server = await InspectorServer.open({ show, port });
  terminal.print(`Open ${terminal.colours.bold(server.url)} in a browser; Ctrl-C ends it.`);
  await aborted(interrupts.first);
  await server.close();
  await terminal.flushed();
  return 0;
}

/** @throws Failure, or the system's error for the path. */
function sourceOf(path: string): PageSource {
  const status = statSync(path);
  if (!status.isFile()) throw new Failure(`${path} is no file: give a capture or a trace.`);
  if (!isKnown(beginningOf(path))) {
    throw new Failure(`${path} is neither a capture (pcap, pcapng) nor a trace (JSON lines).`);
  }
  return { source: "file", path, size: status.size };
}

const BEGINNING = 4;

function beginningOf(path: string): Buffer {
  const bytes = Buffer.alloc(BEGINNING);
  const descriptor = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

/** The first bytes of pcapng, and of pcap in µs and ns, in either byte order. */
const MAGICS = ["0a0d0d0a", "a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1"];

/** An object in JSON, perhaps behind the byte order mark of somebody's editor. */
const OBJECT = /^(?:\xef\xbb\xbf)?\{/;

function isKnown(beginning: Buffer): boolean {
  return MAGICS.includes(beginning.toString("hex")) || OBJECT.test(beginning.toString("latin1"));
}
