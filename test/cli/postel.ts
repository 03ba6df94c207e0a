/** Runs the built command as a user does: `dist/cli/main.js` in a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";

export const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Ended {
  /** The exit code, or −1 when a signal ended it. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: Uint8Array | string | undefined;
  /** Keeps standard input open. */
  readonly keepInput?: boolean | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const running = new Set<Running>();
const directories: string[] = [];

afterEach(async () => {
  const left = [...running];
  for (const each of left) each.child.kill("SIGKILL");
  await Promise.all(left.map(each => each.ended));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A path for a file that is gone after the test. */
export function temporaryFile(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), "postel-cli-"));
  directories.push(directory);
  return join(directory, name);
}

/** A program that runs. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";
  #onOutput: () => void = () => {};

  constructor(program: string, args: readonly string[], options: RunOptions = {}) {
    const { CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...inherited } = process.env;
    const child = spawn(program, args, { stdio: "pipe", env: { ...inherited, TZ: "UTC", ...options.env } });
    this.child = child;
    running.add(this);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      this.stdout += chunk.toString("latin1");
      this.#onOutput();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#onOutput();
    });
    child.stdin.on("error", () => undefined);
    if (options.keepInput !== true) child.stdin.end(options.input ?? "");
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", code => {
        running.delete(this);
        this.#onOutput();
        resolve({ code: code ?? -1, stdout: Buffer.concat(chunks), stderr: this.stderr });
      });
    });
  }

  /** Waits until this has been printed, on either output; answers what its first group matched. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match !== null) return match[1] ?? match[0];
      if (!running.has(this))
        throw new Error(`it ended without printing ${pattern}: ${this.stdout}${this.stderr}`);
      await new Promise<void>(resolve => {
        this.#onOutput = resolve;
      });
    }
  }

  /** Ctrl-C. */
  interrupt(signal: NodeJS.Signals = "SIGINT"): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

export function startPostel(args: readonly string[], options: RunOptions = {}): Running {
  return new Running(process.execPath, [MAIN, ...args], options);
}

export function postel(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startPostel(args, options).ended;
}

/** `postel up` on a port of the kernel's choice. */
export async function startUp(...args: string[]): Promise<{ readonly up: Running; readonly url: string }> {
  const up = startPostel(["up", "--listen", "127.0.0.1:0", ...args]);
  const url = await up.printed(/serves (http:\/\/127\.0\.0\.1:\d+\/)/);
  await up.printed(/Ctrl-C ends it/);
  return { up, url };
}

/** What curl answers; it fails when curl does. */
export async function curl(args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  const { code, stdout, stderr } = await new Running("curl", ["-sS", ...args], { input }).ended;
  if (code !== 0) throw new Error(`curl ${args.join(" ")} exited with ${code}: ${stderr}`);
  return stdout;
}
