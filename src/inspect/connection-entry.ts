/**
 * One connection in the table: the record that TCP has of it now (half-open, a connection, TIME-WAIT), its
 * row as it was last read, and what it had done a second ago.
 *
 * A look costs what has changed: of a resting connection that has been silent nothing is read, so that a
 * table of thousands of idle ones wakes none of them (docs/decisions/resting-connections.md).
 */
import type { Instant } from "../base/time.ts";
import type { TimeWait } from "../tcp/closing/time-wait.ts";
import type { SynEntry } from "../tcp/handshake/syn-entry.ts";
import type { TcpRecord } from "../tcp/records.ts";
import type { TcpState } from "../tcp/states.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import { isWritable } from "../tcp/write.ts";
import { blockedBy } from "./blocked-by.ts";
import type { ConnectionRow, Verdict } from "./protocol.ts";
import { RateWindow } from "./rate-window.ts";
import { type Facts, verdictsOf } from "./verdicts.ts";

/** What a row says beyond the record's name. */
interface Numbers {
  readonly state: TcpState;
  readonly congestionControl: string;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly srtt: number;
  readonly retransmissions: number;
  readonly error: string | undefined;
}

const NOTHING_YET = { congestionControl: "", bytesSent: 0, bytesReceived: 0, srtt: 0, retransmissions: 0 };

export class ConnectionEntry {
  readonly number: number;
  readonly host: string;
  row: ConnectionRow;
  /** Among those that are looked at in turn: the table's. */
  place = -1;
  #record: TcpRecord;
  readonly #rates = new RateWindow();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isOver = false;

  constructor(number: number, host: string, record: TcpRecord, now: Instant) {
    this.number = number;
    this.host = host;
    this.#record = record;
    this.row = {
      connection: number,
      host,
      local: record.local.toString(),
      localPort: record.localPort,
      remote: record.remote.toString(),
      remotePort: record.remotePort,
      role: isPassive(record) ? "passive" : "active",
      openedAt: openedAt(record, now),
      ...rowOf({ ...NOTHING_YET, state: stateOf(record), error: undefined }, 0, 0, []),
    };
  }

  get record(): TcpRecord {
    return this.#record;
  }

  /** It has left: its row is its last. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** TCP has another record of the same connection now. What the one before has told stays. */
  became(record: TcpRecord, now: Instant): void {
    this.look(now);
    this.#record = record;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }

  ended(now: Instant): boolean {
    const changed = this.look(now);
    this.#isOver = true;
    const { state } = this.row;
    if (state === "CLOSED" && this.row.sendRate === 0 && this.row.receiveRate === 0) return changed;
    this.row = { ...this.row, state: "CLOSED", sendRate: 0, receiveRate: 0 };
    return true;
  }

  /** Reads the row anew. True: it is another one. */
  look(now: Instant): boolean {
    if (this.#isOver) return false;
    const next = this.#read(now);
    this.#lookedAt = now;
    if (next === undefined || isSame(next, this.row)) return false;
    this.row = { ...this.row, ...next };
    return true;
  }

  /** Undefined: nothing can have changed. */
  #read(now: Instant): ReadRow | undefined {
    const record = this.#record;
    if (record.kind !== "connection") return this.#ofRecord(record);
    if (!record.isResting || this.#hasHeard(record)) return this.#ofConnection(record, now);
    return this.#rates.isStill ? undefined : this.#ofSilent(now);
  }

  /** Something came or went since the last look. */
  #hasHeard({ lastHeardAt, lastSentAt, state }: TcpConnection): boolean {
    return lastHeardAt >= this.#lookedAt || lastSentAt >= this.#lookedAt || state !== this.row.state;
  }

  /** A resting connection rests again. */
  #ofConnection(c: TcpConnection, now: Instant): ReadRow {
    const isResting = c.isResting;
    const { tally } = c;
    const { syn, timeout, fast, rack, tlp, size } = tally.retransmissions;
    const retransmissions = syn + timeout + fast + rack + tlp + size;
    const overtaken = tally.outOfOrderSegments + c.reordering.seen;
    const window = this.#rates.add(now, tally.bytesSent, tally.bytesReceived, retransmissions, overtaken);
    const numbers = {
      state: c.state,
      congestionControl: c.congestion.name,
      bytesSent: tally.bytesSent,
      bytesReceived: tally.bytesReceived,
      srtt: Math.round(c.rtt.srtt),
      retransmissions,
      error: c.error,
    };
    const verdicts = verdictsOf({ ...factsOf(c), ...window });
    if (isResting) c.rest();
    return rowOf(numbers, window.sendRate, window.receiveRate, verdicts);
  }

