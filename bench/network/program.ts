/**
 * A program of the bench that runs inside of a namespace: a subject or the load. It ends with its turn, with
 * Ctrl-C, and with the bench's own end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import type { Namespace } from "./namespace.ts";
import { cpuSecondsOf, residentBytesOf } from "./proc.ts";

export interface ProgramOptions {
  /** Held to one CPU, by its number. */
  readonly cpu?: number | undefined;
  /** Kills it when aborted. */
  readonly signal: AbortSignal;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const GRACE_MS = 2_000;

export class Program {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #ended: Promise<void>;
  #complaint = "";
  #isEnding = false;

  /** @param command the program and its arguments */
  constructor(namespace: Namespace, command: readonly string[], { cpu, signal }: ProgramOptions) {
    const pinned = cpu === undefined ? command : ["taskset", "-c", String(cpu), ...command];
    // `ip netns exec` and taskset become the program: the process id is its own.
    const child = spawn("ip", ["netns", "exec", namespace.name, ...pinned], {
      stdio: ["pipe", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    this.#child = child;
    const [program = "", script = program] = command;
    this.#name = basename(program === process.execPath ? script : program);
    running.add(child);
    child.stderr?.setEncoding("utf8").on("data", text => {
      this.#complaint = (this.#complaint + text).slice(-2_000);
    });
    child.stdin?.on("error", () => undefined);
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, cause) => {
        running.delete(child);
        if (code === 0 || this.#isEnding) resolve();
        else reject(new Error(`${this.#name} ${this.#howItEnded(code, cause)}`));
      });
    });
    // Whoever waits hears of it; where nobody does, there is nothing to tell.
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Rejects if it failed. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** The lines that it prints, until it ends. */
  async *lines(): AsyncGenerator<string> {
    if (this.#child.stdout !== null) yield* createInterface({ input: this.#child.stdout });
    await this.#ended;
  }

  /** Waits until it has printed this line; rejects if it ends before. */
  async says(line: string): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error(`${this.#name} has no output`);
    const lines = createInterface({ input: stdout });
    const heard = new Promise<void>(resolve => {
      lines.on("line", text => {
        if (text.trim() === line) resolve();
      });
    });
    const silent = this.#ended.then(() => {
      throw new Error(`${this.#name} ended before it said "${line}"`);
    });
    await Promise.race([heard, silent]);
  }

  /** Of all its threads, in user and kernel mode. */
  cpuSeconds(): number {
    return cpuSecondsOf(this.pid);
  }

  residentBytes(): number {
    return residentBytesOf(this.pid);
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    this.#child.stdin?.end();
    this.#child.kill("SIGTERM");
    const impatience = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS);
    await this.#ended.catch(() => undefined);
    clearTimeout(impatience);
  }

  #howItEnded(code: number | null, cause: string | null): string {
    const complaint = this.#complaint.trim().split("\n").at(-1) ?? "";
    const how = cause === null ? `exited with ${code}` : `was ended by ${cause}`;
    return complaint === "" ? how : `${how}: ${complaint}`;
  }
}
