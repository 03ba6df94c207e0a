/** The turns of the event loop as the program of a simulated host has them: counted, and in the host. */
import type { Turns } from "../handles/turns.ts";
import type { Activity } from "./activity.ts";

export class SimTurns implements Turns {
  readonly #turns: Turns;
  readonly #activity: Activity;
  readonly #inHost: (run: () => void) => void;

  /** @param turns shared by all hosts, so that what happens to them keeps its order */
  constructor(turns: Turns, activity: Activity, inHost: (run: () => void) => void) {
    this.#turns = turns;
    this.#activity = activity;
    this.#inHost = inHost;
  }

  happened(run: () => void): void {
    this.#turns.happened(this.#activity.expect(() => this.#inHost(run)));
  }

  arrived(run: () => void): void {
    this.#turns.arrived(this.#activity.expect(() => this.#inHost(run)));
  }

  later(run: () => void): void {
    this.#turns.later(this.#activity.expect(() => this.#inHost(run)));
  }
}
