/**
 * Network namespaces for interop tests: the Linux kernel as a peer, apart from the machine's own network.
 * What a test makes is deleted when it ends, also when it fails; what a killed run left behind is deleted by
 * the next.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { deleteAbandoned } from "../../bench/network/abandoned.ts";

export interface ExecOptions {
  /** What the command reads from its standard input; nothing without it. */
  readonly input?: string | Uint8Array | undefined;
  /** Kills the command after this many milliseconds: 30 s without it. */
  readonly timeout?: number | undefined;
  /** Answers a failure like a success, with its `code`; else it rejects. */
  readonly mayFail?: boolean | undefined;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code, or −1 when a signal ended it. */
  readonly code: number;
}

/** Why interop tests cannot run here, or undefined when they can. On CI they must: it throws. */
export function requireRoot(): string | undefined {
  const reason = whyNot();
  if (reason !== undefined && process.env["CI"] === "true") {
    throw new Error(`interop tests must run on CI, but ${reason}`);
  }
  return reason;
}

function whyNot(): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  if (process.getuid?.() !== 0) return "this user is not root";
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
  } catch {
    return "there is no /dev/net/tun";
  }
  for (const program of ["ip", "python3"]) {
    if (spawnSync(program, ["-V"], { stdio: "ignore" }).error !== undefined) return `there is no ${program}`;
  }
  return undefined;
}

const PREFIX = "pt";

const open = new Set<Namespace>();
let hasBegun = false;

export class Namespace {
  readonly name: string;
  readonly #children = new Set<ChildProcess>();

  private constructor(name: string) {
    this.name = name;
  }

  /** A namespace with its loopback up and Reno as its congestion control, where the kernel allows it. */
  static async create(): Promise<Namespace> {
    beginRun();
    const namespace = new Namespace(`${PREFIX}${process.pid}-${randomBytes(3).toString("hex")}`);
    execFileSync("ip", ["netns", "add", namespace.name]);
    open.add(namespace);
    await namespace.ip("link", "set", "lo", "up");
    // A new namespace inherits the machine's choice; BBR would make tests depend on pacing.
    await namespace.exec("sh", ["-c", "echo reno > /proc/sys/net/ipv4/tcp_congestion_control"], {
      mayFail: true,
    });
    return namespace;
  }

  /** Runs `ip` inside: `ns.ip("link", "set", "tun0", "up")`. Answers what it printed. */
  async ip(...args: string[]): Promise<string> {
    return (await run("ip", ["-n", this.name, ...args], {})).stdout;
  }

  exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult> {
    return run("ip", ["netns", "exec", this.name, command, ...args], options, child => this.#track(child));
  }

  /** Starts a program inside. It is killed with the namespace, if it still runs then. */
  spawn(command: string, args: readonly string[] = []): ChildProcess & { stdout: NodeJS.ReadableStream } {
    const child = spawn("ip", ["netns", "exec", this.name, command, ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#track(child);
    return child;
  }

  /** Kills what still runs inside, and deletes the namespace with its devices. */
  async close(): Promise<void> {
    const ended = [...this.#children].map(
      child => new Promise<void>(resolve => child.once("close", () => resolve())),
    );
    for (const child of this.#children) child.kill("SIGKILL");
    await Promise.all(ended);
    this.closeSync();
  }

  closeSync(): void {
    if (!open.delete(this)) return;
    for (const child of this.#children) child.kill("SIGKILL");
    spawnSync("ip", ["netns", "delete", this.name], { stdio: "ignore" });
  }

  #track(child: ChildProcess): void {
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    child.once("error", () => this.#children.delete(child));
  }
}

/** Runs a test body with a namespace of its own. */
export async function withNamespace<Result>(
  body: (namespace: Namespace) => Promise<Result>,
): Promise<Result> {
  const namespace = await Namespace.create();
  try {
    return await body(namespace);
  } finally {
    await namespace.close();
  }
}

function beginRun(): void {
  if (hasBegun) return;
  hasBegun = true;
  process.once("exit", () => {
    for (const namespace of open) namespace.closeSync();
  });
  deleteAbandoned(PREFIX);
}

function run(
  command: string,
  args: readonly string[],
  options: ExecOptions,
  track: (child: ChildProcess) => void = () => {},
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "pipe", timeout: options.timeout ?? 30_000 });
    track(child);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", text => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", text => {
      stderr += text;
    });
    // A command that does not read its input to the end is no failure of the test.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0 || options.mayFail === true) return resolve({ stdout, stderr, code: code ?? -1 });
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      reject(new Error(`${command} ${args.join(" ")} ${how}: ${stderr.trim() || stdout.trim()}`));
    });
  });
}
