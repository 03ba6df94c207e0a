/**
 * Text that was sent and of which more may come, found by its numbers: units are cut and joined under way,
 * so what arrives may be a part of what was sent, or several of them. Each is filed under the stretches of
 * numbers that it touches, so that an arrival looks at its neighbors only, however many never come.
 */
import type { PairedSegment } from "./paired-segment.ts";
import { RecentMap } from "./recent-map.ts";
import type { StorySegment } from "./story.ts";

/** Numbers of one stretch: as many as a unit has at most, so it touches two. */
const STRETCH = 65_536;
/** Stretches are counted modulo this: whoever comes around meets others' text, which is none of its. */
const STRETCHES = 2 ** 20;
/** Of one stretch and one timestamp: single bytes, or the same text again and again. */
const MOST = 256;

export class PendingTexts {
  readonly #stretches: RecentMap<number, PairedSegment[]>;
  readonly #found: PairedSegment[] = [];

  /** It keeps so many stretches at least. */
  constructor(kept: number) {
    this.#stretches = new RecentMap(kept);
  }

  add(paired: PairedSegment): void {
    const { segment } = paired;
    for (let at = firstOf(segment); at <= lastOf(segment); at++) {
      const key = keyOf(segment, at);
      const there = this.#stretches.get(key);
      if (there === undefined) this.#stretches.set(key, [paired]);
      else {
        there.push(paired);
        if (there.length > MOST) there.shift();
      }
    }
  }

  /** Those of which this may be a part, or that are parts of it: in order of sending, until the next call. */
  around(arrival: StorySegment): readonly PairedSegment[] {
    const found = this.#found;
    found.length = 0;
    for (let at = firstOf(arrival); at <= lastOf(arrival); at++) {
      const there = this.#stretches.get(keyOf(arrival, at));
      if (there === undefined) continue;
      while (there[0] !== undefined && !isPending(there[0])) there.shift();
      for (const paired of there) {
        const begins = Math.max(firstOf(paired.segment), firstOf(arrival));
        // One that touches two stretches is found in the first of them.
        if (begins === at && isPending(paired)) found.push(paired);
      }
    }
    return found.sort(byOrder);
  }
}

/** Of one sending: the same timestamp, and all the text. */
export function contains(outer: StorySegment, inner: StorySegment): boolean {
  if (outer.timestamp !== inner.timestamp) return false;
  return inner.sequence >= outer.sequence && inner.sequence + inner.length <= outer.sequence + outer.length;
}

/** More of it may come. */
function isPending({ segment, arrived, receivedAt, isLost }: PairedSegment): boolean {
  return arrived < segment.length && (segment.segments > 1 || (receivedAt === undefined && !isLost));
}

function firstOf({ sequence }: StorySegment): number {
  return Math.floor(sequence / STRETCH);
}

function lastOf({ sequence, length }: StorySegment): number {
  return Math.floor((sequence + length - 1) / STRETCH);
}

/** The timestamp tells a sending from the next one of the same text. */
function keyOf({ timestamp = 0 }: StorySegment, stretch: number): number {
  return timestamp * STRETCHES + (((stretch % STRETCHES) + STRETCHES) % STRETCHES);
}

function byOrder(one: PairedSegment, other: PairedSegment): number {
  return one.order - other.order;
}
