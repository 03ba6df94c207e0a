/**
 * Things that shall happen at given instants, in order; those of one instant in the order they were asked
 * for. The simulator jumps from one to the next, the driver of a real host sleeps between them.
 */
import { type Instant, NEVER } from "./time.ts";

export interface Scheduler {
  now(): Instant;
  /** Runs `task` at `at`, or as soon as possible when that is past; never within this call. */
  schedule(at: Instant, task: () => void): Scheduled;
}

export interface Scheduled {
  cancel(): void;
}

const CANCELLED_KEPT = 64;

class Entry implements Scheduled {
  readonly at: Instant;
  readonly order: number;
  task: (() => void) | undefined;
  readonly #queue: EventQueue;

  constructor(queue: EventQueue, at: Instant, order: number, task: () => void) {
    this.#queue = queue;
    this.at = at;
    this.order = order;
    this.task = task;
  }

  /** The entry stays in the heap and is skipped at its time, unless the queue clears it out before. */
  cancel(): void {
    if (this.task === undefined) return;
    this.task = undefined;
    this.#queue.cancelled();
  }
}

function precedes(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

export class EventQueue {
  /** A binary heap, the next entry first. */
  readonly #heap: Entry[] = [];
  #order = 0;
  #cancelled = 0;

  /** Entries in memory, cancelled ones included: at most twice those that wait, or `CANCELLED_KEPT` more. */
  get size(): number {
    return this.#heap.length;
  }

  add(at: Instant, task: () => void): Scheduled {
    const entry = new Entry(this, at, this.#order++, task);
    this.#siftUp(entry, this.#heap.length);
    return entry;
  }

  /** An entry's call: it was cancelled. Who moves a far deadline at every event must not fill the memory. */
  cancelled(): void {
    this.#cancelled++;
    if (this.#cancelled > CANCELLED_KEPT && this.#cancelled * 2 > this.#heap.length) this.#clearOut();
  }

  /** When the next task is due; `NEVER` without one. */
  next(): Instant {
    this.#dropCancelled();
    return this.#heap[0]?.at ?? NEVER;
  }

  /** Runs the next task if it is due at `now`. False when there was none. */
  runNext(now: Instant): boolean {
    this.#dropCancelled();
    const entry = this.#heap[0];
    if (entry === undefined || entry.at > now) return false;
    this.#pop();
    const task = entry.task;
    entry.task = undefined;
    task?.();
    return true;
  }

  #dropCancelled(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].task === undefined) {
      this.#cancelled--;
      this.#pop();
    }
  }

  #clearOut(): void {
    const waiting = this.#heap.filter(entry => entry.task !== undefined);
    this.#heap.length = 0;
    this.#cancelled = 0;
    for (const entry of waiting) this.#siftUp(entry, this.#heap.length);
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#siftDown(last);
  }

  #siftUp(entry: Entry, from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Entry;
      if (!precedes(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #siftDown(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && precedes(heap[below + 1] as Entry, heap[below] as Entry)) below++;
      const child = heap[below] as Entry;
      if (!precedes(child, entry)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = entry;
  }
}
