/** When something may come that a script expects at a time: the tolerance, absolute and relative. */
import type { Settings } from "./settings.ts";

/** How long the runner waits for a packet beyond its time, in µs. */
export const PATIENCE = 2_000_000;
/** How long a call waits for the one that is blocked before it. */
export const CALL_PATIENCE = 1_000_000;

/**
 * @param waited The time between the event and the one before it, as the script has them: the more there is,
 * the less
 *   exact a real machine is about it.
 */
export function toleranceFor(settings: Settings, waited: number): number {
  return Math.max(settings.toleranceUsecs, (settings.tolerancePercent / 100) * Math.max(waited, 0));
}

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** How far outside of the range and its tolerance a time is: 0 within, negative when it is early. */
export function lateness(seen: number, range: TimeRange, tolerance: number): number {
  if (seen < range.from - tolerance) return seen - range.from;
  if (seen > range.to + tolerance) return seen - range.to;
  return 0;
}

/** Seconds with six places, as scripts' authors read them. */
export function secondsText(microseconds: number): string {
  return (microseconds / 1_000_000).toFixed(6);
}
