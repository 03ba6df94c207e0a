/**
 * What must hold at every moment of a run: named checks, made after each event of the world. One that fails
 * ends the run, and names the seed and the time.
 */
import { SimulationFailure } from "./failure.ts";
import type { World } from "./world.ts";

/** Answers what is wrong, or nothing; may throw as well. */
export type Invariant = () => string | undefined;

export class Invariants {
  readonly #world: World;
  readonly #checks = new Map<string, Invariant>();

  constructor(world: World) {
    this.#world = world;
    world.afterEvent(() => this.check());
  }

  /** Replaces the invariant of the same name. */
  add(name: string, check: Invariant): void {
    this.#checks.set(name, check);
  }

  /** For something that ends: its invariants end with it. */
  remove(name: string): void {
    this.#checks.delete(name);
  }

  check(): void {
    for (const [name, check] of this.#checks) {
      let wrong: string | undefined;
      let cause: unknown;
      try {
        wrong = check();
      } catch (error) {
        wrong = error instanceof Error ? error.message : String(error);
        cause = error;
      }
      if (wrong !== undefined)
        throw new SimulationFailure(this.#world, `invariant "${name}" is broken: ${wrong}`, cause);
    }
  }
}
