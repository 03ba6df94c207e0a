/**
 * One end of a connection in a trace: its number, whichever record of TCP's stands for it now, and what was
 * last told of it.
 */
import { agree } from "../tcp/handshake/negotiate.ts";
import type { FourTuple, TcpEnd } from "../tcp/tcp-probe.ts";
import type { EventData, Metrics } from "./event.ts";
import type { TimerChanges } from "./timer-changes.ts";

export class TracedEnd {
  readonly number: number;
  /** RFC 7323 §2: of the windows that it hears, and of those that it tells. */
  sendScale = 0;
  receiveScale = 0;
  /** Undefined as long as nobody wants to know. */
  metrics: Metrics | undefined = undefined;
  timers: TimerChanges | undefined = undefined;
  /** What was repaired last: an undoing may come when that is over. */
  recovery: EventData["tcp:recovery"]["kind"] = "recovery";

  constructor(number: number) {
    this.number = number;
  }

  /** Of a TIME-WAIT record, nobody knows more than of the connection before it. */
  learnScales(record: TcpEnd): void {
    if (record.kind === "connection") {
      this.sendScale = record.tcb.snd.wscale;
      this.receiveScale = record.tcb.rcv.wscale;
    } else if (record.kind === "syn-received") {
      const { sendScale, receiveScale } = agree(record.ours, record.theirs);
      this.sendScale = sendScale;
      this.receiveScale = receiveScale;
    }
  }

  forgetTimers(): void {
    this.timers = undefined;
  }

  forgetMetrics(): void {
    this.metrics = undefined;
  }
}

/** Ends that have left are remembered for what comes too late for them: so many of each host. */
const GONE_LIMIT = 1_024;

/**
 * The ends of one host, by their records. Of an end of which nothing but its opening was told only the number
 * is kept; by their four-tuples TCP itself knows those that are there.
 */
export class TracedEnds {
  readonly #find: (tuple: FourTuple) => TcpEnd | undefined;
  readonly #records = new WeakMap<object, TracedEnd | number>();
  /** By their four-tuples, those first that have left first. */
  readonly #gone = new Map<string, TracedEnd>();

  /** `find`: the record that has this four-tuple now. */
  constructor(find: (tuple: FourTuple) => TcpEnd | undefined) {
    this.#find = find;
  }

  add(record: TcpEnd, number: number): void {
    this.#records.set(record, number);
  }

  /** Another record stands for it. */
  moved(before: TcpEnd, after: TcpEnd): void {
    const known = this.#records.get(before);
    if (known !== undefined) this.#records.set(after, known);
  }

  left(record: TcpEnd): void {
    const end = this.of(record);
    if (end === undefined) return;
    const tuple = tupleText(record);
    this.#gone.delete(tuple);
    this.#gone.set(tuple, end);
    if (this.#gone.size <= GONE_LIMIT) return;
    for (const oldest of this.#gone.keys()) {
      this.#gone.delete(oldest);
      return;
    }
  }

  /** 0: it is unknown. */
  numberOf(record: TcpEnd | FourTuple): number {
    const known = this.#records.get(record);
    return typeof known === "number" ? known : (known?.number ?? 0);
  }

  /** As far as anything was told of it. */
  told(record: TcpEnd): TracedEnd | undefined {
    const known = this.#records.get(record);
    return typeof known === "number" ? undefined : known;
  }

  of(record: TcpEnd | FourTuple): TracedEnd | undefined {
    const known = this.#records.get(record);
    if (typeof known !== "number") return known;
    const end = new TracedEnd(known);
    this.#records.set(record, end);
    return end;
  }

  /** Also one that has left, if it was the last between these ports. */
  between(tuple: FourTuple): TracedEnd | undefined {
    const record = this.#find(tuple);
    const end = record === undefined ? undefined : this.of(record);
    return end ?? this.#gone.get(tupleText(tuple));
  }
}

function tupleText({ local, localPort, remote, remotePort }: FourTuple): string {
  return `${local} ${localPort} ${remote} ${remotePort}`;
}
