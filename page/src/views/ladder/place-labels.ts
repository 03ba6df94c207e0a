/**
 * Which labels of slanted lines are drawn, and where: along their line, above it, near the sender if there is
 * room, else further on, else shorter; never over another label. The first asked for has the first choice.
 */

/** A line from left to right or back, with its label in several lengths, the longest first. */
export interface LabelledLine {
  readonly fromX: number;
  readonly fromY: number;
  readonly toX: number;
  readonly toY: number;
  readonly texts: readonly string[];
}

export interface PlacedLabel {
  readonly line: number;
  readonly text: string;
  /** Of the middle of the text's lower edge. */
  readonly x: number;
  readonly y: number;
  /** Radians, never upside down. */
  readonly angle: number;
}

export interface LabelMetrics {
  readonly characterWidth: number;
  readonly height: number;
}

/** From the ends of the line. */
const MARGIN = 10;
/** Above the line. */
const LIFT = 3;

interface Box {
  /** Middle, and half of each side. */
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
  readonly cos: number;
  readonly sin: number;
}

export function placeLabels(lines: readonly LabelledLine[], metrics: LabelMetrics): readonly PlacedLabel[] {
  const placed: PlacedLabel[] = [];
  const taken: Box[] = [];
  for (const [index, line] of lines.entries()) {
    const place = freePlace(line, metrics, taken);
    if (place === undefined) continue;
    taken.push(place.box);
    placed.push({ line: index, ...place.label });
  }
  return placed;
}

function freePlace(line: LabelledLine, { characterWidth, height }: LabelMetrics, taken: readonly Box[]) {
  const [dx, dy] = [line.toX - line.fromX, line.toY - line.fromY];
  const length = Math.hypot(dx, dy);
  // The text reads from left to right, also where the line goes to the left.
  const angle = dx < 0 ? Math.atan2(-dy, -dx) : Math.atan2(dy, dx);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (const text of line.texts) {
    const half = (characterWidth * text.length) / 2;
    const slack = length - 2 * (half + MARGIN);
    if (slack < 0) continue;
    for (const share of [0, 0.5, 1]) {
      const along = (MARGIN + half + share * slack) / length;
      const x = line.fromX + along * dx + LIFT * sin;
      const y = line.fromY + along * dy - LIFT * cos;
      const lift = height / 2;
      const box = { x: x + lift * sin, y: y - lift * cos, halfWidth: half, halfHeight: lift, cos, sin };
      if (!taken.some(other => overlap(box, other))) return { box, label: { text, x, y, angle } };
    }
  }
  return undefined;
}

/** Two turned boxes: none of their four directions separates them. */
function overlap(a: Box, b: Box): boolean {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  if (Math.hypot(dx, dy) > a.halfWidth + a.halfHeight + b.halfWidth + b.halfHeight) return false;
  return !separates(a, a, b, dx, dy) && !separates(b, a, b, dx, dy);
}

/** One of this box's own directions has a gap between the two. */
function separates({ cos, sin }: Box, a: Box, b: Box, dx: number, dy: number): boolean {
  const along = Math.abs(dx * cos + dy * sin);
  const across = Math.abs(dy * cos - dx * sin);
  return (
    along >= reach(a, cos, sin) + reach(b, cos, sin) || across >= reach(a, -sin, cos) + reach(b, -sin, cos)
  );
}

/** How far a box reaches from its middle in a direction. */
function reach({ halfWidth, halfHeight, cos, sin }: Box, x: number, y: number): number {
  return halfWidth * Math.abs(x * cos + y * sin) + halfHeight * Math.abs(y * cos - x * sin);
}

/** Something to be written in a column: states and timers beside a time line. */
export interface ColumnLabel {
  readonly y: number;
  /** It may be left out where there is no room. */
  readonly isMinor: boolean;
}

/** Furthest that a label stands below its place. */
const FURTHEST = 26;

/** Where each stands, in their order; undefined: there is no room. */
export function placeInColumn(
  labels: readonly ColumnLabel[],
  height: number,
): ReadonlyArray<number | undefined> {
  let free = Number.NEGATIVE_INFINITY;
  return labels.map(({ y, isMinor }) => {
    const place = Math.max(y, free);
    if (place - y > (isMinor ? height / 2 : FURTHEST)) return undefined;
    free = place + height;
    return place;
  });
}
