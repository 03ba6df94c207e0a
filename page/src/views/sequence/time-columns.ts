/**
 * Items in the order of their time, gathered into columns that stand still: as wide as a power of two of µs,
 * and counted from instant 0. So a picture that goes on with time gathers its last columns only. Where all
 * are to be gathered anew (nearer, farther, further back), that takes several pictures, and the columns that
 * were there before stand meanwhile.
 */
import { firstIndex } from "../../drawing/search.ts";
import type { Stretch } from "./time-range.ts";

/** What may be gathered for one picture. */
export class Work {
  /** Items that may still be looked at. */
  left: number;
  /** There was more to be done: the next picture goes on with it. */
  isBehind = false;

  constructor(left = 15_000) {
    this.left = left;
  }
}

export interface Gathered<Column> {
  /** Which column, from instant 0. */
  readonly at: number;
  readonly column: Column;
}

/** A column's items, and what it covers. */
export interface Slice<Item> {
  readonly items: readonly Item[];
  readonly begin: number;
  readonly end: number;
  /** The instant in its middle. */
  readonly time: number;
}

type Gather<Item, Column> = (slice: Slice<Item>) => Column;
type TimeOf<Item> = (item: Item) => number;

/** The last columns may get more: items of their time, and what is learnt of those that are there. */
const OPEN = 2;

/** Columns so much wider, or narrower, are of no use meanwhile. */
const FAR = 8;

/** Columns of one width. */
class Run<Item, Column> {
  readonly width: number;
  #first: number;
  readonly #gathered: Gathered<Column>[] = [];
  /** All before this one are done. */
  #next: number;

  constructor(width: number, first: number) {
    this.width = width;
    this.#first = first;
    this.#next = first;
  }

  fits(width: number, first: number): boolean {
    return this.width === width && this.#first <= first && first <= this.#next;
  }

  within(first: number, last: number): readonly Gathered<Column>[] {
    const begin = firstIndex(this.#gathered, ({ at }) => at >= first);
    const end = firstIndex(this.#gathered, ({ at }) => at > last);
    if (2 * begin <= this.#gathered.length) return this.#gathered.slice(begin, end);
    // What is left behind on the way goes.
    this.#gathered.splice(0, begin);
    this.#first = first;
    return this.#gathered.slice(0, end - begin);
  }

  /** Gathers up to this column. False: there was too much of it. */
  extend(
    last: number,
    items: readonly Item[],
    timeOf: TimeOf<Item>,
    gather: Gather<Item, Column>,
    work: Work,
  ) {
    const { width } = this;
    if (work.left <= 0) return false;
    this.#gathered.length = firstIndex(this.#gathered, ({ at }) => at >= this.#next);
    let begin = firstIndex(items, item => timeOf(item) >= this.#next * width);
    while (begin < items.length) {
      const at = Math.floor(timeOf(items[begin] as Item) / width);
      if (at > last) break;
      if (work.left <= 0) {
        this.#next = at;
        return false;
      }
      let end = begin + 1;
      while (end < items.length && timeOf(items[end] as Item) < (at + 1) * width) end++;
      const column = gather({ items, begin, end, time: (at + 0.5) * width });
      this.#gathered.push({ at, column });
      work.left -= end - begin;
      begin = end;
    }
    const newest = this.#gathered[this.#gathered.length - 1]?.at ?? this.#next;
    this.#next = Math.max(this.#first, newest + 1 - OPEN);
    return true;
  }
}

export class TimeColumns<Item, Column> {
  readonly #items: readonly Item[];
  readonly #timeOf: TimeOf<Item>;
  readonly #gather: Gather<Item, Column>;
  #shown: Run<Item, Column> | undefined;
  #making: Run<Item, Column> | undefined;

  constructor(items: readonly Item[], timeOf: TimeOf<Item>, gather: Gather<Item, Column>) {
    this.#items = items;
    this.#timeOf = timeOf;
    this.#gather = gather;
  }

  /** Of those that are shown. */
  get width(): number {
    return this.#shown?.width ?? 1;
  }

  /** About so many columns. */
  over({ from, to }: Stretch, columns: number, work: Work): readonly Gathered<Column>[] {
    const width = columnWidth((to - from) / columns, this.#shown?.width);
    const [first, last] = [this.#firstWithin(from, width), Math.floor(to / width)];
    if (this.#shown === undefined || isFar(this.#shown.width, width)) this.#shown = new Run(width, first);
    if (this.#shown.fits(width, first)) {
      this.#making = undefined;
      if (!this.#extend(this.#shown, last, work)) work.isBehind = true;
    } else {
      if (this.#making?.fits(width, first) !== true) this.#making = new Run(width, first);
      if (this.#extend(this.#making, last, work)) {
        this.#shown = this.#making;
        this.#making = undefined;
      } else work.isBehind = true;
    }
    const shown = this.#shown;
    return shown.within(Math.floor(from / shown.width), Math.floor(to / shown.width));
  }

  /** Margins before all items may grow: there is nothing to be gathered. */
  #firstWithin(from: number, width: number): number {
    const [oldest] = this.#items;
    return Math.floor((oldest === undefined ? from : Math.max(from, this.#timeOf(oldest))) / width);
  }

  #extend(run: Run<Item, Column>, last: number, work: Work): boolean {
    return run.extend(last, this.#items, this.#timeOf, this.#gather, work);
  }
}

function isFar(one: number, other: number): boolean {
  return one > FAR * other || other > FAR * one;
}

/** One that is about right stays: a stretch that grows a little wants no other. */
function columnWidth(asked: number, now: number | undefined): number {
  if (now !== undefined && now > 0.6 * asked && now < 1.7 * asked) return now;
  return asked > 0 ? 2 ** Math.round(Math.log2(asked)) : 1;
}
