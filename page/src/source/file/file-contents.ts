/** What a file has to show, whatever its format. */
import type { FilteredPacket } from "../../../../src/inspect/link-filters.ts";
import type { Problem } from "../../../../src/inspect/problem.ts";
import type { ConnectionRow, FoundOut, Packet } from "../../../../src/inspect/protocol.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";

export interface FileContents {
  readonly title: string;
  /** Names. */
  readonly hosts: readonly string[];
  /** Instant 0, in µs since 1970; undefined: virtual time. */
  readonly epoch: number | undefined;
  readonly rows: readonly ConnectionRow[];
  readonly findings: readonly FoundOut[];
  /** Why the file has less than it should have, or has none of what was looked for. */
  readonly problem: Problem | undefined;
  /** Of one end, in the order of time; 0: of none. */
  events(connection: number): readonly TraceEvent[];
  readonly packets: FilePackets;
}

export interface FilePackets {
  readonly count: number;
  /** The link types that there are. */
  readonly linkTypes: readonly number[];
  /** What a filter sees of a packet. */
  filtered(index: number): FilteredPacket;
  packet(index: number): Packet;
}
