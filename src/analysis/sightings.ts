/**
 * A capture of both ends has each segment twice: when it left, and when it came. Segments that were counted
 * are put together with those that were seen elsewhere; what has no counterpart was lost on its way. Where
 * few have one (a card cut or joined them), nothing is said of the other place.
 */
import type { CapturedSegment } from "./captured-segment.ts";
import type { Side } from "./lifetime.ts";

/** Undefined: it is not known, or it never was. */
export interface Passage {
  readonly sentAt: number | undefined;
  readonly receivedAt: number | undefined;
}

const MOST = 0.8;

export class Sightings {
  readonly #elsewhere = new Map<string, CapturedSegment[]>();
  readonly #counts: [number, number] = [0, 0];

  elsewhere(segment: CapturedSegment, side: Side): void {
    const key = keyOf(segment, side);
    const known = this.#elsewhere.get(key);
    if (known === undefined) this.#elsewhere.set(key, [segment]);
    else known.push(segment);
    this.#counts[side]++;
  }

  /**
   * When each of these segments of one side left and came, as far as it is known. `lost`: those that only
   * the sender's place has seen, of those that were not counted.
   */
  passages(
    side: Side,
    counted: readonly CapturedSegment[],
  ): { passages: Passage[]; lost: CapturedSegment[] } {
    const here = counted.map(({ time }) => ({ sentAt: time, receivedAt: time }));
    if (this.#counts[side] === 0) return { passages: here, lost: [] };
    const others = counted.map(segment => this.#elsewhere.get(keyOf(segment, side))?.shift());
    const matched = others.filter(other => other !== undefined).length;
    if (matched < MOST * Math.min(counted.length, this.#counts[side])) return { passages: here, lost: [] };
    const later = others.filter((other, i) => other !== undefined && other.time >= (counted[i]?.time ?? 0));
    const isSender = 2 * later.length >= matched;
    const passages = counted.map(({ time }, i) => {
      const other = others[i]?.time;
      return isSender ? { sentAt: time, receivedAt: other } : { sentAt: other, receivedAt: time };
    });
    const left = [...this.#elsewhere.entries()].flatMap(([key, segments]) =>
      key.startsWith(`${side} `) ? segments : [],
    );
    return { passages, lost: isSender ? [] : left };
  }
}

/** What no router changes. */
function keyOf(segment: CapturedSegment, side: Side): string {
  const { sequence, acknowledgment, flags, length, window, timestampValue, timestampEcho } = segment;
  const { identification } = segment;
  return `${side} ${[sequence, acknowledgment, flags, length, window].join()} ${[
    timestampValue,
    timestampEcho,
    identification,
  ].join()}`;
}
