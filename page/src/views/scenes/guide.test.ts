import { expect, test } from "vitest";
import type { ConnectionRow } from "../../../../src/inspect/protocol.ts";
import { CATALOG } from "../../../../src/scenes/catalog.ts";
import { remarksOf, type SceneDescription } from "../../../../src/scenes/description.ts";
import { connectionAt, neighboursOf, toldRemarks } from "./guide.ts";

const [first, second] = CATALOG as readonly [SceneDescription, SceneDescription];

const row = (connection: number, host: string, localPort: number, remotePort: number): ConnectionRow => ({
  connection,
  host,
  localPort,
  remotePort,
  local: "10.0.0.1",
  remote: "10.0.0.2",
  state: "ESTABLISHED",
  role: "active",
  congestionControl: "cubic",
  openedAt: 0,
  bytesSent: 0,
  bytesReceived: 0,
  sendRate: 0,
  receiveRate: 0,
  srtt: 0,
  retransmissions: 0,
  verdicts: [],
});

test("remarks come in the order they were told; numbers that the scene does not have are left out", () => {
  const remarks = remarksOf(first);
  const told = [
    { remark: 1, time: 5 },
    { remark: 0, time: 6 },
    { remark: 99, time: 7 },
  ];
  expect(toldRemarks(first, told)).toEqual([
    { remark: remarks[1], time: 5 },
    { remark: remarks[0], time: 6 },
  ]);
});

test("a connection is found by its host, and by a port of either end; the first one counts", () => {
  const rows = [row(3, "client", 40_002, 80), row(1, "client", 40_001, 80), row(2, "server", 80, 40_002)];
  expect(connectionAt(rows, { host: "client" })).toBe(1);
  expect(connectionAt(rows, { host: "client", port: 40_002 })).toBe(3);
  expect(connectionAt(rows, { host: "server", port: 40_002 })).toBe(2);
  expect(connectionAt(rows, { host: "router" })).toBeUndefined();
});

test("the first scene has none before it, the last none behind it", () => {
  expect(neighboursOf(CATALOG, first.id)).toEqual({ previous: undefined, next: second });
  expect(neighboursOf(CATALOG, second.id).previous).toBe(first);
  const last = CATALOG.at(-1) as SceneDescription;
  expect(neighboursOf(CATALOG, last.id).next).toBeUndefined();
  expect(neighboursOf(CATALOG, "none")).toEqual({ previous: undefined, next: undefined });
});
