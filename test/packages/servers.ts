/** Redis and PostgreSQL, as the system has them: each in a folder of its own, at a free port of 127.0.0.1. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Server {
  /** Its program; undefined where it is not installed. */
  readonly program: string | undefined;
  /** @param use is called with its port, and it ends after that */
  readonly during: <Result>(use: (port: number) => Promise<Result>) => Promise<Result>;
}

interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

const DEBIAN = "/usr/lib/postgresql";
const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
const folders = [
  ...(process.env["PATH"] ?? "").split(delimiter),
  ...versions.map(version => join(DEBIAN, version, "bin")),
];

function find(program: string): string | undefined {
  return folders.map(folder => join(folder, program)).find(existsSync);
}

export const REDIS: Server = {
  program: find("redis-server"),
  during: use =>
    inFolder({}, async folder => {
      const port = await freePort();
      const values = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
      return whileRunning("redis-server", values, "SIGTERM", {}, port, use);
    }),
};

export const POSTGRESQL: Server = {
  program: find("postgres"),
  during: use => {
    const identity = whoMayServe();
    return inFolder(identity, async folder => {
      const data = join(folder, "data");
      const how = ["--username", "postgres", "--auth", "trust", "--no-locale", "--encoding", "UTF8"];
      const options = { ...identity, cwd: folder };
      await run(find("initdb") ?? "initdb", ["--pgdata", data, ...how, "--no-sync"], options);
      const port = await freePort();
      const values = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", "", "-F"];
      return whileRunning("postgres", values, "SIGINT", options, port, use);
    });
  },
};

/** PostgreSQL refuses to be root. */
function whoMayServe(): Identity {
  if (process.getuid?.() !== 0) return {};
  const number = (flag: string): number =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: number("-u"), gid: number("-g") };
}

async function inFolder<Result>(
  { uid, gid }: Identity,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "postel-server-"));
  try {
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function whileRunning<Result>(
  program: string,
  values: readonly string[],
  ending: NodeJS.Signals,
  options: Identity & { readonly cwd?: string },
  port: number,
  use: (port: number) => Promise<Result>,
): Promise<Result> {
  const child = spawn(find(program) ?? program, values, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (text: Buffer) => {
    complaints += text.toString();
  });
  const ended = once(child, "close");
  try {
    await Promise.race([
      answers(port),
      ended.then(() => Promise.reject(new Error(`${program} has ended: ${complaints}`))),
    ]);
    return await use(port);
  } finally {
    child.kill(ending);
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await sleep(50);
  }
}
