/** Ctrl-C and SIGTERM: the first asks to end in order, the second to end now. */

/**
 * `npm start` passes on the Ctrl-C that the terminal has sent us already: what comes so soon after is the
 * same one.
 */
const SAME_MS = 300;

export interface Interrupts {
  /** Aborted by the first. */
  readonly first: AbortSignal;
  readonly second: AbortSignal;
  /** As if the user had interrupted. */
  interrupt(): void;
  /** Back to the system's own reaction. */
  stop(): void;
}

export function watchInterrupts(): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  let firstAt = 0;
  const received = (): void => {
    if (!first.signal.aborted) {
      firstAt = performance.now();
      first.abort();
    } else if (performance.now() - firstAt > SAME_MS) {
      second.abort();
    }
  };
  process.on("SIGINT", received);
  process.on("SIGTERM", received);
  return {
    first: first.signal,
    second: second.signal,
    interrupt: received,
    stop: () => {
      process.off("SIGINT", received);
      process.off("SIGTERM", received);
    },
  };
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => signal.addEventListener("abort", () => resolve(), { once: true }));
}
