/** Turns of the event loop that keep the program from rest until they have come. */
import type { Turns } from "../handles/turns.ts";
import type { Activity } from "./activity.ts";

export class CountedTurns implements Turns {
  readonly #turns: Turns;
  readonly #activity: Activity;

  /** @param turns shared by all hosts, so that what happens to them keeps its order */
  constructor(turns: Turns, activity: Activity) {
    this.#turns = turns;
    this.#activity = activity;
  }

  happened(run: () => void): void {
    this.#turns.happened(this.#activity.expect(run));
  }

  arrived(run: () => void): void {
    this.#turns.arrived(this.#activity.expect(run));
  }

  later(run: () => void): void {
    this.#turns.later(this.#activity.expect(run));
  }
}
