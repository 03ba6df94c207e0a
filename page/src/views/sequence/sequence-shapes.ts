/**
 * What a time-sequence graph is drawn of, after tcptrace: text as vertical strokes from its first sequence
 * number to its last, the line of what is acknowledged and the line that the window allows, SACK ranges, and
 * marks. All in columns of about a pixel, with a bound on each: 1,000,000 segments make no more shapes than
 * fit, and columns that are past are gathered once.
 */
import type { StorySegment } from "../../../../src/inspect/story.ts";
import { CAUSE_TOKENS } from "../../drawing/causes.ts";
import type { Token } from "../../drawing/colours.ts";
import { firstIndex } from "../../drawing/search.ts";
import { carries, type Flow, timeOf } from "./flow.ts";
import { type Slice, TimeColumns, type Work } from "./time-columns.ts";
import type { Stretch } from "./time-range.ts";

export interface Stroke {
  /** The middle of its column. */
  readonly time: number;
  low: number;
  high: number;
}

export interface SequenceMark {
  readonly time: number;
  readonly sequence: number;
  readonly kind: "SYN" | "FIN" | "RST" | "lost";
}

/** A step of a line: the first and the last value in a column. */
export interface Step {
  readonly time: number;
  readonly value: number;
}

export interface SequenceShapes {
  readonly text: ReadonlyMap<Token, readonly Stroke[]>;
  readonly sacked: readonly Stroke[];
  readonly acknowledged: readonly Step[];
  readonly window: readonly Step[];
  readonly marks: readonly SequenceMark[];
  /** Of text and acknowledgments. */
  readonly lowest: number;
  readonly highest: number;
}

/** Of one colour in one column: what comes then makes the last one longer. */
const MOST_STROKES = 48;
const MOST_MARKS = 400;
/** As far before the stretch as an acknowledgment is looked for that the line begins with. */
const LOOK_BACK = 64;

/** Of one column. */
class Strokes {
  readonly list: Stroke[] = [];
  readonly #time: number;

  constructor(time: number) {
    this.#time = time;
  }

  add(low: number, high: number): void {
    const last = this.list[this.list.length - 1];
    const touches = last !== undefined && low <= last.high && high >= last.low;
    if (last !== undefined && (touches || this.list.length >= MOST_STROKES)) {
      last.low = Math.min(last.low, low);
      last.high = Math.max(last.high, high);
    } else this.list.push({ time: this.#time, low, high });
  }
}

/** Of a column the first value, the highest and the last. */
class Steps {
  readonly list: Step[] = [];

  add(time: number, value: number): void {
    const { list } = this;
    // The third takes the second's place, unless that one is higher than both its neighbors.
    const second = list[1];
    if (list.length >= 3) list.pop();
    else if (list.length === 2 && second !== undefined && second.value <= value) list.pop();
    list.push({ time, value });
  }
}

/** What one column shows. */
class ShapesOfColumn {
  readonly text = new Map<Token, Strokes>();
  readonly sacked: Strokes;
  readonly acknowledged = new Steps();
  readonly window = new Steps();
  readonly marks: SequenceMark[] = [];
  lowest = Number.POSITIVE_INFINITY;
  highest = Number.NEGATIVE_INFINITY;
  readonly #time: number;

  constructor(time: number) {
    this.#time = time;
    this.sacked = new Strokes(time);
  }

  addText(segment: StorySegment, time: number): void {
    const { sequence, length } = segment;
    if (length > 0) this.#strokesOf(strokeToken(segment)).add(sequence, sequence + length);
    if (length > 0 || isMarked(segment)) this.#reach(sequence, sequence + length);
    addMarks(this.marks, segment, time);
  }

  addAnswer({ acknowledgment, window, sack }: StorySegment, time: number): void {
    this.acknowledged.add(time, acknowledgment);
    this.window.add(time, acknowledgment + window);
    this.#reach(acknowledgment, acknowledgment);
    for (const [low, high] of sack) this.sacked.add(low, high);
  }

  #strokesOf(token: Token): Strokes {
    let strokes = this.text.get(token);
    if (strokes === undefined) {
      strokes = new Strokes(this.#time);
      this.text.set(token, strokes);
    }
    return strokes;
  }

  #reach(low: number, high: number): void {
    this.lowest = Math.min(this.lowest, low);
    this.highest = Math.max(this.highest, high);
  }
}

export class SequenceColumns {
  readonly #flow: Flow;
  readonly #columns: TimeColumns<StorySegment, ShapesOfColumn>;

