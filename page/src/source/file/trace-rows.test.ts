import { expect, test } from "vitest";
import type { SegmentEvent, TraceEvent } from "../../../../src/trace/event.ts";
import { TraceRows } from "./trace-rows.ts";

const head = { host: "client", connection: 1 } as const;
const segment: SegmentEvent = { sequence: 0, acknowledgment: 0, flags: "ACK", length: 1000, window: 1 };
const ends = { local: "10.0.0.1", localPort: 5, remote: "10.0.0.2", remotePort: 80 } as const;

function rowsOf(...events: readonly TraceEvent[]) {
  const rows = new TraceRows();
  for (const event of events) rows.add(event);
  return rows.rows();
}

test("a row adds up what happened to an end", () => {
  const [row] = rowsOf(
    { ...head, time: 0, name: "tcp:opened", data: { ...ends, role: "active", congestionControl: "bbr" } },
    { ...head, time: 1, name: "tcp:state", data: { from: "SYN-SENT", to: "ESTABLISHED", cause: "" } },
    { ...head, time: 2, name: "tcp:sent", data: { ...segment, reason: "text" } },
    { ...head, time: 3, name: "tcp:sent", data: { ...segment, reason: "retransmission", cause: "timeout" } },
    { ...head, time: 4, name: "tcp:received", data: { ...segment, verdict: "duplicate" } },
    { ...head, time: 5, name: "tcp:received", data: segment },
    { ...head, time: 1_000_000, name: "tcp:ended", data: { error: "ECONNRESET" } },
  );
  expect(row).toMatchObject({
    ...ends,
    state: "ESTABLISHED",
    congestionControl: "bbr",
    bytesSent: 1000,
    bytesReceived: 1000,
    sendRate: 1000,
    retransmissions: 1,
    verdicts: ["reset", "losing"],
    error: "ECONNRESET",
  });
});

test("an end whose opening is not there has a row all the same; what is of no connection has none", () => {
  const rows = rowsOf(
    { ...head, time: 7, name: "tcp:sent", data: { ...segment, reason: "text" } },
    { ...head, connection: 0, time: 8, name: "scene:remark", data: { remark: 1 } },
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ connection: 1, host: "client", openedAt: 7, remote: "?" });
});
