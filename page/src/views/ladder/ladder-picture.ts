/**
 * Draws the part of a ladder that is in sight:
 *
 *     time │ state ┃ ─────── label ──────▶ ┃ state
 *          │       ┃ ◀────────────────     ┃
 *          │ timer ◆ ──── label ──╳        ┃
 */
import type { End, PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import { other, type StoryPair } from "../../../../src/inspect/story-pair.ts";
import { CAUSE_TOKENS } from "../../drawing/causes.ts";
import type { Colours, Token } from "../../drawing/colours.ts";
import type { Drawing } from "../../drawing/use-canvas.ts";
import { type Arrow, type Gap, type LadderLayout, type Mark, UNKNOWN_SLANT } from "./ladder-layout.ts";
import { type LabelledLine, placeInColumn, placeLabels } from "./place-labels.ts";
import { type CauseNames, segmentLabels } from "./segment-label.ts";

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

export interface LadderTexts {
  readonly causes: CauseNames;
  timer(mark: Mark): string;
  duration(micros: number): string;
  instant(micros: number): string;
}

const LABEL = { characterWidth: 6.05, height: 12 };
const LABEL_FONT = 10;
const SMALL_FONT = 9;

/** Of more lines than these nobody reads the labels. */
const MOST_LABELLED = 260;

/** The longest name of a state. */
const STATE = 76;

export function isNarrow(width: number): boolean {
  return width < 560;
}

export function ladderColumns(width: number): LadderColumns {
  if (isNarrow(width)) return { times: 38, near: 38 + STATE, far: width - STATE };
  return { times: 54, near: 62 + STATE, far: width - STATE - 8 };
}

export function drawLadder(drawing: Drawing, sight: LadderSight, texts: LadderTexts): void {
  const { context, height, colours } = drawing;
  const { layout, top } = sight;
  const columns = ladderColumns(drawing.width);
  context.lineJoin = "round";
  drawTimes(drawing, sight, columns, texts);
  for (const gap of layout.gapsIn(top, top + height)) drawGap(drawing, gap, top, columns, texts);
  drawTimeLines(drawing, columns);
  const arrows = layout.arrowsIn(top, top + height);
  for (const arrow of arrows) drawArrow(drawing, arrow, sight, columns);
  drawLabels(drawing, arrows, sight, columns, texts);
  const marks = layout.marksIn(top - 40, top + height);
  for (const end of ["near", "far"] as const) {
    drawMarks(
      drawing,
      marks.filter(mark => mark.end === end),
      sight,
      columns,
      texts,
    );
  }
  if (sight.cursor !== undefined) drawCursor(context, layout.yAt(sight.cursor) - top, drawing, colours);
}

function drawTimes(
  { context, width, height, colours }: Drawing,
  sight: LadderSight,
  columns: LadderColumns,
  texts: LadderTexts,
) {
  context.font = `${SMALL_FONT}px ${colours.mono}`;
  context.fillStyle = colours.muted;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { time, y } of sight.layout.instantsIn(sight.top, sight.top + height, 13)) {
    const text = texts.instant(time - sight.origin);
    context.fillText(isNarrow(width) ? text.slice(0, -3) : text, columns.times, y - sight.top);
  }
}

function drawTimeLines({ context, height, colours }: Drawing, { near, far }: LadderColumns): void {
  context.strokeStyle = colours.muted;
  context.lineWidth = 2;
  for (const x of [near, far]) {
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.stroke();
  }
}

