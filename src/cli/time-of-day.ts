/** The time of day with the grain of the monotonic clock. */

/** µs since 1970. */
export function timeOfDay(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1_000);
}

/** Minutes by which local time is ahead of UTC at a time of day. */
export function zoneOffset(micros: number): number {
  return -new Date(micros / 1_000).getTimezoneOffset();
}
