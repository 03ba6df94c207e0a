/**
 * Bulk transfer between the kernel's TCP and a subject, each way, on one stream and on eight: with the best
 * that each device offers, and with plain frames of 1,500 bytes.
 */
import type { Outcome } from "../network/turn.ts";
import type { Contestant, Measurement, Quantity, Row, Target } from "../row.ts";
import {
  GVISOR_PACKET,
  GVISOR_TUN,
  KERNEL_LOOPBACK,
  KERNEL_VETH,
  LWIP_TUN,
  NODE_VETH,
  POSTEL_PACKET,
  POSTEL_TUN,
  POSTEL_TUN_PLAIN,
  type Server,
  serving,
} from "./subjects.ts";

/** Seen from the subject. */
type Direction = "receive" | "send";

const DIRECTIONS: readonly Direction[] = ["receive", "send"];
const STREAMS = [1, 8] as const;

const OFFLOADED = [POSTEL_TUN, POSTEL_PACKET, KERNEL_VETH, KERNEL_LOOPBACK, NODE_VETH, GVISOR_PACKET];
const PLAIN = [POSTEL_TUN_PLAIN, LWIP_TUN, GVISOR_TUN];

/** `cpu` is the subject's process alone, `cpuOfAll` both ends and the kernel's threads for packets. */
const QUANTITIES: readonly Quantity[] = [
  { name: "throughput", unit: "Gbit/s", better: "more" },
  { name: "cpu", unit: "s/GB", better: "less" },
  { name: "cpuOfAll", unit: "s/GB", better: "less" },
];

export function bulkRows(): Row[] {
  return DIRECTIONS.flatMap(direction =>
    STREAMS.flatMap(streams => [
      bulkRow("bulk", direction, streams, OFFLOADED, offloadedTargets(direction, streams)),
      bulkRow("plain", direction, streams, PLAIN, plainTargets(direction)),
    ]),
  );
}

function bulkRow(
  kind: "bulk" | "plain",
  direction: Direction,
  streams: number,
  servers: readonly Server[],
  targets: readonly Target[],
): Row {
  const way = direction === "receive" ? "kernel → subject" : "subject → kernel";
  return {
    name: `${kind}-${direction}-${streams}`,
    section: kind === "bulk" ? "Bulk transfer" : "Bulk transfer in frames of 1,500 bytes",
    title: `${way}, ${streams === 1 ? "one stream" : `${streams} streams`}`,
    quantities: QUANTITIES,
    contestants: servers.map(server => transfer(server, direction, streams)),
    targets,
    needsRoot: true,
  };
}

function transfer(server: Server, direction: Direction, streams: number): Contestant {
  const workload = direction === "receive" ? "bulk-send" : "bulk-receive";
  return serving(server, { workload, streams }, figures);
}

function figures(outcome: Outcome): Measurement {
  const { bytes, seconds, subjectCpuSeconds, loadCpuSeconds, kernelThreadSeconds } = outcome;
  const gigabytes = bytes / 1e9;
  return {
    throughput: (gigabytes * 8) / seconds,
    cpu: subjectCpuSeconds / gigabytes,
    cpuOfAll: (subjectCpuSeconds + loadCpuSeconds + kernelThreadSeconds) / gigabytes,
  };
}

function offloadedTargets(direction: Direction, streams: number): Target[] {
  const throughput = (against: Server, atLeast: number): Target => ({
    quantity: "throughput",
    of: POSTEL_TUN.name,
    against: against.name,
    bound: { atLeast },
  });
  const isReceiving = direction === "receive";
  return [
    throughput(KERNEL_VETH, streams === 1 ? 0.8 : 0.6),
    throughput(NODE_VETH, 1),
    throughput(GVISOR_PACKET, isReceiving ? 1.2 : 2.5),
    {
      quantity: "cpu",
      of: POSTEL_TUN.name,
      against: KERNEL_VETH.name,
      bound: { atMost: isReceiving ? 2 : 1.3 },
    },
  ];
}

function plainTargets(direction: Direction): Target[] {
  const atLeast = direction === "receive" ? 2 : 0.9;
  return [{ quantity: "throughput", of: POSTEL_TUN_PLAIN.name, against: LWIP_TUN.name, bound: { atLeast } }];
}