/** Two wavy breaks in the time lines, and the time that passed. */
function drawGap(
  { context, colours }: Drawing,
  gap: Gap,
  top: number,
  columns: LadderColumns,
  texts: LadderTexts,
) {
  const [from, to] = [gap.fromY - top, gap.toY - top];
  context.fillStyle = colours.raised;
  context.fillRect(columns.near, from + 6, columns.far - columns.near, to - from - 12);
  context.font = `${LABEL_FONT}px ${colours.sans}`;
  context.fillStyle = colours.muted;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const middle = (columns.near + columns.far) / 2;
  context.fillText(`⋮ ${texts.duration(gap.duration)} ⋮`, middle, (from + to) / 2);
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

export function arrowToken({ segment, sender }: PairedSegment): Token {
  if (segment.cause !== undefined) return CAUSE_TOKENS[segment.cause];
  if (segment.flags.includes("RST")) return "bad";
  return sender === "near" ? "sent" : "received";
}

function drawArrow(
  { context, colours }: Drawing,
  arrow: Arrow,
  sight: LadderSight,
  columns: LadderColumns,
): void {
  const { paired } = arrow;
  const { fromX, fromY, toX, toY } = arrowLine(arrow, sight, columns);
  const fate = sight.pair.fateOf(paired);
  const colour = colours[arrowToken(paired)];
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = paired === sight.picked ? 3 : paired.segment.length > 0 ? 1.5 : 1;
  const isSure = fate === "arrived" || fate === "lost" || sight.pair.knowledge === "one";
  context.setLineDash(isSure && fate !== "held-lost" ? [] : [5, 4]);
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
  context.setLineDash([]);
  const isStopped = Math.abs(toX - fromX) < 0.99 * (columns.far - columns.near);
  if (isStopped) drawCross(context, toX, toY, colours);
  else drawHead(context, fromX, fromY, toX, toY);
  // A unit of which a part is lost, and what the sender gave up.
  const isCrossed = (paired.isLost && fate === "arrived") || fate === "held-lost";
  if (isCrossed && !isStopped)
    drawCross(context, fromX + 0.6 * (toX - fromX), fromY + 0.6 * (toY - fromY), colours);
}

function drawHead(
  context: CanvasRenderingContext2D,
  fromX: number,
  fromY: number,
  x: number,
  y: number,
): void {
  const angle = Math.atan2(y - fromY, x - fromX);
  context.beginPath();
  context.moveTo(x, y);
  for (const turn of [-0.35, 0.35])
    context.lineTo(x - 9 * Math.cos(angle + turn), y - 9 * Math.sin(angle + turn));
  context.fill();
}

function drawCross(context: CanvasRenderingContext2D, x: number, y: number, colours: Colours): void {
  context.strokeStyle = colours.lost;
  context.lineWidth = 2.5;
  context.beginPath();
  for (const slope of [-1, 1]) {
    context.moveTo(x - 5, y - 5 * slope);
    context.lineTo(x + 5, y + 5 * slope);
  }
  context.stroke();
}

/** The one that is picked first, then those that are out of the ordinary. */
function drawLabels(
  drawing: Drawing,
  arrows: readonly Arrow[],
  sight: LadderSight,
  columns: LadderColumns,
  texts: LadderTexts,
) {
  if (arrows.length > MOST_LABELLED) return;
  const { context, colours } = drawing;
  const ranked = arrows
    .map(arrow => ({ arrow, rank: rankOf(arrow.paired, sight) }))
    .sort((a, b) => a.rank - b.rank || a.arrow.paired.place - b.arrow.paired.place);
  const lines = ranked.map(({ arrow }) => ({
    ...arrowLine(arrow, sight, columns),
    texts: segmentLabels(arrow.paired, texts.causes),
  }));
  context.font = `${LABEL_FONT}px ${colours.mono}`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineWidth = 3;
  context.strokeStyle = colours.surface;
  for (const { line, text, x, y, angle } of placeLabels(lines, LABEL)) {
    const paired = ranked[line]?.arrow.paired;
    if (paired === undefined) continue;
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.strokeText(text, 0, 0);
    context.fillStyle = colours[arrowToken(paired)];
    context.fillText(text, 0, 0);
    context.restore();
  }
}

function rankOf(paired: PairedSegment, { picked }: LadderSight): number {
  if (paired === picked) return 0;
  const { cause, flags } = paired.segment;
  return cause !== undefined || paired.isLost || /SYN|FIN|RST/.test(flags) ? 1 : 2;
}

/** States beside their time line, from where they begin; a timer that fired as a rhomb on it. */
function drawMarks(
  drawing: Drawing,
  marks: readonly Mark[],
  sight: LadderSight,
  columns: LadderColumns,
  texts: LadderTexts,
) {
  const { context, colours } = drawing;
  const places = placeInColumn(
    marks.map(({ y, what }) => ({ y, isMinor: "timer" in what })),
    11,
  );
  context.textBaseline = "middle";
  for (const [i, mark] of marks.entries()) {
    const x = columns[mark.end];
    drawMarkSign(context, x, mark.y - sight.top, "state" in mark.what, colours);
    const y = places[i];
    if (y === undefined) continue;
    const isState = "state" in mark.what;
    context.font = `${isState ? "600 " : ""}${SMALL_FONT}px ${isState ? colours.mono : colours.sans}`;
    context.fillStyle = isState ? colours.accent : colours.warning;
    context.textAlign = mark.end === "near" ? "right" : "left";
    context.fillText(markText(mark, texts), x + outward(mark.end) * 8, y - sight.top);
  }
}

export function markText(mark: Mark, texts: LadderTexts): string {
  return "state" in mark.what ? mark.what.state.to : texts.timer(mark);
}

function outward(end: End): number {
  return end === "near" ? -1 : 1;
}

function drawMarkSign(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  isState: boolean,
  colours: Colours,
): void {
  context.fillStyle = isState ? colours.accent : colours.warning;
  context.beginPath();
  if (isState) context.arc(x, y, 3.5, 0, 2 * Math.PI);
  else
    for (const [dx, dy] of [
      [0, -5],
      [4, 0],
      [0, 5],
      [-4, 0],
    ] as const)
      context.lineTo(x + dx, y + dy);
  context.fill();
}

function drawCursor(
  context: CanvasRenderingContext2D,
  y: number,
  { width }: Drawing,
  colours: Colours,
): void {
  context.strokeStyle = colours.accent;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.stroke();
  context.setLineDash([]);
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
