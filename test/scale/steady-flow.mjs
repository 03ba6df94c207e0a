/**
 * Two hosts in one process, on a clock that has run for an hour: how much memory a load takes from V8 once it
 * is warm, and how much of it stays. Run by allocations.test.ts in a process of its own, on the built code:
 * `node --expose-gc --min-semi-space-size=1 --max-semi-space-size=1 steady-flow.mjs LOAD`; each scavenge then
 * stands for a mebibyte.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { argv, memoryUsage, stdout } from "node:process";
import { setTimeout } from "node:timers/promises";
import { SeededRandom } from "../../dist/base/random.js";
import { Host } from "../../dist/host/host.js";
import { createPair } from "../../dist/link/pair.js";
import { VirtualTime } from "../../dist/link/virtual-time.js";
import { ip } from "../../dist/wire/address.js";

const HOUR = 3_600_000_000;
const MTU_TEXT = 1_448;

const time = new VirtualTime();
time.jumpTo(HOUR);

function hostAt(device, address) {
  const host = new Host({
    clock: time,
    random: new SeededRandom(1),
    tcp: { receiveBuffer: 1 << 20, sendBuffer: 1 << 20 },
  });
  host.attach(device, { addresses: [{ address: ip(address), prefixLength: 24 }], duplicateDetection: false });
  return host;
}

/** A client that is connected to a server; `turn` does what is next. */
function connected(offload, served, answered) {
  const [there, here] = createPair(time, { medium: "ip", offload });
  const client = hostAt(there, "10.0.0.1");
  const server = hostAt(here, "10.0.0.2");
  server.tcp.listen({ port: 80 }).observer = {
    acceptable: listener => listener.accept()?.observe({ connectionEvent: served }),
  };
  client.tcp.connect({ remote: ip("10.0.0.2"), remotePort: 80 }).observe({ connectionEvent: answered });
  return () => {
    const next = Math.min(client.poll(), server.poll());
    if (!time.step()) time.jumpTo(next);
  };
}

/** Text one way, as fast as it goes; counted in segments. */
function bulk(offload) {
  const [text, read] = [new Uint8Array(1 << 17), new Uint8Array(1 << 20)];
  let bytes = 0;
  const served = connection => {
    for (let count = connection.receive(read); count > 0; count = connection.receive(read)) bytes += count;
  };
  const answered = connection => {
    while (connection.send(text) === text.length);
  };
  return { turn: connected(offload, served, answered), done: () => bytes / MTU_TEXT };
}

/** A request of 64 bytes and its answer, one after the other; counted in such pairs. */
function requests() {
  const [text, read] = [new Uint8Array(64), new Uint8Array(4_096)];
  let answers = 0;
  const served = connection => {
    if (connection.receive(read) > 0) connection.send(text);
  };
  const answered = connection => {
    if (connection.receive(read) > 0) answers++;
    connection.send(text);
  };
  return { turn: connected(false, served, answered), done: () => answers };
}

const LOADS = {
  segments: { start: () => bulk(false), warmUp: 200_000, count: 1_000_000 },
  "super-segments": { start: () => bulk(true), warmUp: 1_000_000, count: 4_000_000 },
  requests: { start: requests, warmUp: 50_000, count: 200_000 },
};

const { start, warmUp, count } = LOADS[argv[2]];
const { turn, done } = start();
while (done() < warmUp) turn();
let scavenges = 0;
new PerformanceObserver(list => {
  scavenges += list.getEntries().length;
}).observe({ entryTypes: ["gc"] });
globalThis.gc();
await setTimeout(20);
scavenges = 0;
const before = memoryUsage().heapUsed;
const from = done();
while (done() < from + count) turn();
const made = done() - from;
await setTimeout(20);
const allocated = scavenges * 2 ** 20;
globalThis.gc();
const kept = memoryUsage().heapUsed - before;
stdout.write(JSON.stringify({ allocated: allocated / made, kept: kept / made }));
