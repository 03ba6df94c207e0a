/** How much an inspector keeps, makes and tells: every bound of it that is not of one page. */
import { type Duration, milliseconds } from "../base/time.ts";
import type { TableLimits } from "./connection-table.ts";
import type { EventLimits } from "./event-budget.ts";
import type { HistoryLimits } from "./event-history.ts";
import type { PacketLimits } from "./packet-ring.ts";

export interface InspectorLimits {
  readonly table: TableLimits;
  /** Of all hosts, in ten milliseconds: of the connections that a page watches, and of all others. */
  readonly watched: EventLimits;
  readonly unwatched: EventLimits;
  readonly history: HistoryLimits;
  /** Events that a page is told of the past of what it begins to watch. */
  readonly past: number;
  readonly packets: PacketLimits;
  readonly snapshotInterval: Duration;
}

export const USUAL_LIMITS: InspectorLimits = {
  table: { rows: 10_000, ended: 1_000, looks: 1_000 },
  watched: { steps: 200, metrics: 10, traffic: 150 },
  unwatched: { steps: 200, metrics: 1, traffic: 20 },
  history: { steps: 10_000, traffic: 20_000 },
  past: 10_000,
  packets: { packets: 8_192, bytes: 8 << 20, snap: 2_048, perSlice: 400, perSliceUnseen: 50 },
  snapshotInterval: milliseconds(100),
};

/** For simulations, which are slowed down rather than thinned: nothing of what happened may be missing. */
export const ALL_EVENTS: Pick<InspectorLimits, "watched" | "unwatched" | "packets"> = {
  watched: { steps: Infinity, metrics: Infinity, traffic: Infinity },
  unwatched: { steps: Infinity, metrics: Infinity, traffic: Infinity },
  packets: { ...USUAL_LIMITS.packets, perSlice: Infinity, perSliceUnseen: Infinity },
};
