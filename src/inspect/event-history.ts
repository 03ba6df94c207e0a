/**
 * What has happened lately, for pages that come late: the newest events of all hosts, in bounded memory. What
 * is rare and says most (states, losses, ends) has room of its own, so that the segments of one busy
 * connection do not push out the beginnings of all others.
 */
import { Fifo } from "../base/fifo.ts";
import type { EventName, TraceEvent } from "../trace/event.ts";

export interface HistoryLimits {
  /** Steps: events that are rare. */
  readonly steps: number;
  readonly traffic: number;
}

/** Many of these come with every round trip. */
const TRAFFIC: ReadonlySet<EventName> = new Set<EventName>([
  "tcp:sent",
  "tcp:received",
  "tcp:acknowledged",
  "tcp:metrics",
  "tcp:timer",
  "tcp:written",
  "tcp:read",
  "link:fault",
  "host:dropped",
  "trace:skipped",
]);

export function isTraffic(name: EventName): boolean {
  return TRAFFIC.has(name);
}

class Kept {
  readonly order: number;
  readonly event: TraceEvent;

  constructor(order: number, event: TraceEvent) {
    this.order = order;
    this.event = event;
  }
}

export class EventHistory {
  readonly #limits: HistoryLimits;
  readonly #steps = new Fifo<Kept>();
  readonly #traffic = new Fifo<Kept>();
  #order = 0;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  add(event: TraceEvent): void {
    const { steps, traffic } = this.#limits;
    if (isTraffic(event.name)) this.#keep(this.#traffic, traffic, event);
    else this.#keep(this.#steps, steps, event);
  }

  /** Those of these connections, the oldest first; the newest `most` of them. */
  of(connections: ReadonlySet<number>, most: number): TraceEvent[] {
    const found = [...matching(this.#steps, connections), ...matching(this.#traffic, connections)];
    found.sort((a, b) => a.order - b.order);
    return found.slice(-most).map(({ event }) => event);
  }

  #keep(kept: Fifo<Kept>, most: number, event: TraceEvent): void {
    if (kept.length >= most) kept.shift();
    kept.push(new Kept(this.#order++, event));
  }
}

function matching(kept: Fifo<Kept>, connections: ReadonlySet<number>): Kept[] {
  const found: Kept[] = [];
  // A turn of the ring: each goes out in front and in again behind.
  for (let left = kept.length; left > 0; left--) {
    const item = kept.shift() as Kept;
    kept.push(item);
    if (connections.has(item.event.connection)) found.push(item);
  }
  return found;
}
