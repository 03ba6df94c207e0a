/**
 * Requests of a number of clients, each of whom asks again as soon as it has its answer: by undici, the
 * client behind Node's own fetch.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, Pool } from "undici";
import { PORT } from "./server.ts";

export interface Requests {
  readonly clients: number;
  /** Of an answer's body. */
  readonly bytes: number;
  /** A new connection for each. */
  readonly isClosing: boolean;
  readonly seconds: number;
  readonly warmUp: number;
}

export interface Answered {
  readonly seconds: number;
  readonly operations: number;
  /** Of one request, in µs. */
  readonly p50: number;
  readonly p99: number;
  /** Of this process. */
  readonly cpuSeconds: number;
}

/** @param event hears "begin" and "end" of the window that counts */
export async function askAgainAndAgain(
  requests: Requests,
  event: (name: "begin" | "end") => void,
): Promise<Answered> {
  const pool = new Pool(`http://127.0.0.1:${PORT}`, { connections: requests.clients, pipelining: 1 });
  const path = `/${requests.bytes}`;
  const request = { path, method: "GET", reset: requests.isClosing } as const;
  await ask(pool, request);
  const times: number[] = [];
  let isAsking = true;
  let counts = false;
  const client = async (): Promise<void> => {
    while (isAsking) {
      const start = performance.now();
      await ask(pool, request);
      if (counts) times.push(performance.now() - start);
    }
  };
  const clients = Promise.all(Array.from({ length: requests.clients }, client));
  await sleep(requests.warmUp * 1_000);
  event("begin");
  const before = process.cpuUsage();
  const start = performance.now();
  counts = true;
  // A window without an answer says nothing: it goes on.
  do await sleep(requests.seconds * 1_000);
  while (times.length === 0);
  counts = false;
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(before);
  event("end");
  isAsking = false;
  await clients;
  await pool.close();
  return { seconds, operations: times.length, ...percentiles(times), cpuSeconds: (user + system) / 1e6 };
}

async function ask(pool: Pool, request: Dispatcher.RequestOptions): Promise<void> {
  const { body } = await pool.request(request);
  body.resume();
  await once(body, "end");
}

function percentiles(times: readonly number[]): { p50: number; p99: number } {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN) * 1_000;
  return { p50: at(0.5), p99: at(0.99) };
}
