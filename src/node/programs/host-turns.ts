/** The turns of the event loop as the programs of a host have them: whatever happens to it runs in it. */
import type { Turns } from "../handles/turns.ts";

export class HostTurns implements Turns {
  readonly #turns: Turns;
  readonly #inHost: (run: () => void) => void;

  constructor(turns: Turns, inHost: (run: () => void) => void) {
    this.#turns = turns;
    this.#inHost = inHost;
  }

  happened(run: () => void): void {
    this.#turns.happened(() => this.#inHost(run));
  }

  /** What C++ calls it calls in the context of its handle, which was made in the host. */
  arrived(run: () => void): void {
    this.#turns.arrived(run);
  }

  later(run: () => void): void {
    this.#turns.later(() => this.#inHost(run));
  }
}
