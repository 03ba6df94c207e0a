/**
 * What a time-sequence graph is drawn of, after tcptrace: text as vertical strokes from its first sequence
 * number to its last, the line of what is acknowledged and the line that the window allows, SACK ranges, and
 * marks. All in columns of a pixel, with a bound on each: 1,000,000 segments make no more shapes than fit.
 */
import type { StorySegment } from "../../../../src/inspect/story.ts";
import { CAUSE_TOKENS } from "../../drawing/causes.ts";
import type { Token } from "../../drawing/colours.ts";
import { firstIndex } from "../../drawing/search.ts";
import { carries, type Flow, timeOf } from "./flow.ts";
import type { Stretch } from "./time-range.ts";

export interface Stroke {
  readonly column: number;
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

/** Strokes of one colour in one column: what comes then makes the last one longer. */
const MOST_STROKES = 48;
const MOST_MARKS = 400;
/** As far before the stretch as an acknowledgment is looked for that the line begins with. */
const LOOK_BACK = 64;

class Strokes {
  readonly list: Stroke[] = [];
  #inColumn = 0;

  add(column: number, low: number, high: number): void {
    const last = this.list[this.list.length - 1];
    if (last === undefined || last.column !== column) {
      this.#inColumn = 1;
      this.list.push({ column, low, high });
      return;
    }
    const touches = low <= last.high && high >= last.low;
    if (touches || this.#inColumn >= MOST_STROKES) {
      last.low = Math.min(last.low, low);
      last.high = Math.max(last.high, high);
      return;
    }
    this.#inColumn++;
    this.list.push({ column, low, high });
  }
}

/** Keeps of each column the first value, the highest and the last. */
class Steps {
  readonly list: Step[] = [];
  #column = Number.NaN;
  #first = 0;

  add(column: number, time: number, value: number): void {
    const { list } = this;
    if (column !== this.#column) {
      this.#column = column;
      this.#first = list.length;
    }
    // The third of a column takes the second's place, unless that one is higher than both its neighbors.
    const count = list.length - this.#first;
    const second = list[this.#first + 1];
    if (count >= 3) list.pop();
    else if (count === 2 && second !== undefined && second.value <= value) list.pop();
    list.push({ time, value });
  }
}

export function sequenceShapes(flow: Flow, stretch: Stretch, columns: number): SequenceShapes {
  const { segments } = flow.story;
  const first = firstIndex(segments, segment => timeOf(segment) >= stretch.from);
  const end = firstIndex(segments, segment => timeOf(segment) > stretch.to);
  const text = new Map<Token, Strokes>();
  const sacked = new Strokes();
  const acknowledged = new Steps();
  const window = new Steps();
  const marks: SequenceMark[] = [];
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const reach = (low: number, high: number): void => {
    lowest = Math.min(lowest, low);
    highest = Math.max(highest, high);
  };
  for (let i = Math.max(0, first - LOOK_BACK); i < end; i++) {
    const segment = segments[i] as StorySegment;
    const time = timeOf(segment);
    const column = Math.floor(((time - stretch.from) / (stretch.to - stretch.from)) * columns);
    if (carries(flow, segment)) {
      if (i < first) continue;
      const { sequence, length } = segment;
      const token = strokeToken(segment);
      if (length > 0) strokesOf(text, token).add(column, sequence, sequence + length);
      if (length > 0 || isMarked(segment)) reach(sequence, sequence + length);
      addMarks(marks, segment, time);
    } else if (segment.flags.includes("ACK")) {
      const { acknowledgment, window: allowed, sack } = segment;
      acknowledged.add(column, time, acknowledgment);
      window.add(column, time, acknowledgment + allowed);
      if (i < first) continue;
      reach(acknowledgment, acknowledgment);
      for (const [low, high] of sack) sacked.add(column, low, high);
    }
  }
  const strokes = new Map([...text].map(([token, { list }]) => [token, list]));
  const isEmpty = lowest > highest;
  return {
    ...{ text: strokes, sacked: sacked.list, acknowledged: acknowledged.list, window: window.list, marks },
    ...{ lowest: isEmpty ? 0 : lowest, highest: isEmpty ? 1 : highest },
  };
}

function strokesOf(text: Map<Token, Strokes>, token: Token): Strokes {
  let strokes = text.get(token);
  if (strokes === undefined) {
    strokes = new Strokes();
    text.set(token, strokes);
  }
  return strokes;
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
