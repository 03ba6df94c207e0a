/**
 * A line over time, thinned out to what its pixels can show: of the points in a column the first, the
 * highest, the lowest and the last. Drawn as lines it looks like the whole (Jugel et al., "M4", 2014). Of
 * very many points only every nth is looked at, so that a long past costs no more than a short one.
 */
import { firstIndex } from "../../drawing/search.ts";
import type { Stretch } from "./time-range.ts";

export interface Line {
  readonly times: number[];
  readonly values: number[];
}

/** Of a column: which items they are, and what the outermost measure. */
interface Extremes {
  first: number;
  last: number;
  lowest: number;
  highest: number;
  low: number;
  high: number;
}

/** A few dozen for each pixel of a wide page. */
const MOST_VISITED = 40_000;

/** `measure` may answer undefined: no such value then. One point on either side of the stretch stays. */
export function thinnedOut<Item extends { readonly time: number }>(
  items: readonly Item[],
  measure: (item: Item) => number | undefined,
  { from, to }: Stretch,
  columns: number,
): Line {
  const line: Line = { times: [], values: [] };
  const begin = Math.max(0, firstIndex(items, ({ time }) => time >= from) - 1);
  const end = Math.min(items.length, firstIndex(items, ({ time }) => time > to) + 1);
  const put = (index: number): void => {
    line.times.push((items[index] as Item).time);
    line.values.push(measure(items[index] as Item) as number);
  };
  let column = Number.NaN;
  let extremes: Extremes | undefined;
  const close = (): void => {
    if (extremes === undefined) return;
    const { first, last, lowest, highest } = extremes;
    for (const index of [...new Set([first, lowest, highest, last])].sort((a, b) => a - b)) put(index);
  };
  const stride = Math.ceil((end - begin) / MOST_VISITED);
  for (let i = begin; i < end; i += stride) {
    const item = items[i] as Item;
    const now = measure(item);
    if (now === undefined) continue;
    const at = Math.floor(((item.time - from) / (to - from)) * columns);
    if (at !== column || extremes === undefined) {
      close();
      column = at;
      extremes = { first: i, last: i, lowest: i, highest: i, low: now, high: now };
      continue;
    }
    extremes.last = i;
    if (now < extremes.low) {
      extremes.low = now;
      extremes.lowest = i;
    } else if (now > extremes.high) {
      extremes.high = now;
      extremes.highest = i;
    }
  }
  close();
  return line;
}

/** What is acknowledged in each of so many equal parts of the stretch, as bytes per second. */
export function throughputOf(
  items: ReadonlyArray<{ readonly time: number; readonly bytes: number }>,
  { from, to }: Stretch,
  parts: number,
): Line {
  const width = (to - from) / parts;
  const sums = new Array<number>(parts).fill(0);
  for (let i = firstIndex(items, ({ time }) => time >= from); i < items.length; i++) {
    const item = items[i];
    if (item === undefined || item.time > to) break;
    const part = Math.min(parts - 1, Math.floor((item.time - from) / width));
    sums[part] = (sums[part] ?? 0) + item.bytes;
  }
  return {
    times: sums.map((_, part) => from + (part + 0.5) * width),
    values: sums.map(sum => (sum / width) * 1e6),
  };
}
