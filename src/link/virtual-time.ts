/**
 * Time that jumps from one event to the next: for tests of devices, and under the simulator's world. Nothing
 * here looks at a real clock, so a run is the same every time.
 */
import { EventQueue, type Scheduled, type Scheduler } from "../base/event-queue.ts";
import { type Clock, type Duration, type Instant, instantAfter, NEVER, START_OF_TIME } from "../base/time.ts";

export class VirtualTime implements Scheduler, Clock {
  readonly #queue = new EventQueue();
  #now = START_OF_TIME;

  now(): Instant {
    return this.#now;
  }

  /** What is asked for in the past happens now, after what is already asked for now. */
  schedule(at: Instant, task: () => void): Scheduled {
    return this.#queue.add(at < this.#now ? this.#now : at, task);
  }

  /** When the next event is due; `NEVER` without one. */
  next(): Instant {
    return this.#queue.next();
  }

  /** Jumps to the next event, if it is due by `limit`, and lets it happen. False when there is none. */
  step(limit: Instant = NEVER): boolean {
    const next = this.#queue.next();
    if (next > limit || next === NEVER) return false;
    this.#now = next;
    return this.#queue.runNext(next);
  }

  /** Lets everything happen that is due within `duration`, and waits for its end. */
  runFor(duration: Duration): void {
    const end = instantAfter(this.#now, duration);
    while (this.step(end));
    this.jumpTo(end);
  }

  /** Moves the clock over a time in which nothing happens. */
  jumpTo(at: Instant): void {
    if (at > this.#now) this.#now = at;
  }
}
