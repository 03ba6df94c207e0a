/** What a ladder is laid out of: points at both ends, lines between them, marks, gaps. */
import type { End, PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import type { StoryState, StoryTimer } from "../../../../src/inspect/story.ts";

/** Pixels. */
export interface LadderScale {
  readonly perMicro: number;
  /** Between two departures, or two arrivals, of one end. */
  readonly row: number;
  readonly longestGap: number;
}

/** A line between the ends. */
export interface Arrow {
  readonly paired: PairedSegment;
  readonly leftAt: number;
  /** Undefined: nobody knows how long it takes. */
  arrivedAt: number | undefined;
  leaveY: number;
  arriveY: number | undefined;
}

export interface Mark {
  readonly end: End;
  readonly time: number;
  readonly what: { readonly state: StoryState } | { readonly timer: StoryTimer };
  y: number;
}

/** Time that is not drawn to scale. */
export interface Gap {
  fromY: number;
  toY: number;
  readonly duration: number;
}

export type Kind = "leave" | "arrive" | "expected" | "mark";

export interface Point {
  readonly time: number;
  readonly end: End;
  readonly kind: Kind;
  readonly arrow: Arrow | undefined;
  readonly mark: Mark | undefined;
  y: number;
}

/** Where points of either end stand last, of those that need room. */
export interface Pen {
  y: number;
  time: number;
  readonly last: Record<End, Point | undefined>;
  /** The highest line of an end at this very instant: marks of the instant stand beside it. */
  readonly first: Record<End, Point | undefined>;
}

/** Rows between a point and the one before it of the same end; marks need none. */
export function roomBetween(before: Kind, now: Kind): number {
  if (now === "mark") return 0;
  return (before === "leave") === (now === "leave") ? 1 : 0.8;
}

/** How far a line falls of which nobody knows how long it takes. */
export const UNKNOWN_SLANT = 24;
