/**
 * How far segments overtake each other on the path, in segments: the duplicate threshold adapts to it, as on
 * Linux (net.ipv4.tcp_reordering, tcp_max_reordering; RFC 4653 has the idea). RACK learns from it that there
 * is reordering at all (RFC 8985 §6.2 step 3).
 */
import { numberAt, type Row } from "../../base/fold.ts";
export class Reordering {
  /** The duplicate threshold: at first RFC 5681's three. */
  #degree: number;
  #seen = 0;
  readonly #usual: number;
  readonly #most: number;

  constructor(usual: number, most: number) {
    this.#degree = usual;
    this.#usual = usual;
    this.#most = most;
  }

  get degree(): number {
    return this.#degree;
  }

  /** How often it happened. */
  get seen(): number {
    return this.#seen;
  }

  /** More than the usual threshold takes for granted. */
  get isHigh(): boolean {
    return this.#degree > this.#usual;
  }

  /** Something that was sent once arrived after what lies `distance` segments (maybe not whole) behind it. */
  observed(distance: number): void {
    this.#seen++;
    if (distance > this.#degree) this.#degree = Math.min(Math.ceil(distance), this.#most);
  }

  /** Without SACK: more duplicates came than segments are missing. */
  estimated(degree: number): void {
    this.#seen++;
    this.#degree = Math.min(degree, this.#most);
  }

  /** A timeout came although many segments had been reported: the threshold was too high. */
  wasOverestimated(): void {
    this.#degree = Math.min(this.#degree, this.#usual);
  }

  fold(row: Row, at: number): number {
    row[at] = this.#degree;
    row[at + 1] = this.#seen;
    return at + 2;
  }

  unfold(row: Row, at: number): number {
    this.#degree = numberAt(row, at);
    this.#seen = numberAt(row, at + 1);
    return at + 2;
  }
}
