/**
 * The peers, and the load that drives every subject: how each is built, once a run and only when its source
 * is newer than what was built of it. Where that is not possible, the answer is a sentence that says why.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { PEER_BUILDS, PEER_SOURCES } from "../places.ts";

/** A program and its own arguments; or why there is none. */
export type Built = readonly string[] | string;

interface CProgram {
  readonly source: string;
  readonly flags: readonly string[];
  /** A header that must be there, and the Debian package that has it. */
  readonly needs?: { readonly header: string; readonly debian: string };
}

const C_PROGRAMS = {
  load: { source: "load.c", flags: [] },
  flood: { source: "syn-flood.c", flags: [] },
  kernel: { source: "kernel.c", flags: [] },
  idle: { source: "idle.c", flags: [] },
  lwip: {
    source: "lwip.c",
    flags: ["-I/usr/include/lwip", "-llwip"],
    needs: { header: "/usr/include/lwip/lwip/tcp.h", debian: "liblwip-dev" },
  },
} satisfies Record<string, CProgram>;

export type PeerName = "kernel" | "node-net" | "lwip" | "gvisor";

const run = promisify(execFile);

export function buildLoad(): Promise<Built> {
  return compile(C_PROGRAMS.load);
}

export function buildFlood(): Promise<Built> {
  return compile(C_PROGRAMS.flood);
}

/** The kernel with many connections, both ends in one process. */
export function buildIdle(): Promise<Built> {
  return compile(C_PROGRAMS.idle);
}

/** The honest client during a flood: nothing to build. */
export const PAGES: readonly string[] = [process.execPath, join(PEER_SOURCES, "pages.mjs")];

export async function buildPeer(name: PeerName): Promise<Built> {
  if (name === "node-net") return [process.execPath, join(PEER_SOURCES, "node-net.mjs")];
  if (name === "gvisor") return compileGvisor();
  return compile(C_PROGRAMS[name]);
}

async function compile({ source, flags, needs }: CProgram): Promise<Built> {
  if (needs !== undefined && !existsSync(needs.header)) return `Debian's ${needs.debian} is not installed.`;
  const from = join(PEER_SOURCES, source);
  const to = join(PEER_BUILDS, source.replace(/\.c$/, ""));
  if (isNewer(to, from)) return [to];
  mkdirSync(PEER_BUILDS, { recursive: true });
  // Under another name first: somebody else may be building, or running, the same program.
  const fresh = `${to}.${process.pid}`;
  try {
    await run("gcc", ["-O2", "-std=gnu17", "-Wall", "-Wextra", "-o", fresh, from, ...flags]);
    renameSync(fresh, to);
  } catch (error) {
    return whyNot(error as NodeJS.ErrnoException & { stderr?: string }, source);
  }
  return [to];
}

/** Where Debian puts the sources of Go packages. */
const GO_PATH = "/usr/share/gocode";

async function compileGvisor(): Promise<Built> {
  if (!existsSync(join(GO_PATH, "src/gvisor.dev/gvisor"))) {
    return "Debian's golang-gvisor-gvisor-dev is not installed.";
  }
  const from = join(PEER_SOURCES, "gvisor");
  const to = join(PEER_BUILDS, "gvisor");
  if (readdirSync(from).every(file => isNewer(to, join(from, file)))) return [to];
  // Debian's packages are for the time before Go had modules.
  const cache = join(PEER_BUILDS, "go-cache");
  const env = { ...process.env, GO111MODULE: "off", GOPATH: GO_PATH, GOFLAGS: "", GOCACHE: cache };
  mkdirSync(cache, { recursive: true });
  try {
    await run("go", ["build", "-o", to, "."], { cwd: from, env });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT") return "There is no go.";
    return `gVisor's driver does not compile: ${stderr?.trim().split("\n").at(-1) ?? "go failed"}`;
  }
  return [to];
}

function isNewer(product: string, source: string): boolean {
  return existsSync(product) && statSync(product).mtimeMs >= statSync(source).mtimeMs;
}

function whyNot({ code, stderr }: NodeJS.ErrnoException & { stderr?: string }, source: string): string {
  if (code === "ENOENT") return "There is no gcc.";
  const complaint = stderr?.split("\n").find(line => line.includes("error")) ?? "gcc failed";
  return `${source} does not compile: ${complaint}`;
}
