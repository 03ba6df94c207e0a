/** Which rows of a long table are drawn: those in sight, and a few around them. */

export interface RowWindow {
  readonly first: number;
  /** It is not drawn any more. */
  readonly end: number;
}

/** Drawn beyond each edge, so that a small scroll shows no gap. */
const AROUND = 8;

export function rowWindow(scrolled: number, height: number, rowHeight: number, count: number): RowWindow {
  const inSight = Math.ceil(height / rowHeight) + 1;
  const first = Math.max(0, Math.min(Math.floor(scrolled / rowHeight), count - inSight) - AROUND);
  return { first, end: Math.min(count, first + inSight + 2 * AROUND) };
}

/** How far to scroll for a row to be in sight whole; as little as possible. `head` covers the first rows. */
export function scrolledTo(
  index: number,
  scrolled: number,
  height: number,
  rowHeight: number,
  head: number,
): number {
  const top = index * rowHeight;
  const room = height - head;
  if (top < scrolled) return top;
  return top + rowHeight > scrolled + room ? Math.max(0, top + rowHeight - room) : scrolled;
}

/** The row that a key leads to; undefined: it is no such key. */
export function rowByKey(
  key: string,
  current: number | undefined,
  count: number,
  page: number,
): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    j: 1,
    ArrowUp: -1,
    k: -1,
    PageDown: page,
    PageUp: -page,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  if (step === undefined || count === 0) return undefined;
  if (current === undefined) return step > 1 && step === count ? count - 1 : 0;
  return Math.max(0, Math.min(count - 1, current + step));
}
