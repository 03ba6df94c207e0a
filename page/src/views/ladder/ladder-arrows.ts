/** Draws the line of a segment: its colour says why it was sent, its end whether it came. */
import type { PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import { CAUSE_TOKENS } from "../../drawing/causes.ts";
import type { Colours, Token } from "../../drawing/colours.ts";
import type { Drawing } from "../../drawing/use-canvas.ts";
import type { Arrow } from "./ladder-points.ts";
import { arrowLine, type LadderColumns, type LadderSight } from "./ladder-sight.ts";

export function arrowToken({ segment, sender }: PairedSegment): Token {
  if (segment.cause !== undefined) return CAUSE_TOKENS[segment.cause];
  if (segment.flags.includes("RST")) return "bad";
  return sender === "near" ? "sent" : "received";
}

export function drawArrow(
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
  if (!isStopped(fromX, toX, columns)) drawHead(context, fromX, fromY, toX, toY);
}

/** A cross where a segment stopped. To be drawn after the labels: these must not hide it. */
export function drawLoss(
  { context, colours }: Drawing,
  arrow: Arrow,
  sight: LadderSight,
  columns: LadderColumns,
): void {
  const { paired } = arrow;
  const fate = sight.pair.fateOf(paired);
  const { fromX, fromY, toX, toY } = arrowLine(arrow, sight, columns);
  // A unit of which a part is lost, and what the sender gave up.
  const isCrossed = (paired.isLost && fate === "arrived") || fate === "held-lost";
  if (isStopped(fromX, toX, columns)) drawCross(context, toX, toY, colours);
  else if (isCrossed) {
    drawCross(context, fromX + 0.6 * (toX - fromX), fromY + 0.6 * (toY - fromY), colours);
  }
}

function isStopped(fromX: number, toX: number, { near, far }: LadderColumns): boolean {
  return Math.abs(toX - fromX) < 0.99 * (far - near);
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
  for (const turn of [-0.35, 0.35]) {
    context.lineTo(x - 9 * Math.cos(angle + turn), y - 9 * Math.sin(angle + turn));
  }
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
