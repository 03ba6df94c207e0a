#!/usr/bin/env node
/**
 * What open connections cost that have nothing to do: opens so many between two hosts of this process, and
 * prints one line of JSON with the bytes that each end takes, what opening one costs, and how long a request
 * takes on a random one of them and on one of the ten used last. Wants `--expose-gc`.
 */
import { parseArgs } from "node:util";
import type { Measurement } from "../row.ts";
import { Crowd } from "./crowd.ts";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "1000" },
    /** For each kind of request, and before it. */
    seconds: { type: "string", default: "1" },
    "warm-up": { type: "string", default: "0.5" },
  },
});
const COUNT = Number(values.connections);
const SECONDS = Number(values.seconds);
const WARM_UP = Number(values["warm-up"]);
const TEN = 10;
/** Connections that are opened and closed before, by hosts of their own: the code is compiled then. */
const REHEARSED = 2_000;
const REHEARSALS = 5;
/** What fewer connections take is hidden by what a process takes anyway: its heap, and more so its pages. */
const ENOUGH_FOR_HEAP = 1_000;
const ENOUGH_FOR_PAGES = 100_000;
/** A million that end at once are garbage of ten gigabytes, which is another question. */
const MOST_TO_CLOSE = 100_000;

const { gc } = globalThis;
if (gc === undefined) throw new Error("--expose-gc is wanted");

function memory(): { heap: number; resident: number } {
  // What the first leaves to finalizers goes with the second.
  gc?.();
  gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Requests on random ones of the first `from`; answers µs, in order. */
function ask(crowd: Crowd, from: number): Float64Array {
  askFor(WARM_UP, crowd, from);
  return Float64Array.from(askFor(SECONDS, crowd, from)).sort();
}

function askFor(seconds: number, crowd: Crowd, from: number): number[] {
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  for (let now = performance.now(); now < end; now = performance.now()) {
    crowd.ask(Math.floor(Math.random() * from));
    times.push((performance.now() - now) * 1_000);
    crowd.pause();
  }
  return times;
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

/** They stay: code that was compiled for hosts is thrown away when they are gone. */
const stage: Crowd[] = [];

function newCrowd(count: number): Crowd {
  const crowd = new Crowd(count);
  stage.push(crowd);
  crowd.open(count);
  return crowd;
}

function rehearse(): void {
  for (let time = 0; time < REHEARSALS; time++) newCrowd(REHEARSED).close();
}

/** Answers the bytes that each TIME-WAIT takes. */
function closeAll(crowd: Crowd, before: number): number {
  crowd.close();
  return (memory().heap - before) / COUNT;
}

function measure(): Measurement {
  rehearse();
  // Ten connections, and nothing else: something to compare with.
  const tenOpen = quantile(ask(newCrowd(TEN), TEN), 0.5);
  const before = memory();
  const began = cpuMicroseconds();
  const crowd = newCrowd(COUNT);
  const opening = (cpuMicroseconds() - began) / COUNT;
  crowd.rest();
  const open = memory();
  const ofAll = ask(crowd, COUNT);
  const ofTen = ask(crowd, Math.min(TEN, COUNT));
  const p50 = quantile(ofAll, 0.5);
  const timeWait =
    COUNT < ENOUGH_FOR_HEAP || COUNT > MOST_TO_CLOSE ? undefined : closeAll(crowd, before.heap);
  return {
    ...(COUNT < ENOUGH_FOR_HEAP ? {} : { memory: (open.heap - before.heap) / (2 * COUNT) }),
    ...(timeWait === undefined ? {} : { timeWait }),
    ...(COUNT < ENOUGH_FOR_PAGES ? {} : { resident: (open.resident - before.resident) / (2 * COUNT) }),
    opening,
    p50,
    p99: quantile(ofAll, 0.99),
    p50OfTen: quantile(ofTen, 0.5),
    p99OfTen: quantile(ofTen, 0.99),
    slower: p50 / tenOpen,
  };
}

process.stdout.write(`${JSON.stringify(measure())}\n`);
