/**
 * Short exchanges: the time of a 64-byte request and its answer, and how many connections a second are
 * opened, used once and closed. Where the two ends run decides more than anything else: on one CPU they wake
 * each other cheaply, on two they work at the same time; so both ways are measured.
 */
import type { Outcome, Work } from "../network/turn.ts";
import type { Conditions, Contestant, Measurement, Quantity, Row, Target } from "../row.ts";
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

/** What is done again and again, and what counts. */
interface Exchange {
  readonly workload: Work["workload"];
  readonly section: string;
  readonly quantities: readonly Quantity[];
  readonly read: (outcome: Outcome) => Measurement;
  /** Before the window goes so many times what the run asks for. */
  readonly warmUps: number;
  /** By our peer's, the kernel over veth. */
  readonly target: Pick<Target, "quantity" | "bound">;
}

const ROUND_TRIPS: Exchange = {
  workload: "round-trips",
  section: "Request and response of 64 bytes",
  quantities: [
    { name: "p50", unit: "µs", better: "less" },
    { name: "p99", unit: "µs", better: "less" },
    EACH,
  ],
  read: outcome => ({ p50: outcome.p50, p99: outcome.p99, cpu: cpuEach(outcome) }),
  warmUps: 1,
  target: { quantity: "p50", bound: { atMost: 1.15 } },
};

const CONNECTIONS: Exchange = {
  workload: "connections",
  section: "Connect, request, response, close",
  quantities: [{ name: "rate", unit: "1/s", better: "more" }, EACH],
  read: outcome => ({ rate: outcome.operations / outcome.seconds, cpu: cpuEach(outcome) }),
  // Compilers at run time need some thousand connections: opening and closing runs through all of the code.
  warmUps: 4,
  target: { quantity: "rate", bound: { atLeast: 0.9 } },
};

export function shortRows(): Row[] {
  const one = { streams: 1, cpus: ONE_CPU };
  const both = { streams: 1, cpus: TWO_CPUS };
  const many = { streams: 16, cpus: TWO_CPUS };
  return [
    row("round-trips-one-cpu", "both ends on one CPU", ROUND_TRIPS, ON_ONE_CPU, one),
    row("round-trips-two-cpus", "each end on a CPU of its own", ROUND_TRIPS, ON_TWO_CPUS, both),
    row("connections-one-cpu", "one at a time, both ends on one CPU", CONNECTIONS, ON_ONE_CPU, one),
    row("connections-two-cpus", "16 at a time, each end on a CPU of its own", CONNECTIONS, ON_ONE_CPU, many),
  ];
}

function row(
  name: string,
  title: string,
  { workload, section, quantities, read, warmUps, target }: Exchange,
  servers: readonly Server[],
  how: Pick<Work, "streams" | "cpus">,
): Row {
  return {
    name,
    section,
    title,
    quantities,
    contestants: servers.map(server => warmedUp(serving(server, { workload, ...how }, read), warmUps)),
    targets: [{ ...target, of: POSTEL_TUN.name, against: KERNEL_VETH.name }],
    needsRoot: true,
  };
}

function warmedUp(contestant: Contestant, warmUps: number): Contestant {
  const measure = (conditions: Conditions): Promise<Measurement> =>
    contestant.measure({ ...conditions, warmUp: warmUps * conditions.warmUp });
  return { ...contestant, measure };
}

/** The subject's, in µs. */
function cpuEach({ subjectCpuSeconds, operations }: Outcome): number {
  return (subjectCpuSeconds * 1e6) / operations;
}
