/** The timers of an end at an instant: which were armed, what became of the others, how often. */
import type { ArmedTimer } from "../../../../src/inspect/protocol.ts";
import type { StoryTimer } from "../../../../src/inspect/story.ts";
import type { TimerName } from "../../../../src/trace/event.ts";

export interface TimerTally {
  readonly timer: TimerName;
  readonly set: number;
  readonly fired: number;
  readonly cancelled: number;
  readonly last: StoryTimer;
}

/** What had happened by an instant. */
export function timersUntil(
  timers: readonly StoryTimer[],
  instant: number | undefined,
): readonly StoryTimer[] {
  if (instant === undefined) return timers;
  let end = timers.length;
  while (end > 0 && (timers[end - 1]?.time ?? 0) > instant) end--;
  return timers.slice(0, end);
}

/** In the order in which each was set first. */
export function talliesOf(timers: readonly StoryTimer[]): TimerTally[] {
  const tallies = new Map<TimerName, { set: number; fired: number; cancelled: number; last: StoryTimer }>();
  for (const event of timers) {
    const tally = tallies.get(event.timer) ?? { set: 0, fired: 0, cancelled: 0, last: event };
    tally[event.change]++;
    tally.last = event;
    tallies.set(event.timer, tally);
  }
  return [...tallies].map(([timer, tally]) => ({ timer, ...tally }));
}

/** Those whose last event was to be set. */
export function armedOf(tallies: readonly TimerTally[]): ArmedTimer[] {
  return tallies.flatMap(({ timer, last }) =>
    last.change === "set" && last.at !== undefined ? [{ timer, setAt: last.time, at: last.at }] : [],
  );
}

/** Those that have run out or were called off, the newest first. */
export function recentOf(timers: readonly StoryTimer[], most: number): StoryTimer[] {
  const recent: StoryTimer[] = [];
  for (let index = timers.length - 1; index >= 0 && recent.length < most; index--) {
    const event = timers[index];
    if (event !== undefined && event.change !== "set") recent.push(event);
  }
  return recent;
}

/** How much of its time is left: 1 when it has just been set, 0 when it runs out. */
export function shareLeft({ setAt, at }: ArmedTimer, now: number): number {
  if (at <= setAt) return 0;
  return Math.min(1, Math.max(0, (at - now) / (at - setAt)));
}
