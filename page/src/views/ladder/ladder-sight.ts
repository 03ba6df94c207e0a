/** What of a ladder is in sight, where its lines stand on the canvas, and which of them is near a place. */
import type { PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import { other, type StoryPair } from "../../../../src/inspect/story-pair.ts";
import type { LadderLayout } from "./ladder-layout.ts";
import { type Arrow, UNKNOWN_SLANT } from "./ladder-points.ts";
import type { LabelledLine } from "./place-labels.ts";

/** Where things stand from left to right. */
export interface LadderColumns {
  readonly times: number;
  readonly near: number;
  readonly far: number;
}

export interface LadderSight {
  readonly layout: LadderLayout;
  readonly pair: StoryPair;
  /** The first pixel of the ladder that is in sight. */
  readonly top: number;
  readonly picked: PairedSegment | undefined;
  readonly cursor: number | undefined;
  readonly origin: number;
}

/** The longest name of a state. */
const STATE = 76;

export function isNarrow(width: number): boolean {
  return width < 560;
}

export function ladderColumns(width: number): LadderColumns {
  if (isNarrow(width)) return { times: 38, near: 38 + STATE, far: width - STATE };
  return { times: 54, near: 62 + STATE, far: width - STATE - 8 };
}

/** Where an arrow begins and ends on the canvas; a lost one ends in the middle. */
export function arrowLine(
  arrow: Arrow,
  sight: LadderSight,
  columns: LadderColumns,
): Omit<LabelledLine, "texts"> {
  const { sender } = arrow.paired;
  const fromX = columns[sender];
  const fromY = arrow.leaveY - sight.top;
  const farX = columns[other(sender)];
  const farY = (arrow.arriveY ?? arrow.leaveY + UNKNOWN_SLANT) - sight.top;
  const fate = sight.pair.fateOf(arrow.paired);
  // Where both ends tell, what was sent again and has not come has been lost.
  const isStopped = fate === "lost" || (fate === "held-lost" && sight.pair.knowledge === "both");
  const reach = isStopped ? 0.6 : 1;
  return { fromX, fromY, toX: fromX + reach * (farX - fromX), toY: fromY + reach * (farY - fromY) };
}

/** The nearest line within a few pixels. */
export function arrowNear(
  x: number,
  y: number,
  sight: LadderSight,
  columns: LadderColumns,
): Arrow | undefined {
  let nearest: Arrow | undefined;
  let distance = 8;
  for (const arrow of sight.layout.arrowsIn(sight.top + y - 40, sight.top + y + 40)) {
    const { fromX, fromY, toX, toY } = arrowLine(arrow, sight, columns);
    const away = distanceToLine(x, y, fromX, fromY, toX, toY);
    if (away >= distance) continue;
    distance = away;
    nearest = arrow;
  }
  return nearest;
}

export function distanceToLine(
  x: number,
  y: number,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
): number {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((x - fromX) * dx + (y - fromY) * dy) / length;
  const nearest = Math.max(0, Math.min(1, along));
  return Math.hypot(x - fromX - nearest * dx, y - fromY - nearest * dy);
}
