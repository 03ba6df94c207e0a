/**
 * Ephemeral ports: RFC 6056 §3.3.3, algorithm 3 (simple hash-based): ports for one destination go up one by
 * one from an offset that strangers cannot guess.
 */
export class EphemeralPorts {
  readonly #first: number;
  readonly #count: number;
  #next = 0;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#count = last - first + 1;
  }

  /** The first free port from the offset on, or undefined when all are taken. */
  choose(offset: number, isFree: (port: number) => boolean): number | undefined {
    for (let tries = 0; tries < this.#count; tries++) {
      const port = this.#first + ((offset + this.#next++) % this.#count);
      if (isFree(port)) return port;
    }
    return undefined;
  }
}
