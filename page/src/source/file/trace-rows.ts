/** The rows of a trace's connections: what its events add up to. */
import type { ConnectionRow, Verdict } from "../../../../src/inspect/protocol.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import { isLosing } from "./healthy-loss.ts";

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Gathered {
  readonly row: Writable<ConnectionRow>;
  first: number;
  last: number;
  segments: number;
}

export class TraceRows {
  readonly #gathered = new Map<number, Gathered>();

  add(event: TraceEvent): void {
    if (event.connection === 0) return;
    const gathered = this.#of(event);
    gathered.last = event.time;
    take(gathered, event);
  }

  rows(): ConnectionRow[] {
    return [...this.#gathered.values()].map(({ row, first, last, segments }) => {
      const seconds = Math.max(1, last - first) / 1e6;
      return {
        ...row,
        sendRate: row.bytesSent / seconds,
        receiveRate: row.bytesReceived / seconds,
        verdicts: verdicts(row, segments),
      };
    });
  }

  #of({ connection, host, time }: TraceEvent): Gathered {
    const known = this.#gathered.get(connection);
    if (known !== undefined) return known;
    const gathered = { row: unknownEnd(connection, host, time), first: time, last: time, segments: 0 };
    this.#gathered.set(connection, gathered);
    return gathered;
  }
}

function take(gathered: Gathered, event: TraceEvent): void {
  const { row } = gathered;
  switch (event.name) {
    case "tcp:opened": {
      const { state, ...end } = event.data;
      Object.assign(row, end);
      if (state !== undefined) row.state = state;
      break;
    }
    case "tcp:state":
      row.state = event.data.to;
      break;
    case "tcp:sent":
      gathered.segments++;
      if (event.data.cause === undefined) row.bytesSent += event.data.length;
      else row.retransmissions++;
      break;
    case "tcp:received":
      if (event.data.verdict === undefined || event.data.verdict === "out-of-order") {
        row.bytesReceived += event.data.length;
      }
      break;
    case "tcp:metrics":
      row.srtt = event.data.srtt;
      break;
    case "tcp:ended":
      if (event.data.error !== undefined) row.error = event.data.error;
      break;
  }
}

/** An end whose opening is not in the trace. */
function unknownEnd(connection: number, host: string, time: number): Writable<ConnectionRow> {
  return {
    connection,
    host,
    local: "?",
    localPort: 0,
    remote: "?",
    remotePort: 0,
    state: "CLOSED",
    role: "active",
    congestionControl: "",
    openedAt: time,
    bytesSent: 0,
    bytesReceived: 0,
    sendRate: 0,
    receiveRate: 0,
    srtt: 0,
    retransmissions: 0,
    verdicts: [],
  };
}

function verdicts({ error, retransmissions }: ConnectionRow, segments: number): Verdict[] {
  const found: Verdict[] = [];
  if (error === "ECONNRESET" || error === "ECONNREFUSED") found.push("reset");
  if (isLosing(retransmissions, segments)) found.push("losing");
  return found;
}
