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
  readonly tuple: string;
  /** RFC 7323 §2: of the windows that it hears, and of those that it tells. */
  sendScale = 0;
  receiveScale = 0;
  hasLeft = false;
  /** Undefined as long as nobody wants to know. */
  metrics: Metrics | undefined = undefined;
  timers: TimerChanges | undefined = undefined;
  /** What was repaired last: an undoing may come when that is over. */
  recovery: EventData["tcp:recovery"]["kind"] = "recovery";

  constructor(number: number, tuple: string) {
    this.number = number;
    this.tuple = tuple;
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
}

/** Ends that have left are remembered for what comes too late for them: so many of each host. */
const GONE_LIMIT = 1_024;

/** The ends of one host, by their records and by their four-tuples. */
export class TracedEnds {
  readonly #records = new WeakMap<object, TracedEnd>();
  readonly #tuples = new Map<string, TracedEnd>();
  readonly #gone: TracedEnd[] = [];

  add(record: TcpEnd, number: number): TracedEnd {
    const end = new TracedEnd(number, tupleText(record));
    this.#records.set(record, end);
    this.#tuples.set(end.tuple, end);
    return end;
  }

  /** Another record stands for it. */
  moved(end: TracedEnd, record: TcpEnd): void {
    this.#records.set(record, end);
  }

  left(end: TracedEnd): void {
    end.hasLeft = true;
    this.#gone.push(end);
    if (this.#gone.length <= GONE_LIMIT) return;
    const oldest = this.#gone.shift();
    if (oldest !== undefined && this.#tuples.get(oldest.tuple) === oldest) this.#tuples.delete(oldest.tuple);
  }

  of(record: TcpEnd | FourTuple): TracedEnd | undefined {
    return this.#records.get(record);
  }

  /** Also one that has left, if it was the last between these ports. */
  between(tuple: FourTuple): TracedEnd | undefined {
    return this.#tuples.get(tupleText(tuple));
  }
}

function tupleText({ local, localPort, remote, remotePort }: FourTuple): string {
  return `${local} ${localPort} ${remote} ${remotePort}`;
}
