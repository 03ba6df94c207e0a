/**
 * Which events are made at all. The recorder asks before it makes one; what somebody watches has a budget of
 * its own, so that it is seen in full where all the others are thinned. What was left out is told by the next
 * event of the same connection.
 */
import type { Instant } from "../base/time.ts";
import type { EventName, TraceEvent } from "../trace/event.ts";
import { EventBudget, SkippedEvents } from "./event-budget.ts";
import type { InspectorLimits } from "./limits.ts";

export class EventGate {
  readonly #isWatched: (connection: number) => boolean;
  readonly #watched: EventBudget;
  readonly #unwatched: EventBudget;
  readonly #skipped = new SkippedEvents();

  constructor(
    { watched, unwatched }: Pick<InspectorLimits, "watched" | "unwatched">,
    isWatched: (connection: number) => boolean,
  ) {
    this.#isWatched = isWatched;
    this.#watched = new EventBudget(watched);
    this.#unwatched = new EventBudget(unwatched);
  }

  /** Whether there is room for an event, which may then be made or not. `now`: of the host's event. */
  wants(connection: number, name: EventName, now: Instant): boolean {
    if (this.#budgetOf(connection).has(name, now)) return true;
    // Numbers and timers are states: the next event of theirs tells all.
    if (name !== "tcp:metrics" && name !== "tcp:timer") this.#skipped.count(connection);
    return false;
  }

  /** An event was made. Answers what goes before it: how many were not. */
  made({ time, host, connection, name }: TraceEvent): TraceEvent | undefined {
    this.#budgetOf(connection).spent(name);
    const events = this.#skipped.take(connection);
    return events === 0 ? undefined : { time, host, connection, name: "trace:skipped", data: { events } };
  }

  #budgetOf(connection: number): EventBudget {
    return this.#isWatched(connection) ? this.#watched : this.#unwatched;
  }
}
