/**
 * Folding: the numbers of many parts become one small array, and come back. What has its usual value is only
 * a bit; so parts that have had little to do take next to no room.
 *
 *   | a bit for each number: is it unusual? | the unusual ones, in order |
 *
 * A part has one method for both directions, which names each of its numbers once, always in the same order:
 *
 *   fold(fold: Fold): void {
 *     this.#count = fold.number(this.#count, 0);
 *   }
 */

/** What is left of folded parts. */
export type Folded = readonly number[];

/** Bits in one element: with more, V8 would keep it as a heap number while it is being put together. */
const BITS = 30;
/** Elements of bits: for so many numbers at most. */
const MASKS = 5;
const MOST = MASKS * BITS;
/** No small integer: the array holds its numbers unboxed from the beginning. */
const UNBOXED = 0.5;

export class Fold {
  readonly #values: number[] = new Array<number>(MASKS + MOST).fill(UNBOXED);
  /** What is being unfolded; undefined while folding. */
  #source: Folded | undefined = undefined;
  #bit = 0;
  #mask = 0;
  #masks = 0;
  #next = MASKS;

  /** From now on numbers are folded. */
  begin(): void {
    this.#restart(undefined);
  }

  /** All of them have been shown. */
  end(): Folded {
    while (this.#masks < MASKS) this.#endMask();
    return this.#values.slice(0, this.#next);
  }

  /** From now on numbers are what they were when they were folded. */
  unfold(folded: Folded): void {
    this.#restart(folded);
  }

  /** A number: the same when folding, what it was when unfolding. */
  number<N extends number>(value: N, usual: number): N {
    if (this.#bit === BITS) this.#endMask();
    const bit = 1 << this.#bit++;
    const source = this.#source;
    if (source !== undefined) {
      return (((source[this.#masks] as number) & bit) === 0 ? usual : source[this.#next++]) as N;
    }
    if (value !== usual) {
      this.#mask |= bit;
      this.#values[this.#next++] = value;
    }
    return value;
  }

  flag(value: boolean, usual = false): boolean {
    return this.number(value ? 1 : 0, usual ? 1 : 0) === 1;
  }

  /** A number that may be unknown, and usually is. Infinity is not such a number. */
  optional<N extends number>(value: N | undefined): N | undefined {
    const known = this.number<number>(value ?? UNKNOWN, UNKNOWN);
    return known === UNKNOWN ? undefined : (known as N);
  }

  #restart(source: Folded | undefined): void {
    this.#source = source;
    this.#bit = 0;
    this.#mask = 0;
    this.#masks = 0;
    this.#next = MASKS;
  }

  #endMask(): void {
    if (this.#source === undefined) this.#values[this.#masks] = this.#mask;
    this.#masks++;
    this.#bit = 0;
    this.#mask = 0;
  }
}

const UNKNOWN = Number.NEGATIVE_INFINITY;
