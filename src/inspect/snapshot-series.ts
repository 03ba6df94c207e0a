/**
 * Snapshots of the connections that somebody watches, one after another: so often at most, and each timer
 * with the instant at which it was first seen armed, for TCP itself only knows when it runs out.
 */
import type { Duration, Instant } from "../base/time.ts";
import type { TimerName } from "../trace/event.ts";
import type { ConnectionEntry } from "./connection-entry.ts";
import type { Snapshot } from "./protocol.ts";
import { snapshotOf } from "./snapshot.ts";

interface Armed {
  readonly at: Instant;
  readonly since: Instant;
}

export class SnapshotSeries {
  readonly #interval: Duration;
  #lastAt = Number.NEGATIVE_INFINITY;
  readonly #timers = new Map<number, Map<TimerName, Armed>>();

  constructor(interval: Duration) {
    this.#interval = interval;
  }

  /** Whether it is time for the next ones. */
  due(now: Instant): boolean {
    if (now - this.#lastAt < this.#interval) return false;
    this.#lastAt = now;
    return true;
  }

  take(entry: ConnectionEntry, now: Instant): Snapshot {
    const known = this.#timers.get(entry.number) ?? new Map<TimerName, Armed>();
    this.#timers.set(entry.number, known);
    return snapshotOf(entry.record, entry.number, now, (timer, at) => {
      const before = known.get(timer);
      if (before?.at === at) return before.since;
      known.set(timer, { at, since: now });
      return now;
    });
  }

  /** The connection has no row any more. */
  forget(connection: number): void {
    this.#timers.delete(connection);
  }
}
