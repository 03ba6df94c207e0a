/** Paints what uPlot knows nothing of: bands of recovery, and the shapes of a time-sequence graph. */
import type { StoryRecovery } from "../../../../src/inspect/story.ts";
import { faint, type Token } from "../../drawing/colours.ts";
import { firstIndex } from "../../drawing/search.ts";
import type { Paper } from "./plot.ts";
import type { SequenceMark, SequenceShapes, Step, Stroke } from "./sequence-shapes.ts";
import type { Stretch } from "./time-range.ts";

export const RECOVERY_TOKENS: Readonly<Record<StoryRecovery["kind"], Token>> = {
  recovery: "cause-fast",
  loss: "cause-timeout",
  cwr: "cause-size",
  disorder: "muted",
};

/** Narrower bands are not seen; so many of them are enough. */
const MOST_BANDS = 500;

/** `shift`: µs to be taken off times, as plots count them from their origin. */
export function paintRecoveries(
  paper: Paper,
  recoveries: readonly StoryRecovery[],
  { from, to }: Stretch,
  shift: number,
): void {
  const { context, colours, top, height } = paper;
  const first = firstIndex(recoveries, recovery => (recovery.to ?? Number.POSITIVE_INFINITY) - shift >= from);
  for (const recovery of recoveries.slice(first, first + MOST_BANDS)) {
    const begin = Math.max(from, recovery.from - shift);
    const end = Math.min(to, (recovery.to ?? Number.POSITIVE_INFINITY) - shift);
    if (begin > to) return;
    context.fillStyle = faint(colours[RECOVERY_TOKENS[recovery.kind]], recovery.undone ? 0.08 : 0.18);
    context.fillRect(paper.x(begin), top, Math.max(1, paper.x(end) - paper.x(begin)), height);
  }
}

/** `isShown`: of a colour of strokes, or of a line, by its name. `shift`: as of recoveries. */
export function paintSequence(
  paper: Paper,
  shapes: SequenceShapes,
  shift: number,
  isShown: (name: string) => boolean,
): void {
  const { context, left, top, width, height, colours } = paper;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  if (isShown("window")) paintSteps(paper, shapes.window, shift, colours.window);
  if (isShown("acknowledged")) paintSteps(paper, shapes.acknowledged, shift, colours.acknowledged);
  if (isShown("sacked")) paintStrokes(paper, shapes.sacked, shift, colours.sacked, 2);
  for (const [token, strokes] of shapes.text) {
    if (isShown(token)) paintStrokes(paper, strokes, shift, colours[token], token === "sent" ? 1.5 : AGAIN);
  }
  for (const mark of shapes.marks) paintMark(paper, mark, shift);
  context.restore();
}

/** Pixels that a stroke of what was sent again is wide: it is what one looks for. */
const AGAIN = 3;

/** From the first sequence number up to the last, with a foot and a head where there is room for them. */
function paintStrokes(
  paper: Paper,
  strokes: readonly Stroke[],
  shift: number,
  colour: string,
  thick: number,
) {
  const { context, ratio } = paper;
  context.strokeStyle = colour;
  context.lineWidth = thick * ratio;
  context.beginPath();
  for (const { time, low, high } of strokes) {
    const x = paper.x(time - shift);
    const [from, to] = [paper.y(low), paper.y(high)];
    // At least a pixel of it is seen; of what was sent again, more.
    context.moveTo(x, Math.max(from, to + (thick >= AGAIN ? 5 : 1) * ratio));
    context.lineTo(x, to);
    if (from - to < 9 * ratio) continue;
    for (const y of [from, to]) {
      context.moveTo(x - 2.5 * ratio, y);
      context.lineTo(x + 2.5 * ratio, y);
    }
  }
  context.stroke();
}

function paintSteps(paper: Paper, steps: readonly Step[], shift: number, colour: string): void {
  const { context, left, width, ratio } = paper;
  const [first] = steps;
  if (first === undefined) return;
  context.strokeStyle = colour;
  context.lineWidth = 1.25 * ratio;
  context.beginPath();
  let y = paper.y(first.value);
  context.moveTo(paper.x(first.time - shift), y);
  for (const { time, value } of steps) {
    const x = paper.x(time - shift);
    context.lineTo(x, y);
    y = paper.y(value);
    context.lineTo(x, y);
  }
  context.lineTo(left + width, y);
  context.stroke();
}

const LETTERS: Readonly<Record<Exclude<SequenceMark["kind"], "lost">, string>> = {
  SYN: "S",
  FIN: "F",
  RST: "R",
};

function paintMark(paper: Paper, { time, sequence, kind }: SequenceMark, shift: number): void {
  const { context, colours, ratio } = paper;
  const [x, y] = [paper.x(time - shift), paper.y(sequence)];
  if (kind === "lost") {
    context.strokeStyle = colours.lost;
    context.lineWidth = 2 * ratio;
    context.beginPath();
    for (const slope of [-1, 1]) {
      context.moveTo(x - 4 * ratio, y - 4 * ratio * slope);
      context.lineTo(x + 4 * ratio, y + 4 * ratio * slope);
    }
    context.stroke();
    return;
  }
  context.fillStyle = kind === "RST" ? colours.bad : colours.accent;
  context.font = `bold ${11 * ratio}px ${colours.sans}`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.fillText(LETTERS[kind], x, y - 3 * ratio);
}
