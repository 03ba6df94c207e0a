/**
 * Draws the part of a ladder that is in sight:
 *
 *     time │ state ┃ ─────── label ──────▶ ┃ state
 *          │       ┃ ◀────────────────     ┃
 *          │ timer ◆ ──── label ──╳        ┃
 */
import type { End, PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import type { Colours } from "../../drawing/colours.ts";
import type { Drawing } from "../../drawing/use-canvas.ts";
import { arrowToken, drawArrow, drawLoss } from "./ladder-arrows.ts";
import type { Arrow, Gap, Mark } from "./ladder-points.ts";
import { arrowLine, isNarrow, type LadderColumns, type LadderSight, ladderColumns } from "./ladder-sight.ts";
import { placeInColumn, placeLabels } from "./place-labels.ts";
import { type CauseNames, segmentLabels } from "./segment-label.ts";

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
  for (const arrow of arrows) drawLoss(drawing, arrow, sight, columns);
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

/** A stretch that is not drawn to scale, and the time that passed. */
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

function markText(mark: Mark, texts: LadderTexts): string {
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