  constructor(flow: Flow) {
    this.#flow = flow;
    this.#columns = new TimeColumns(flow.story.segments, timeOf, slice => this.#gather(slice));
  }

  over(stretch: Stretch, columns: number, work: Work): SequenceShapes {
    const all = this.#columns.over(stretch, columns, work);
    const text = new Map<Token, Stroke[]>();
    const sacked: Stroke[] = [];
    const [acknowledged, window] = this.#stepsBefore((all[0]?.at ?? Infinity) * this.#columns.width);
    const marks: SequenceMark[] = [];
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { column } of all) {
      for (const [token, { list }] of column.text) {
        const strokes = text.get(token);
        if (strokes === undefined) text.set(token, [...list]);
        else for (const stroke of list) strokes.push(stroke);
      }
      for (const stroke of column.sacked.list) sacked.push(stroke);
      for (const step of column.acknowledged.list) acknowledged.push(step);
      for (const step of column.window.list) window.push(step);
      for (const mark of column.marks) if (marks.length < MOST_MARKS) marks.push(mark);
      lowest = Math.min(lowest, column.lowest);
      highest = Math.max(highest, column.highest);
    }
    const isEmpty = lowest > highest;
    return {
      ...{ text, sacked, acknowledged, window, marks },
      ...{ lowest: isEmpty ? 0 : lowest, highest: isEmpty ? 1 : highest },
    };
  }

  #gather({ items, begin, end, time: middle }: Slice<StorySegment>): ShapesOfColumn {
    const column = new ShapesOfColumn(middle);
    for (let i = begin; i < end; i++) {
      const segment = items[i] as StorySegment;
      if (carries(this.#flow, segment)) column.addText(segment, timeOf(segment));
      else if (segment.flags.includes("ACK")) column.addAnswer(segment, timeOf(segment));
    }
    return column;
  }

  /** What the lines begin with: the last acknowledgment before this instant. */
  #stepsBefore(time: number): [Step[], Step[]] {
    const { segments } = this.#flow.story;
    const first = firstIndex(segments, segment => timeOf(segment) >= time);
    for (let i = first - 1; i >= Math.max(0, first - LOOK_BACK); i--) {
      const segment = segments[i] as StorySegment;
      if (carries(this.#flow, segment) || !segment.flags.includes("ACK")) continue;
      const { acknowledgment, window } = segment;
      const at = timeOf(segment);
      return [[{ time: at, value: acknowledgment }], [{ time: at, value: acknowledgment + window }]];
    }
    return [[], []];
  }
}

function strokeToken({ cause }: StorySegment): Token {
  return cause === undefined ? "sent" : CAUSE_TOKENS[cause];
}

function isMarked({ flags }: StorySegment): boolean {
  return flags.includes("SYN") || flags.includes("FIN") || flags.includes("RST");
}

/** As nearly all are. */
function isPlain(flags: string): boolean {
  return flags === "ACK" || flags === "PSH ACK";
}

function addMarks(
  marks: SequenceMark[],
  { flags, sequence, length, lost }: StorySegment,
  time: number,
): void {
  if ((isPlain(flags) && !lost) || marks.length >= MOST_MARKS) return;
  for (const kind of ["SYN", "FIN", "RST"] as const) {
    if (flags.includes(kind)) marks.push({ time, sequence: sequence + length, kind });
  }
  if (lost) marks.push({ time, sequence: sequence + length / 2, kind: "lost" });
}

/** What the vertical axis shows: text and acknowledgments, and the window's line if that is not far above. */
export function sequenceRange(
  { lowest, highest, window }: SequenceShapes,
  withWindow: boolean,
): [number, number] {
  const span = Math.max(1, highest - lowest);
  let top = highest;
  if (withWindow) for (const { value } of window) if (value <= highest + span) top = Math.max(top, value);
  const margin = Math.max(1, (top - lowest) * 0.04);
  return [lowest - margin, top + margin];
}
