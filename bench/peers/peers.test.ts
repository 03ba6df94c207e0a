/** The load, and those peers that need nothing but the kernel: they do what the bench takes for granted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { rootTest } from "../../test/interop/root-test.ts";
import { Namespace } from "../network/namespace.ts";
import { Program } from "../network/program.ts";
import { type Outcome, runTurn, type Workload } from "../network/turn.ts";
import { buildIdle, buildLoad, buildPeer, type PeerName } from "./peers.ts";

const PEERS: readonly PeerName[] = ["kernel", "node-net"];
const builds = await Promise.all([buildLoad(), ...PEERS.map(buildPeer)]);
/** Why there is nothing to test: no compiler. */
const missing = builds.find(built => typeof built === "string");
/** All of 127/8 is this machine: nobody else has these ports there. */
const HOST = `127.${process.pid % 250}.77.9`;

async function commandOf(peer: PeerName): Promise<readonly string[]> {
  const built = await buildPeer(peer);
  if (typeof built === "string") throw new Error(built);
  return built;
}

/** Runs a peer on the loopback, and answers how it ended. */
async function withPeer(
  peer: PeerName,
  body: (child: ReturnType<typeof spawn>) => Promise<void>,
): Promise<{ code: number | null; signal: string | null }> {
  const [program = "", ...args] = await commandOf(peer);
  const where = ["--device", "kernel", "--address", `${HOST}/8`];
  const child = spawn(program, [...args, ...where], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "close");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  expect(line).toBe("ready");
  await body(child);
  const [code, signal] = await ended;
  return { code, signal };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: HOST });
  await once(socket, "connect");
  return socket;
}

/** Waits for so many bytes, and looks no further. */
function read(socket: Socket, length: number): Promise<void> {
  return new Promise(resolve => {
    let missing = length;
    const take = (chunk: Buffer): void => {
      missing -= chunk.length;
      if (missing > 0) return;
      socket.off("data", take).pause();
      resolve();
    };
    socket.on("data", take).resume();
  });
}

describe.skipIf(missing !== undefined).each(PEERS)("%s", peer => {
  test("answers each 64 bytes with as many, also when they come in two pieces", async () => {
    await withPeer(peer, async child => {
      for (const port of [5003, 5005]) {
        const socket = await open(port);
        socket.write(Buffer.alloc(64));
        await read(socket, 64);
        socket.write(Buffer.alloc(40));
        socket.write(Buffer.alloc(24));
        await read(socket, 64);
        socket.destroy();
      }
      child.kill();
    });
  });

  test("answers one request of 64 bytes and closes", async () => {
    await withPeer(peer, async child => {
      const socket = await open(5004);
      socket.write(Buffer.alloc(64));
      let got = 0;
      for await (const chunk of socket) got += (chunk as Buffer).length;
      expect(got).toBe(64);
      child.kill();
    });
  });

  test("a source sends on while a sink takes what comes, and a reset of either ends no one else", async () => {
    await withPeer(peer, async child => {
      const source = await open(5002);
      const sink = await open(5001);
      await read(source, 4_000_000);
      for (let i = 0; i < 64; i++) {
        if (!sink.write(Buffer.alloc(65_536))) await once(sink, "drain");
      }
      source.resetAndDestroy();
      sink.resetAndDestroy();
      const echo = await open(5003);
      echo.write(Buffer.alloc(64));
      await read(echo, 64);
      echo.destroy();
      child.kill();
    });
  });

  test("ends with SIGTERM, and when its input closes", async () => {
    const terminated = await withPeer(peer, async child => void child.kill("SIGTERM"));
    expect(terminated.signal ?? terminated.code).toBe(peer === "kernel" ? "SIGTERM" : 0);
    expect(await withPeer(peer, async child => void child.stdin?.end())).toEqual({ code: 0, signal: null });
  });
});

const ONE_AND_MORE = [1, 3];

function ownNamespaces(): string[] {
  return readdirSync("/var/run/netns").filter(name => name.startsWith(`pb${process.pid}-`));
}

/** A short turn of the load against the kernel, at two ends of a veth pair. */
async function turn(workload: Workload, streams: number): Promise<Outcome> {
  const load = await buildLoad();
  if (typeof load === "string") throw new Error(load);
  const subject = { wire: "veth", command: await commandOf("kernel") } as const;
  const { signal } = new AbortController();
  return runTurn(load, subject, { workload, streams }, { seconds: 0.3, warmUp: 0.1, signal });
}

describe.skipIf(missing !== undefined).each(ONE_AND_MORE)("the load with %i streams", streams => {
  rootTest("moves bytes each way, and counts those of its window", async () => {
    for (const workload of ["bulk-send", "bulk-receive"] as const) {
      const { bytes, seconds, operations } = await turn(workload, streams);
      expect(bytes).toBeGreaterThan(0);
      expect(seconds).toBeGreaterThanOrEqual(0.3);
      expect(operations).toBe(0);
    }
    expect(ownNamespaces()).toEqual([]);
  });

  rootTest("counts exchanges of 64 bytes each way, and their times in order", async () => {
    for (const workload of ["round-trips", "connections"] as const) {
      const { bytes, operations, p50, p90, p99 } = await turn(workload, streams);
      expect(operations).toBeGreaterThan(0);
      expect(bytes).toBe(operations * 128);
      expect(p50).toBeGreaterThan(1);
      expect(p90).toBeGreaterThanOrEqual(p50);
      expect(p99).toBeGreaterThanOrEqual(p90);
    }
  });
});

describe.skipIf(missing !== undefined)("idle connections of the kernel", () => {
  rootTest("are opened by as many workers as their descriptors need, measured and asked", async () => {
    const built = await buildIdle();
    if (typeof built === "string") throw new Error(built);
    const namespace = new Namespace();
    try {
      const { signal } = new AbortController();
      // Two descriptors a connection, and a thousand to spare: 1,500 connections want two workers.
      const limited = ["prlimit", "--nofile=3024:3024", ...built];
      const work = ["--connections", "1500", "--seconds", "0.1", "--warm-up", "0.1"];
      const lines = new Program(namespace, [...limited, ...work], { signal }).lines();
      const told: Record<string, number>[] = [];
      for await (const line of lines) told.push(JSON.parse(line));
      expect(told).toHaveLength(1);
      const [{ memory = 0, opening = 0, p50 = 0, p99 = 0, slower = 0 } = {}] = told;
      // The machine's free memory moves with everything that runs on it.
      expect(memory).not.toBeNaN();
      expect(opening).toBeGreaterThan(1);
      expect(p99).toBeGreaterThanOrEqual(p50);
      expect(p50).toBeGreaterThan(1);
      expect(slower).toBeGreaterThan(0);
    } finally {
      namespace.close();
    }
  });
});
