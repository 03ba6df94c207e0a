/** How full the queues of listeners are; which listeners are shown first. */
import type { ListenerState } from "../../../../src/inspect/protocol.ts";

/** As on Linux a backlog of n takes n + 1. */
export function roomOf(backlog: number): number {
  return backlog + 1;
}

/** Of a bar. */
export function shareFilled(filled: number, backlog: number): number {
  return Math.min(1, Math.max(0, filled / roomOf(backlog)));
}

/** The fullest first, then those that had to refuse the most; else as they came. */
export function fullestFirst(listeners: readonly ListenerState[]): ListenerState[] {
  return [...listeners].sort((a, b) => fullness(b) - fullness(a) || refusals(b) - refusals(a));
}

function fullness({ halfOpen, waiting, backlog }: ListenerState): number {
  return Math.max(shareFilled(halfOpen, backlog), shareFilled(waiting, backlog));
}

function refusals({ overflows, drops }: ListenerState): number {
  return overflows + drops;
}
