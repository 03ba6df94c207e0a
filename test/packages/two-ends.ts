/**
 * A program of two ends (play.mjs), on stock Node, and on Postel: there the ends are two hosts, each in a
 * process of its own, and between them lies a wire that loses packets and nothing else. A server that is no
 * program of Node's is reached through the gate of the user link, over such a wire.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readCapture } from "../../src/capture/capture-file.ts";
import { PacketLines } from "../../src/capture/packet-line.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const postel = join(here, "../../dist/cli/main.js");
/** Loaded before Postel: whoever makes a socket of the kernel's work ends with an error. */
const noKernelSockets = join(here, "../programs/no-kernel-sockets.cjs");

const SERVER = "10.99.0.1";
const CLIENT = "10.99.0.2";
/** In each direction. */
const LOSS = ["--loss", "2%", "--seed", "1"];
/** The client may go as soon as the server's process has answered it: the wire ends with it. */
const WIRE_ENDED = /^postel: The link is gone: .*\n$/;

interface Program {
  readonly node: readonly string[];
  readonly name: string;
}

/** What the client says that it saw. */
export interface Lossy {
  readonly seen: string;
  /** Segments that it had to send again. */
  readonly again: number;
}

export function onStockNode(name: string): Promise<string> {
  const program = { node: ["node"], name };
  return play(start(program, "server"), () => start(program, "client", "127.0.0.1"));
}

/** A client alone, of a server at this port of the machine's. */
export function onStockNodeTo(name: string, port: number): Promise<string> {
  return use(start({ node: ["node"], name }, "client", "127.0.0.1"), port);
}

export async function onPostel(name: string): Promise<Lossy> {
  return withFolder(async folder => {
    const wire = join(folder, "wire");
    const capture = join(folder, "x.pcapng");
    const link = ["run", "--link", `qemu:${wire}`];
    const node = ["node", "--require", noKernelSockets];
    const serving = [postel, ...link, "--address", `${SERVER}/24`, "--", ...node];
    const server = start({ node: ["node", ...serving], name }, "server");
    // Whoever is second connects to the first.
    while (!existsSync(wire) && server.exitCode === null) await sleep(20);
    const asking = [postel, ...link, "--address", `${CLIENT}/24`, ...LOSS, "--pcap", capture, "--", ...node];
    const seen = await play(server, () => start({ node: ["node", ...asking], name }, "client", SERVER));
    return { seen, again: retransmissions(capture) };
  });
}

export async function onPostelTo(name: string, port: number): Promise<Lossy> {
  return withFolder(async folder => {
    const capture = join(folder, "x.pcapng");
    const node = ["node", postel, "run", ...LOSS, "--pcap", capture, "--", "node"];
    const seen = await use(start({ node, name }, "client", "127.0.0.1"), port);
    return { seen, again: retransmissions(capture) };
  });
}

async function withFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "postel-packages-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function start({ node, name }: Program, ...values: string[]): ChildProcessWithoutNullStreams {
  const [command = "", ...first] = node;
  return spawn(command, [...first, join(here, "programs", `${name}.mjs`), ...values]);
}

async function play(
  server: ChildProcessWithoutNullStreams,
  startClient: () => ChildProcessWithoutNullStreams,
): Promise<string> {
  const served = outcome(server);
  // Where the client has failed, that is the news.
  served.catch(() => undefined);
  try {
    const client = startClient();
    const seen = await use(client, await portOf(server, client));
    server.stdin.end();
    await served;
    return seen;
  } finally {
    server.kill();
  }
}

/** The first line that a server says. */
async function portOf(server: ChildProcessWithoutNullStreams, client: ChildProcessWithoutNullStreams) {
  const said = once(server.stdout, "data") as Promise<[Buffer]>;
  const ended = once(server, "close").then(() => {
    client.kill();
    throw new Error("the server has ended before it listened");
  });
  ended.catch(() => undefined);
  const [line] = await Promise.race([said, ended]);
  return Number(line.toString());
}

async function use(client: ChildProcessWithoutNullStreams, port: number): Promise<string> {
  client.stdin.end(String(port));
  return outcome(client);
}

/** @throws what it says when it does not end well */
async function outcome(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [output, complaints, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code === 0 && (complaints === "" || WIRE_ENDED.test(complaints))) return output;
  throw new Error(`${child.spawnargs.join(" ")}\nended with ${code ?? signal}:\n${complaints}\n${output}`);
}

/** How many segments with text the capture has again. */
function retransmissions(capture: string): number {
  const lines = new PacketLines({ absoluteSequence: true });
  const before = new Set<string>();
  let count = 0;
  for (const {
    interface: { linkType },
    bytes,
  } of readCapture(readFileSync(capture)).packets) {
    const [, ends, text] = /^(IP .*?): Flags .* seq (\d+:\d+),/.exec(lines.line(linkType, bytes)) ?? [];
    const segment = `${ends} ${text}`;
    if (text !== undefined && before.has(segment)) count++;
    before.add(segment);
  }
  return count;
}
