/**
 * Time as a value. An `Instant` is a count of whole microseconds on a monotonic clock with an arbitrary
 * origin; a
 * `Duration` is a count of whole microseconds. The core never asks for the time: `host/` reads its `Clock`
 * once per event and hands `now` down.
 */
export type Instant = number & { readonly __unit: "µs instant" };
export type Duration = number & { readonly __unit: "µs duration" };

export interface Clock {
  now(): Instant;
}

/** Later than any deadline: a timer that is not armed. */
export const NEVER = Number.POSITIVE_INFINITY as Instant;
export const START_OF_TIME = 0 as Instant;

export function microseconds(count: number): Duration {
  return Math.round(count) as Duration;
}

export function milliseconds(count: number): Duration {
  return Math.round(count * 1_000) as Duration;
}

export function seconds(count: number): Duration {
  return Math.round(count * 1_000_000) as Duration;
}

export function instantAfter(instant: Instant, duration: Duration): Instant {
  return (instant + duration) as Instant;
}

export function elapsed(from: Instant, to: Instant): Duration {
  return (to - from) as Duration;
}

export function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
