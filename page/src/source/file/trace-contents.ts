/** A trace: its events, by the end that they belong to. */

import type { FindingCode } from "../../../../src/analysis/findings.ts";
import { FINDING_SEVERITY } from "../../../../src/analysis/findings.ts";
import type { Problem } from "../../../../src/inspect/problem.ts";
import type { FoundOut } from "../../../../src/inspect/protocol.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import type { FileContents } from "./file-contents.ts";
import { TraceRows } from "./trace-rows.ts";

export interface WholeTrace {
  readonly title: string;
  readonly hosts: readonly string[];
  readonly epoch: number | undefined;
  readonly events: readonly TraceEvent[];
  readonly problem: Problem | undefined;
}

export function traceContents({ title, hosts, epoch, events, problem }: WholeTrace): FileContents {
  const byConnection = new Map<number, TraceEvent[]>();
  const rows = new TraceRows();
  for (const event of events) {
    rows.add(event);
    const known = byConnection.get(event.connection);
    if (known === undefined) byConnection.set(event.connection, [event]);
    else known.push(event);
  }
  return {
    title,
    hosts,
    epoch,
    rows: rows.rows(),
    findings: events.flatMap(foundOut),
    problem,
    events: connection => byConnection.get(connection) ?? [],
    packets: {
      count: 0,
      linkTypes: [],
      filtered: nothing,
      packet: nothing,
    },
  };
}

function foundOut(event: TraceEvent): FoundOut[] {
  if (event.name !== "analysis:finding" || !isCode(event.data.code)) return [];
  const { severity, values = {} } = event.data;
  return [{ severity, code: event.data.code, values, connection: event.connection, time: event.time }];
}

function isCode(code: string): code is FindingCode {
  return Object.hasOwn(FINDING_SEVERITY, code);
}

function nothing(index: number): never {
  throw new RangeError(`a trace has no packet ${index}`);
}
