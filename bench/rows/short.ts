/**
 * Short exchanges: the time of a 64-byte request and its answer, and how many connections a second are
 * opened, used once and closed. Where the two ends run decides more than anything else: on one CPU they wake
 * each other cheaply, on two they work at the same time; so both ways are measured.
 */
import type { Outcome, Work } from "../network/turn.ts";
import type { Measurement, Quantity, Row, Target } from "../row.ts";
import {
  GVISOR_PACKET,
  GVISOR_TUN,
  KERNEL_LOOPBACK,
  KERNEL_VETH,
  LWIP_TUN,
  NODE_VETH,
  POSTEL_PACKET,
  POSTEL_TUN,
  POSTEL_TUN_BUSY,
  type Server,
  serving,
} from "./subjects.ts";

const PEERS = [KERNEL_VETH, KERNEL_LOOPBACK, NODE_VETH, LWIP_TUN, GVISOR_PACKET, GVISOR_TUN];
/** Spinning for the next frame makes sense only where the load has another CPU to run on. */
const ON_ONE_CPU = [POSTEL_TUN, POSTEL_PACKET, ...PEERS];
const ON_TWO_CPUS = [POSTEL_TUN, POSTEL_TUN_BUSY, POSTEL_PACKET, ...PEERS];

const ONE_CPU = { load: 0, subject: 0 } as const;
const TWO_CPUS = { load: 0, subject: 1 } as const;

const EACH: Quantity = { name: "cpu", unit: "µs each", better: "less" };
const LATENCY: readonly Quantity[] = [
  { name: "p50", unit: "µs", better: "less" },
  { name: "p99", unit: "µs", better: "less" },
  EACH,
];
const RATE: readonly Quantity[] = [{ name: "rate", unit: "1/s", better: "more" }, EACH];

export function shortRows(): Row[] {
  return [
    roundTrips("round-trips-one-cpu", "both ends on one CPU", ON_ONE_CPU, ONE_CPU),
    roundTrips("round-trips-two-cpus", "each end on a CPU of its own", ON_TWO_CPUS, TWO_CPUS),
    connections("connections-one-cpu", "one at a time, both ends on one CPU", ON_ONE_CPU, 1, ONE_CPU),
    connections(
      "connections-two-cpus",
      "16 at a time, each end on a CPU of its own",
      ON_ONE_CPU,
      16,
      TWO_CPUS,
    ),
  ];
}

function roundTrips(name: string, title: string, servers: readonly Server[], cpus: Work["cpus"]): Row {
  const work: Work = { workload: "round-trips", streams: 1, cpus };
  return {
    name,
    section: "Request and response of 64 bytes",
    title,
    quantities: LATENCY,
    contestants: servers.map(server => serving(server, work, latency)),
    targets: [target("p50", { atMost: 1.15 })],
    needsRoot: true,
  };
}

function connections(
  name: string,
  title: string,
  servers: readonly Server[],
  streams: number,
  cpus: Work["cpus"],
): Row {
  const work: Work = { workload: "connections", streams, cpus };
  return {
    name,
    section: "Connect, request, response, close",
    title,
    quantities: RATE,
    contestants: servers.map(server => serving(server, work, rate)),
    targets: [target("rate", { atLeast: 0.9 })],
    needsRoot: true,
  };
}

function target(quantity: string, bound: Target["bound"]): Target {
  return { quantity, of: POSTEL_TUN.name, against: KERNEL_VETH.name, bound };
}

function latency(outcome: Outcome): Measurement {
  return { p50: outcome.p50, p99: outcome.p99, cpu: cpuEach(outcome) };
}

function rate(outcome: Outcome): Measurement {
  return { rate: outcome.operations / outcome.seconds, cpu: cpuEach(outcome) };
}

/** The subject's, in µs. */
function cpuEach({ subjectCpuSeconds, operations }: Outcome): number {
  return (subjectCpuSeconds * 1e6) / operations;
}
