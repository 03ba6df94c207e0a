/**
 * A failed simulation: says what broke, and the seed and the moment by which to see it again.
 */
import type { Instant } from "../base/time.ts";

/** What a failure must know of a run. */
export interface Run {
  readonly seed: number;
  now(): Instant;
}

export class SimulationFailure extends Error {
  override readonly name = "SimulationFailure";
  readonly seed: number;
  readonly at: Instant;

  constructor(run: Run, message: string, cause?: unknown) {
    super(
      `${message} (seed ${run.seed}, at ${secondsText(run.now())} s)`,
      cause === undefined ? {} : { cause },
    );
    this.seed = run.seed;
    this.at = run.now();
  }
}

/** `1.000250`: an instant in seconds, exactly. */
export function secondsText(at: Instant): string {
  const whole = Math.floor(at / 1_000_000);
  return `${whole}.${String(at - whole * 1_000_000).padStart(6, "0")}`;
}
