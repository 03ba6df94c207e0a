/**
 * How many events of a host are put down: so many in each slice of time, and the rest is counted. A
 * connection at full speed makes millions a second; nobody can look at them, and making them costs the host
 * its speed. What is taken is one stretch of each slice, so that what is seen belongs together.
 */
import type { Instant } from "../base/time.ts";
import type { EventName } from "../trace/event.ts";
import { isTraffic } from "./event-history.ts";

/** µs */
const SLICE = 10_000;

/** Events a slice. */
export interface EventLimits {
  readonly steps: number;
  readonly metrics: number;
  readonly traffic: number;
}

export class EventBudget {
  readonly #limits: EventLimits;
  /** The end of the slice. */
  #until = Number.NEGATIVE_INFINITY;
  #steps = 0;
  #metrics = 0;
  #traffic = 0;

  constructor(limits: EventLimits) {
    this.#limits = limits;
  }

  /** Whether an event may be put down now. */
  has(name: EventName, now: Instant): boolean {
    if (now >= this.#until) this.#begin(now);
    if (name === "tcp:metrics") return this.#metrics < this.#limits.metrics;
    return isTraffic(name) ? this.#traffic < this.#limits.traffic : this.#steps < this.#limits.steps;
  }

  /** It was put down. */
  spent(name: EventName): void {
    if (name === "tcp:metrics") this.#metrics++;
    else if (isTraffic(name)) this.#traffic++;
    else this.#steps++;
  }

  #begin(now: Instant): void {
    this.#until = now - (now % SLICE) + SLICE;
    this.#steps = 0;
    this.#metrics = 0;
    this.#traffic = 0;
  }
}

/** Connections whose skipped events are counted one by one; those of others are counted together. */
const MOST_COUNTED = 10_000;

/** How many events of each connection were not put down since the last that was. */
export class SkippedEvents {
  readonly #counts = new Map<number, { events: number }>();

  count(connection: number): void {
    const known = this.#counts.get(connection);
    if (known !== undefined) known.events++;
    else if (connection === 0 || this.#counts.size < MOST_COUNTED)
      this.#counts.set(connection, { events: 1 });
    else this.count(0);
  }

  /** And forgets it. */
  take(connection: number): number {
    const known = this.#counts.get(connection);
    if (known === undefined) return 0;
    this.#counts.delete(connection);
    return known.events;
  }
}
