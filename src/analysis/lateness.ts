/**
 * Text that fills a hole was overtaken on its way, or it was lost before the capture and is sent again.
 * Identifications and timestamps grow in the order of sending, so they tell; else time does: a sender needs a
 * round trip to learn of a hole.
 */
import type { CapturedSegment } from "./captured-segment.ts";
import type { Hole } from "./sent-text.ts";

/** Where the round trip is not known. */
const SHORT = 3_000;
/** Identifications of a counter are no further apart. */
const NEAR = 1024;

/** Whether an end's identifications are a counter: RFC 6864 does not ask for one. */
export class Identifications {
  #last = 0;
  #near = 0;
  #far = 0;

  seen(identification: number): void {
    if (identification !== 0 && this.#last !== 0) {
      const step = distance(identification, this.#last);
      // What is overtaken steps back.
      if (Math.abs(step) >= NEAR) this.#far++;
      else if (step !== 0) this.#near++;
    }
    this.#last = identification;
  }

  get areCounted(): boolean {
    return this.#near >= 3 && this.#near > 4 * this.#far;
  }
}

export function wasOvertaken(
  segment: CapturedSegment,
  hole: Hole,
  identifications: Identifications,
  roundTrip: number,
): boolean {
  const { identification, hasTimestamps, timestampValue, time } = segment;
  if (identifications.areCounted && identification !== 0 && hole.identification !== 0) {
    return distance(identification, hole.identification) < 0;
  }
  if (hasTimestamps && timestampValue !== hole.timestamp) return ((timestampValue - hole.timestamp) | 0) < 0;
  return time - hole.openedAt < (roundTrip > 0 ? 0.9 * roundTrip : SHORT);
}

/** Modulo 2¹⁶. */
function distance(later: number, earlier: number): number {
  return ((later - earlier) << 16) >> 16;
}
