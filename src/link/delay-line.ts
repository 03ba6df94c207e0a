/**
 * Frames on their way: each is held until its time and then handed out, those of one time in the order they
 * came. One task is scheduled, for the first of them. The receiver may ask to stop (it is full) and to go on
 * later.
 */
import type { Scheduled, Scheduler } from "../base/event-queue.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { type Instant, NEVER } from "../base/time.ts";

const FRAME_CAPACITY = 2_048;
const SPARE_LIMIT = 1_024;

class Held {
  at: Instant = NEVER;
  order = 0;
  readonly frame = new PacketBuffer(FRAME_CAPACITY);

  precedes(other: Held): boolean {
    return this.at < other.at || (this.at === other.at && this.order < other.order);
  }
}

export class DelayLine {
  readonly #scheduler: Scheduler;
  readonly #deliver: (frame: PacketBuffer) => boolean;
  /** A binary heap, the next to leave first. */
  readonly #heap: Held[] = [];
  readonly #spare: Held[] = [];
  readonly #wake = (): void => this.#woken();
  #order = 0;
  #scheduled: Scheduled | undefined;
  #scheduledAt: Instant = NEVER;
  #stopped = false;
  #releasing = false;

  /** @param deliver Takes a frame whose time has come; false: it cannot, and `resume` will be called. */
  constructor(scheduler: Scheduler, deliver: (frame: PacketBuffer) => boolean) {
    this.#scheduler = scheduler;
    this.#deliver = deliver;
  }

  get length(): number {
    return this.#heap.length;
  }

  /** The last delivery was refused; `resume` is awaited. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /**
   * Holds a copy of the frame until `at`, and answers the copy, which the caller may still change at
   * once.
   */
  hold(frame: PacketBuffer, at: Instant): PacketBuffer {
    const held = this.#spare.pop() ?? new Held();
    held.frame.copyFrom(frame);
    held.at = at;
    held.order = this.#order++;
    this.#siftUp(held);
    this.#schedule();
    return held.frame;
  }

  resume(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#release();
  }

  clear(): void {
    this.#heap.length = 0;
    this.#scheduled?.cancel();
    this.#scheduled = undefined;
    this.#scheduledAt = NEVER;
  }

  #woken(): void {
    this.#scheduled = undefined;
    this.#scheduledAt = NEVER;
    this.#release();
  }

  #release(): void {
    if (this.#releasing) return;
    this.#releasing = true;
    const now = this.#scheduler.now();
    for (
      let next = this.#heap[0];
      next !== undefined && next.at <= now && !this.#stopped;
      next = this.#heap[0]
    ) {
      this.#pop();
      if (this.#deliver(next.frame)) {
        if (this.#spare.length < SPARE_LIMIT) this.#spare.push(next);
      } else {
        this.#stopped = true;
        this.#siftUp(next);
      }
    }
    this.#releasing = false;
    this.#schedule();
  }

  #schedule(): void {
    const next = this.#heap[0];
    if (next === undefined || this.#stopped || this.#releasing || next.at >= this.#scheduledAt) return;
    this.#scheduled?.cancel();
    this.#scheduledAt = next.at;
    this.#scheduled = this.#scheduler.schedule(next.at, this.#wake);
  }

  #siftUp(held: Held): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Held;
      if (!held.precedes(parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = held;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as Held).precedes(heap[below] as Held)) below++;
      const child = heap[below] as Held;
      if (!child.precedes(last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}
