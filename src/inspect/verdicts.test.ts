import { describe, expect, test } from "vitest";
import type { Verdict } from "./protocol.ts";
import { type Facts, verdictsOf } from "./verdicts.ts";

const QUIET: Facts = {
  state: "ESTABLISHED",
  error: undefined,
  blockedBy: "nothing-to-send",
  recovery: "open",
  backoff: 0,
  sendRate: 0,
  receiveRate: 0,
  retransmissions: 0,
  overtaken: 0,
  unsent: 0,
  inFlight: 0,
  peerWindow: 65_535,
  readable: 0,
  receiveCapacity: 131_072,
  writerWaits: false,
};

const BUSY: Partial<Facts> = { sendRate: 1e6, inFlight: 10_000 };
const FULL: Partial<Facts> = { ...BUSY, unsent: 50_000 };

const CASES: ReadonlyArray<readonly [string, Partial<Facts>, readonly Verdict[]]> = [
  ["nothing has happened for a second", {}, ["idle"]],
  ["half closed, and silent", { state: "FIN-WAIT-2" }, ["idle"]],
  ["a TIME-WAIT record is not idle, it is over", { state: "TIME-WAIT" }, []],
  ["only receiving", { receiveRate: 5e6 }, []],
  ["sending all there is", BUSY, ["application-limited"]],
  ["the congestion window is full", { ...FULL, blockedBy: "congestion-window" }, ["congestion-limited"]],
  ["the pace holds it back", { ...FULL, blockedBy: "pacing" }, ["congestion-limited"]],
  ["the peer's window is full", { ...FULL, blockedBy: "peer-window" }, ["peer-window-limited"]],
  ["its window is silly", { ...FULL, blockedBy: "silly-window" }, ["peer-window-limited"]],
  ["its window is closed", { ...FULL, blockedBy: "peer-window", peerWindow: 0 }, ["zero-window"]],
  ["a closed window matters to nobody who has nothing to send", { peerWindow: 0 }, ["idle"]],
  ["a full buffer is in flight", { ...BUSY, writerWaits: true }, ["send-buffer-limited"]],
  ["half of the buffer is unread", { receiveRate: 1e6, readable: 70_000 }, ["reader-slow"]],
  ["less than half is unread", { receiveRate: 1e6, readable: 60_000 }, []],
  [
    "fast recovery",
    { ...FULL, recovery: "recovery", retransmissions: 3, blockedBy: "congestion-window" },
    ["in-recovery", "losing", "congestion-limited"],
  ],
  [
    "timeout after timeout",
    { inFlight: 100, recovery: "loss", backoff: 3, retransmissions: 1 },
    ["retrying", "in-recovery", "losing"],
  ],
  ["a SYN again and again", { state: "SYN-SENT", backoff: 2, blockedBy: "handshake" }, ["retrying"]],
  ["overtaken, not lost", { ...BUSY, overtaken: 4 }, ["reordering", "application-limited"]],
  ["overtaken by what was lost", { receiveRate: 1e5, overtaken: 4, retransmissions: 2 }, ["losing"]],
  ["a SYN-ACK without an answer", { state: "SYN-RECEIVED", blockedBy: "handshake" }, ["half-open"]],
  ["reset", { state: "CLOSED", error: "ECONNRESET" }, ["reset"]],
  ["refused", { state: "CLOSED", error: "ECONNREFUSED", backoff: 1, retransmissions: 1 }, ["reset"]],
  ["closed in order", { state: "CLOSED" }, []],
];

describe("verdicts", () => {
  test.each(CASES)("%s", (_what, facts, verdicts) => {
    expect(verdictsOf({ ...QUIET, ...facts })).toEqual(verdicts);
  });
});
