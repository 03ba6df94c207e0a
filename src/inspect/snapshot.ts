/**
 * A connection at one instant, read from its parts: what the strips of the windows and the timers show. It is
 * bounded, whatever the connection holds: what has too many pieces is shown with its last ones as one.
 */
import { type Seq, seqDiff } from "../base/seq.ts";
import { type Instant, NEVER } from "../base/time.ts";
import type { TimeWait } from "../tcp/closing/time-wait.ts";
import { bytesInFlight } from "../tcp/flight.ts";
import type { SynEntry } from "../tcp/handshake/syn-entry.ts";
import type { TcpRecord } from "../tcp/records.ts";
import type { SentRange } from "../tcp/send/sent-range.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { ConnectionTimers } from "../tcp/timers.ts";
import { metricsOf } from "../trace/connection-metrics.ts";
import type { TimerName } from "../trace/event.ts";
import { CONNECTION_TIMERS } from "../trace/timer-changes.ts";
import { blockedBy } from "./blocked-by.ts";
import type { ArmedTimer, SentPiece, Snapshot } from "./protocol.ts";

export const MOST_PIECES = 256;
export const MOST_ISLANDS = 256;

/** When a timer of a connection that runs out then was set. */
export type SetAt = (timer: TimerName, at: Instant) => number;

export function snapshotOf(record: TcpRecord, connection: number, now: Instant, setAt: SetAt): Snapshot {
  switch (record.kind) {
    case "connection":
      return ofConnection(record, connection, now, setAt);
    case "syn-received":
      return ofSynEntry(record, connection, now, setAt);
    default:
      return ofTimeWait(record, connection, now, setAt);
  }
}

/** A resting connection rests again: that somebody looked does not show. */
function ofConnection(c: TcpConnection, connection: number, now: Instant, setAt: SetAt): Snapshot {
  const isResting = c.isResting;
  const snapshot: Snapshot = {
    type: "snapshot",
    connection,
    time: now,
    state: c.state,
    metrics: metricsOf(c),
    send: sendingOf(c),
    receive: receivingOf(c),
    timers: c.isOver ? [] : armedTimers(c.timers, setAt),
  };
  if (isResting) c.rest();
  return snapshot;
}

function sendingOf(c: TcpConnection): Snapshot["send"] {
  const { snd, iss } = c.tcb;
  const next = seqDiff(snd.nxt, snd.una);
  return {
    unacknowledged: snd.una >>> 0,
    initial: iss >>> 0,
    next,
    windowEnd: snd.wnd,
    congestionEnd: next + Math.max(0, c.congestion.cwnd - bytesInFlight(c)),
    written: Math.max(next, seqDiff(c.sendBuffer.end, snd.una)),
    capacity: c.sendSpace.limit,
    pieces: piecesFrom(c.queue.first, snd.una),
    blockedBy: blockedBy(c),
  };
}

/** Neighbors of one fate are one piece. */
export function piecesFrom(first: SentRange | undefined, una: Seq): SentPiece[] {
  const pieces: Array<{ start: number; end: number; fate: SentPiece["fate"] }> = [];
  for (let record = first; record !== undefined; record = record.next) {
    const start = Math.max(0, seqDiff(record.start, una));
    const end = seqDiff(record.end, una);
    if (end <= start) continue;
    const fate = fateOf(record);
    const last = pieces.at(-1);
    if (last !== undefined && (last.fate === fate || pieces.length === MOST_PIECES)) last.end = end;
    else pieces.push({ start, end, fate });
  }
  return pieces;
}

function fateOf(record: SentRange): SentPiece["fate"] {
  if (record.sacked) return "sacked";
  if (record.isOwed) return "lost";
  return record.transmissions > 1 ? "sent-again" : "in-flight";
}

function receivingOf(c: TcpConnection): Snapshot["receive"] {
  const { tcb, receiveBuffer } = c;
  const { outOfOrder } = receiveBuffer;
  const islands: Array<[number, number]> = [];
  for (let i = 0; i < Math.min(outOfOrder.count, MOST_ISLANDS); i++)
    islands.push([seqDiff(outOfOrder.start(i), tcb.rcv.nxt), seqDiff(outOfOrder.end(i), tcb.rcv.nxt)]);
  return {
    next: tcb.rcv.nxt >>> 0,
    initial: tcb.irs >>> 0,
    readable: receiveBuffer.readable,
    windowEnd: tcb.receiveWindow,
    capacity: receiveBuffer.limit,
    islands,
  };
}

function armedTimers(timers: ConnectionTimers, setAt: SetAt): ArmedTimer[] {
  return CONNECTION_TIMERS.flatMap(([timer, field]) => armed(timer, timers[field], setAt));
}

function armed(timer: TimerName, at: Instant, setAt: SetAt): ArmedTimer[] {
  return at === NEVER ? [] : [{ timer, setAt: setAt(timer, at), at }];
}

/** What records without parts have in common: nothing is known of the path, and nothing waits. */
const NO_METRICS = { cwnd: 0, inFlight: 0, srtt: 0, rttvar: 0, minRtt: 0, rto: 0 };
const NOTHING_SENT = { congestionEnd: 0, written: 0, capacity: 0, pieces: [] } as const;
const NOTHING_RECEIVED = { readable: 0, capacity: 0, islands: [] } as const;

function ofSynEntry(entry: SynEntry, connection: number, now: Instant, setAt: SetAt): Snapshot {
  return {
    type: "snapshot",
    connection,
    time: now,
    state: "SYN-RECEIVED",
    metrics: { ...NO_METRICS, sendWindow: entry.window, receiveWindow: 0 },
    send: {
      ...NOTHING_SENT,
      unacknowledged: entry.iss >>> 0,
      initial: entry.iss >>> 0,
      next: 1,
      windowEnd: entry.window,
      blockedBy: "handshake",
    },
    receive: {
      ...NOTHING_RECEIVED,
      next: entry.rcvNxt >>> 0,
      initial: entry.irs >>> 0,
      windowEnd: 0,
    },
    timers: armed("syn-ack", entry.deadline, setAt),
  };
}

function ofTimeWait(record: TimeWait, connection: number, now: Instant, setAt: SetAt): Snapshot {
  return {
    type: "snapshot",
    connection,
    time: now,
    state: "TIME-WAIT",
    metrics: { ...NO_METRICS, sendWindow: 0, receiveWindow: record.window },
    send: {
      ...NOTHING_SENT,
      unacknowledged: record.sndNxt >>> 0,
      initial: record.sndNxt >>> 0,
      next: 0,
      windowEnd: 0,
      blockedBy: "nothing-to-send",
    },
    receive: {
      ...NOTHING_RECEIVED,
      next: record.rcvNxt >>> 0,
      initial: record.rcvNxt >>> 0,
      windowEnd: record.window,
    },
    timers: armed("time-wait", record.deadline, setAt),
  };
}
