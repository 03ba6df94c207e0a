/** Runs out when nothing has happened for a while. */
export class IdleTimer {
  /** Resolves when the time has run out, or rejects with what it was told to; never without a limit. */
  readonly expired: Promise<void>;
  readonly #limitMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #resolve: () => void = () => {};
  #reject: (reason: Error) => void = () => {};

  constructor(limitMs: number | undefined) {
    this.#limitMs = limitMs;
    this.expired = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.expired.catch(() => undefined);
  }

  /** Something has happened. From now on it is an error if nothing else does, or it is not. */
  touch(failure?: Error): void {
    if (this.#limitMs === undefined) return;
    this.#failure = failure;
    if (this.#timer !== undefined) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#expire(), this.#limitMs);
  }

  #expire(): void {
    if (this.#failure === undefined) this.#resolve();
    else this.#reject(this.#failure);
  }
}
