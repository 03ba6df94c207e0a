/** The speed of a simulation on a slider: from a hundredth to a hundredfold, each step about a fifth faster. */
const SLOWEST = 0.01;
const FASTEST = 100;
const STEPS_A_DECADE = 12;

/** Places on the slider: 0 to this. */
export const SPEED_STEPS = STEPS_A_DECADE * Math.log10(FASTEST / SLOWEST);

/** The nearest place; beyond the ends there is none, so it is the end. */
export function placeOfSpeed(speed: number): number {
  const place = STEPS_A_DECADE * Math.log10(speed / SLOWEST);
  return Math.round(Math.min(SPEED_STEPS, Math.max(0, place)));
}

/** Rounded to two digits, so that it can be read: 1, 1.2, 1.5, 1.8, ... */
export function speedAt(place: number): number {
  return Number((SLOWEST * 10 ** (place / STEPS_A_DECADE)).toPrecision(2));
}
