/**
 * A line over time, thinned out to what its pixels can show: of the points in a column the first, the
 * highest, the lowest and the last. Drawn as lines it looks like the whole (Jugel et al., "M4", 2014).
 */
import { firstIndex } from "../../drawing/search.ts";
import { type Slice, TimeColumns, type Work } from "./time-columns.ts";
import type { Stretch } from "./time-range.ts";

export interface Line {
  readonly times: number[];
  readonly values: number[];
}

interface Timed {
  readonly time: number;
}

/** As far beyond the stretch as a point is looked for that the line comes from, or goes to. */
const LOOK_BEYOND = 64;

/** `measure` may answer undefined: no such value then. */
export class ThinnedLine<Item extends Timed> {
  readonly #items: readonly Item[];
  readonly #measure: (item: Item) => number | undefined;
  readonly #columns: TimeColumns<Item, Line>;

  constructor(items: readonly Item[], measure: (item: Item) => number | undefined) {
    this.#items = items;
    this.#measure = measure;
    this.#columns = new TimeColumns<Item, Line>(items, timeOf, slice => outermost(slice, measure));
  }

  /** With one point on either side of the stretch. */
  over(stretch: Stretch, columns: number, work: Work): Line {
    const all = this.#columns.over(stretch, columns, work);
    const { width } = this.#columns;
    const line: Line = { times: [], values: [] };
    this.#putNearest(line, firstIndex(this.#items, ({ time }) => time >= (all[0]?.at ?? 0) * width) - 1, -1);
    for (const { column } of all) {
      for (const time of column.times) line.times.push(time);
      for (const value of column.values) line.values.push(value);
    }
    const last = all[all.length - 1];
    if (last === undefined) return line;
    this.#putNearest(
      line,
      firstIndex(this.#items, ({ time }) => time >= (last.at + 1) * width),
      1,
    );
    return line;
  }

  /** The first that has a value, from this one on. */
  #putNearest(line: Line, index: number, step: 1 | -1): void {
    for (let i = index, left = LOOK_BEYOND; left > 0; i += step, left--) {
      const item = this.#items[i];
      if (item === undefined) return;
      const value = this.#measure(item);
      if (value === undefined) continue;
      line.times.push(item.time);
      line.values.push(value);
      return;
    }
  }
}

function timeOf({ time }: Timed): number {
  return time;
}

function outermost<Item extends Timed>(
  { items, begin, end }: Slice<Item>,
  measure: (item: Item) => number | undefined,
): Line {
  const line: Line = { times: [], values: [] };
  let [first, last, lowest, highest] = [-1, -1, -1, -1];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = begin; i < end; i++) {
    const now = measure(items[i] as Item);
    if (now === undefined) continue;
    if (first < 0) first = i;
    last = i;
    if (now < low) {
      low = now;
      lowest = i;
    }
    if (now > high) {
      high = now;
      highest = i;
    }
  }
  if (first < 0) return line;
  for (const index of [...new Set([first, lowest, highest, last])].sort((a, b) => a - b)) {
    line.times.push((items[index] as Item).time);
    line.values.push(measure(items[index] as Item) as number);
  }
  return line;
}

interface Acknowledged extends Timed {
  readonly bytes: number;
}

/** What is acknowledged in each part of the stretch, as bytes per second. */
export class Throughput {
  readonly #columns: TimeColumns<Acknowledged, number>;

  constructor(items: readonly Acknowledged[]) {
    this.#columns = new TimeColumns<Acknowledged, number>(items, timeOf, sumOf);
  }

  over(stretch: Stretch, parts: number, work: Work): Line {
    const all = this.#columns.over(stretch, parts, work);
    const { width } = this.#columns;
    const first = Math.floor(stretch.from / width);
    const sums = new Array<number>(Math.max(1, Math.floor(stretch.to / width) - first + 1)).fill(0);
    for (const { at, column } of all) sums[at - first] = column;
    return {
      times: sums.map((_, part) => (first + part + 0.5) * width),
      values: sums.map(sum => (sum / width) * 1e6),
    };
  }
}

function sumOf({ items, begin, end }: Slice<Acknowledged>): number {
  let sum = 0;
  for (let i = begin; i < end; i++) sum += items[i]?.bytes ?? 0;
  return sum;
}
