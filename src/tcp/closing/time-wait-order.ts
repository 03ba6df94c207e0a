/**
 * TIME-WAIT records in the order in which they end. All wait for the same time, so the order in which they
 * come is the one in which they go: each step of a record is a few links, however many there are.
 */
import { type Instant, NEVER } from "../../base/time.ts";
import type { TimeWait } from "./time-wait.ts";

export class TimeWaitOrder {
  #first: TimeWait | undefined = undefined;
  #last: TimeWait | undefined = undefined;

  /** When the first ends. */
  get deadline(): Instant {
    return this.#first?.deadline ?? NEVER;
  }

  /** The first, if it has waited long enough. */
  due(now: Instant): TimeWait | undefined {
    return this.deadline <= now ? this.#first : undefined;
  }

  add(record: TimeWait): void {
    // Only where the time to wait has been made shorter do later ones end before it.
    let before = this.#last;
    while (before !== undefined && before.deadline > record.deadline) before = before.endsAfter;
    const behind = before === undefined ? this.#first : before.endsBefore;
    record.endsAfter = before;
    record.endsBefore = behind;
    if (before === undefined) this.#first = record;
    else before.endsBefore = record;
    if (behind === undefined) this.#last = record;
    else behind.endsAfter = record;
  }

  remove(record: TimeWait): void {
    const { endsAfter: before, endsBefore: behind } = record;
    if (before === undefined) this.#first = behind;
    else before.endsBefore = behind;
    if (behind === undefined) this.#last = before;
    else behind.endsAfter = before;
    // What is gone must not hold what follows.
    record.endsAfter = undefined;
    record.endsBefore = undefined;
  }
}
