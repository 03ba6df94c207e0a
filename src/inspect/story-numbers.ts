/**
 * Sequence numbers of the wire, made relative and unwrapped: counted from the first one on, beyond 4 GB.
 * RFC 9293 §3.4. A number is taken to be the one nearest to the newest that is known, so it may lie up to
 * 2 GB before it or after it.
 */
import { seq, seqDiff } from "../base/seq.ts";
import type { StoryOrigin } from "./story.ts";

export class StoryNumbers {
  #origin: StoryOrigin | undefined;
  /** The highest relative number that somebody vouched for. */
  #newest = 0;

  get origin(): StoryOrigin | undefined {
    return this.#origin;
  }

  /** This number of the wire counts as 0, unless another does. */
  startAt(sequence: number, isInitial: boolean): void {
    this.#origin ??= { sequence: sequence >>> 0, isInitial };
  }

  relative(sequence: number): number {
    if (this.#origin === undefined) this.startAt(sequence, false);
    const from = this.#origin?.sequence ?? sequence;
    return this.#newest + seqDiff(seq(sequence), seq(from + this.#newest));
  }

  /** As `relative`, of a number that is known to be one of the connection's: later ones lie around it. */
  advance(sequence: number): number {
    const relative = this.relative(sequence);
    if (relative > this.#newest) this.#newest = relative;
    return relative;
  }
}
