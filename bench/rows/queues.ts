/**
 * What a second worker on a second queue brings, on a machine that is large enough for both ends: many
 * streams of plain frames, where the subject works most, and many clients with small requests.
 */
import type { Outcome, Workload } from "../network/turn.ts";
import type { Measurement, Quantity, Row } from "../row.ts";
import {
  KERNEL_VETH,
  POSTEL_TUN,
  POSTEL_TUN_PLAIN,
  POSTEL_TUN_PLAIN_QUEUES,
  POSTEL_TUN_QUEUES,
  type Server,
  serving,
} from "./subjects.ts";

const SECTION = "One worker a queue";
const STREAMS = 64;

export function queueRows(): Row[] {
  const plain = [POSTEL_TUN_PLAIN, POSTEL_TUN_PLAIN_QUEUES];
  const whole = [POSTEL_TUN, POSTEL_TUN_QUEUES, KERNEL_VETH];
  return [
    row("queues-receive", "kernel → subject, frames of 1,500 bytes", "bulk-send", plain, throughput),
    row("queues-requests", "requests of 64 bytes", "round-trips", whole, requests),
  ];
}

function row(
  name: string,
  what: string,
  workload: Workload,
  servers: readonly Server[],
  { quantity, read }: Reading,
): Row {
  return {
    name,
    section: SECTION,
    title: `${what}, ${STREAMS} connections`,
    quantities: [quantity],
    contestants: servers.map(server => serving(server, { workload, streams: STREAMS }, read)),
    targets: [],
    needsRoot: true,
  };
}

interface Reading {
  readonly quantity: Quantity;
  readonly read: (outcome: Outcome) => Measurement;
}

const throughput: Reading = {
  quantity: { name: "throughput", unit: "Gbit/s", better: "more" },
  read: ({ bytes, seconds }) => ({ throughput: (bytes * 8) / 1e9 / seconds }),
};

const requests: Reading = {
  quantity: { name: "rate", unit: "1/s", better: "more" },
  read: ({ operations, seconds }) => ({ rate: operations / seconds }),
};
