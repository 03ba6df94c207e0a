/**
 * One direction of a connection, as a time-sequence graph sees it: text with its sequence numbers, and what
 * the other end says to it. It is told by its sender, or, where only the receiver is known, by that one.
 */
import type { Story, StorySegment } from "../../../../src/inspect/story.ts";

export interface Flow {
  readonly story: Story;
  /** What the story's end sends; else what it receives. */
  readonly isSender: boolean;
}

export type Direction = "near" | "far";

export function flowOf(direction: Direction, near: Story, far: Story | undefined): Flow {
  if (direction === "near") return { story: near, isSender: true };
  return far === undefined ? { story: near, isSender: false } : { story: far, isSender: true };
}

/** It is of this flow's text, not of what answers it. */
export function carries({ isSender }: Flow, { direction }: StorySegment): boolean {
  return isSender === (direction === "sent");
}

/** When the end that tells it sent it or got it. */
export function timeOf({ sentAt, receivedAt }: StorySegment): number {
  return sentAt ?? receivedAt ?? 0;
}

/** From the first that is known to the last. */
export function boundsOf(stories: readonly Story[]): { from: number; to: number } {
  const firsts = stories.flatMap(({ segments, metrics, states }) => {
    const [segment] = segments;
    const times = [segment === undefined ? undefined : timeOf(segment), metrics[0]?.time, states[0]?.time];
    return times.filter(time => time !== undefined);
  });
  const from = firsts.length === 0 ? 0 : Math.min(...firsts);
  return { from, to: Math.max(from, ...stories.map(({ lastTime }) => lastTime)) };
}
