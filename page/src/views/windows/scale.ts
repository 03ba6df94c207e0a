/**
 * Widths of regions: to scale, but none so thin that it cannot be seen, and none of those that only show how
 * far it is to an edge so wide that it leaves no room for the others.
 */
export interface Breadth {
  readonly bytes: number;
  /** It may be drawn shorter than it is. */
  readonly mayShrink: boolean;
}

export interface Widths {
  readonly widths: readonly number[];
  /** Those that are drawn shorter than they are. */
  readonly isShort: readonly boolean[];
}

/** Of all regions together, those that may shrink take no more each. */
const SHRUNK_SHARE = 0.25;
const HALVINGS = 60;

export function widthsOf(regions: readonly Breadth[], width: number, smallest: number): Widths {
  const least = Math.min(smallest, width / Math.max(1, regions.length));
  const mustStay = regions.some(({ mayShrink }) => !mayShrink);
  const most = regions.map(({ mayShrink }) => (mayShrink && mustStay ? width * SHRUNK_SHARE : width));
  // The more pixels a byte, the wider all together: the right number lies where they fill the width.
  let [low, high] = [0, width / Math.max(1, Math.min(...regions.map(({ bytes }) => bytes)))];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (sum(drawn(regions, most, least, middle)) > width) high = middle;
    else low = middle;
  }
  const widths = drawn(regions, most, least, low);
  const isShort = regions.map(({ bytes }, index) => (widths[index] ?? 0) < bytes * low * 0.999);
  const scale = width / Math.max(sum(widths), 1e-9);
  return { widths: widths.map(each => each * scale), isShort };
}

function drawn(
  regions: readonly Breadth[],
  most: readonly number[],
  least: number,
  pixelsPerByte: number,
): number[] {
  return regions.map(({ bytes }, index) =>
    Math.min(most[index] ?? 0, Math.max(least, bytes * pixelsPerByte)),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Where a position lies, between the borders of regions and their places. */
export function placeOf(at: number, borders: readonly number[], places: readonly number[]): number {
  const after = borders.findIndex(border => border >= at);
  if (after === -1) return places.at(-1) ?? 0;
  const [to, x] = [borders[after] ?? 0, places[after] ?? 0];
  const [from, fromX] = [borders[after - 1] ?? to, places[after - 1] ?? x];
  return to === from ? x : fromX + ((x - fromX) * (at - from)) / (to - from);
}

/** In which line each label stands, so that none covers another: those at `places` come in their order. */
export function linesOf(places: readonly number[], widths: readonly number[], lines: number): number[] {
  const ends: number[] = Array.from({ length: lines }, () => Number.NEGATIVE_INFINITY);
  const result = places.map(() => 0);
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  for (const index of order) {
    const start = places[index] ?? 0;
    const free = ends.findIndex(end => end <= start);
    const line = free === -1 ? ends.indexOf(Math.min(...ends)) : free;
    result[index] = line;
    ends[line] = start + (widths[index] ?? 0);
  }
  return result;
}
