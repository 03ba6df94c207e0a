/** A promise with its two ends outside. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Nobody need look at the rejection: it is told elsewhere too. */
  ignoreRejection(): this {
    this.promise.catch(() => {});
    return this;
  }
}