  /** It rests, and has been silent since the last look: only its rates go down. */
  #ofSilent(now: Instant): ReadRow {
    const window = this.#rates.again(now);
    const verdicts = verdictsOf({ ...AT_REST, state: this.row.state, ...window });
    return rowOf({ ...this.row, error: this.row.error }, window.sendRate, window.receiveRate, verdicts);
  }

  #ofRecord(record: SynEntry | TimeWait): ReadRow {
    const state = stateOf(record);
    const again = record.kind === "syn-received" ? record.retransmissions : this.row.retransmissions;
    const verdicts: Verdict[] = record.kind === "syn-received" ? ["half-open"] : [];
    if (record.kind === "syn-received" && record.timeouts > 0) verdicts.push("retrying");
    return rowOf({ ...this.row, state, retransmissions: again, error: this.row.error }, 0, 0, verdicts);
  }
}

function rowOf(numbers: Numbers, sendRate: number, receiveRate: number, verdicts: readonly Verdict[]) {
  const { state, congestionControl, bytesSent, bytesReceived, srtt, retransmissions, error } = numbers;
  return {
    state,
    congestionControl,
    bytesSent,
    bytesReceived,
    sendRate,
    receiveRate,
    srtt,
    retransmissions,
    verdicts,
    ...(error === undefined ? {} : { error }),
  };
}

type ReadRow = ReturnType<typeof rowOf>;

function isSame(next: ReadRow, row: ConnectionRow): boolean {
  return (
    next.state === row.state &&
    next.bytesSent === row.bytesSent &&
    next.bytesReceived === row.bytesReceived &&
    next.sendRate === row.sendRate &&
    next.receiveRate === row.receiveRate &&
    next.srtt === row.srtt &&
    next.retransmissions === row.retransmissions &&
    next.congestionControl === row.congestionControl &&
    next.error === row.error &&
    next.verdicts.join() === row.verdicts.join()
  );
}

/** Of this moment; what happened in the last second is added to them. */
type PresentFacts = Omit<Facts, keyof ReturnType<RateWindow["add"]>>;

const AT_REST: PresentFacts = {
  state: "ESTABLISHED",
  error: undefined,
  blockedBy: "nothing-to-send",
  recovery: "open",
  backoff: 0,
  unsent: 0,
  inFlight: 0,
  peerWindow: 0,
  readable: 0,
  receiveCapacity: 0,
  writerWaits: false,
};

function factsOf(c: TcpConnection): PresentFacts {
  const mayWrite = !c.sendClosed && !c.isOver;
  return {
    state: c.state,
    error: c.error,
    blockedBy: blockedBy(c),
    recovery: c.recovery.state,
    backoff: c.rto.backoff,
    unsent: c.unsent,
    inFlight: c.queue.pipe,
    peerWindow: c.tcb.snd.wnd,
    readable: c.readable,
    receiveCapacity: c.receiveBuffer.limit,
    writerWaits: mayWrite && c.sendQueue > 0 && !isWritable(c),
  };
}

function stateOf(record: TcpRecord): TcpState {
  if (record.kind === "connection") return record.state;
  return record.kind === "time-wait" ? "TIME-WAIT" : "SYN-RECEIVED";
}

function isPassive(record: TcpRecord): boolean {
  return record.kind === "syn-received" || (record.kind === "connection" && record.listener !== undefined);
}

function openedAt(record: TcpRecord, now: Instant): number {
  if (record.kind === "connection") return record.openedAt;
  return record.kind === "time-wait" ? record.enteredAt : now;
}
