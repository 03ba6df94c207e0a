/**
 * Folding: the numbers of many parts become one small array, and come back. A number that is as it was in the
 * first parts that were ever folded is only a bit; so what is alike in many takes next to no room.
 *
 *   | a bit for each number: does it differ? | those that do, in order |
 *
 * A part has two methods, which write its numbers into a row from `at` on, and read them back; both answer
 * where the next part's begin. Neither calls anything or makes an object for a number:
 *
 *   fold(row: Row, at: number): number {          unfold(row: Row, at: number): number {
 *     row[at] = this.#count;                        this.#count = numberAt(row, at);
 *     row[at + 1] = this.#isOn ? 1 : 0;             this.#isOn = flagAt(row, at + 1);
 *     return at + 2;                                return at + 2;
 *   }                                             }
 */
import { assert } from "./assert.ts";

/** Numbers of parts, side by side. */
export type Row = Float64Array;

/** What is left of folded parts. */
export type Folded = number[];

/** Stands for a number that is not known. −Infinity is no number that parts have. */
export const UNKNOWN = Number.NEGATIVE_INFINITY;

export function numberAt<N extends number>(row: Row, at: number): N {
  const was = row[at] as N;
  // A field that has only held small integers stays one of them, which is quicker.
  const small = (was | 0) as N;
  return small === was ? small : was;
}

export function flagAt(row: Row, at: number): boolean {
  return row[at] === 1;
}

export function optionalAt<N extends number>(row: Row, at: number): N | undefined {
  const known = numberAt<N>(row, at);
  return known === UNKNOWN ? undefined : known;
}

/** Bits in one element. */
const BITS = 32;
/** Elements of bits. */
const MASKS = 4;
/** So many numbers have room in a row. */
export const MOST = MASKS * BITS;
/** No small integer: the array holds its numbers unboxed from the beginning. */
const UNBOXED = 0.5;

export class Fold {
  /** What is to be folded, or was unfolded last. */
  readonly row: Row = new Float64Array(MOST);
  /** The first row that was folded. */
  #usual: Row | undefined = undefined;
  readonly #folded: number[] = new Array<number>(MASKS + MOST).fill(UNBOXED);

  /**
   * Of the row's first `count` numbers what is unusual.
   * @param before what the same parts were folded to before: taken again where it has the right length
   */
  fold(count: number, before?: Folded): Folded {
    assert(count <= MOST, "more numbers are folded than there is room for");
    const { row } = this;
    this.#usual ??= row.slice();
    const usual = this.#usual;
    const folded = this.#folded;
    let next = MASKS;
    for (let mask = 0, at = 0; mask < MASKS; mask++) {
      let bits = 0;
      for (let bit = 1; bit !== 0 && at < count; bit <<= 1, at++) {
        if (row[at] === usual[at]) continue;
        bits |= bit;
        folded[next++] = row[at] as number;
      }
      folded[mask] = bits;
    }
    if (before?.length !== next) return folded.slice(0, next);
    for (let i = 0; i < next; i++) before[i] = folded[i] as number;
    return before;
  }

  /** The row as it was. */
  unfold(folded: Folded): void {
    const { row } = this;
    row.set(this.#usual as Row);
    let next = MASKS;
    for (let mask = 0; mask < MASKS; mask++) {
      for (let bits = folded[mask] as number; bits !== 0; bits &= bits - 1) {
        const bit = BITS - 1 - Math.clz32(bits & -bits);
        row[mask * BITS + bit] = folded[next++] as number;
      }
    }
  }
}
