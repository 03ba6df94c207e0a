/**
 * Lazy timers: an owner keeps its timers as plain numbers and shows the earliest as `deadline`. The queue
 * holds one entry an owner. A deadline that moves later costs nothing: the entry comes up at its old time, is
 * looked at, and is put back. Only one that moves earlier is sifted up.
 */
import { type Instant, NEVER } from "./time.ts";

export interface TimerOwner {
  /** When the owner wants to be called; `NEVER` when it does not. */
  readonly deadline: Instant;
  /** The queue's own: the time of the owner's entry, and its place in the heap or −1. */
  timerAt: Instant;
  timerSlot: number;
}

export class TimerQueue<Owner extends TimerOwner> {
  readonly #heap: Owner[] = [];

  /** Owners with an entry. */
  get size(): number {
    return this.#heap.length;
  }

  /** To be called when an owner's deadline may have moved earlier. */
  touch(owner: Owner): void {
    const deadline = owner.deadline;
    if (owner.timerSlot >= 0) {
      if (deadline >= owner.timerAt) return;
      owner.timerAt = deadline;
      this.#siftUp(owner, owner.timerSlot);
    } else if (deadline !== NEVER) {
      owner.timerAt = deadline;
      this.#siftUp(owner, this.#heap.length);
    }
  }

  remove(owner: Owner): void {
    const slot = owner.timerSlot;
    if (slot < 0) return;
    owner.timerSlot = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === owner) return;
    this.#siftUp(last, slot);
    this.#siftDown(last, last.timerSlot);
  }

  /** No owner is due before this; one may turn out not to be due even then. */
  next(): Instant {
    return this.#heap[0]?.timerAt ?? NEVER;
  }

  /** Calls `expired` for each owner that is due. The owner must then have moved its deadline past `now`. */
  run(now: Instant, expired: (owner: Owner) => void): void {
    for (;;) {
      const owner = this.#heap[0];
      if (owner === undefined || owner.timerAt > now) return;
      if (owner.deadline <= now) expired(owner);
      if (owner.timerSlot < 0) continue;
      if (owner.deadline === NEVER) {
        this.remove(owner);
      } else {
        owner.timerAt = owner.deadline;
        this.#siftDown(owner, owner.timerSlot);
      }
    }
  }

  #siftUp(owner: Owner, from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Owner;
      if (parent.timerAt <= owner.timerAt) break;
      heap[at] = parent;
      parent.timerSlot = at;
      at = above;
    }
    heap[at] = owner;
    owner.timerSlot = at;
  }

  #siftDown(owner: Owner, from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as Owner).timerAt < (heap[below] as Owner).timerAt)
        below++;
      const child = heap[below] as Owner;
      if (child.timerAt >= owner.timerAt) break;
      heap[at] = child;
      child.timerSlot = at;
      at = below;
    }
    heap[at] = owner;
    owner.timerSlot = at;
  }
}
