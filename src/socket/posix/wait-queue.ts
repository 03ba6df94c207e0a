/**
 * Who waits for a file: blocked calls, polls and epoll instances, each woken with what the file is woken for
 * (Linux's wait queues and their keys). Key 0 is for everybody.
 */
export type Waiter = (key: number) => void;

export class WaitQueue {
  readonly #waiters = new Set<Waiter>();

  /** Whoever waits: for tests that nothing is left behind. */
  get size(): number {
    return this.#waiters.size;
  }

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  remove(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  /** In the order in which they came; who is taken out meanwhile is not woken. */
  wake(key: number): void {
    if (this.#waiters.size === 0) return;
    for (const waiter of [...this.#waiters]) if (this.#waiters.has(waiter)) waiter(key);
  }
}
