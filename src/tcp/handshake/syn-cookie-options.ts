/**
 * What a SYN cookie's sequence number has no room for: the six lowest bits of the SYN-ACK's timestamp say
 * which options the SYN had, and come back as the third segment's echo. RFC 4987 §3.6, as on Linux.
 *
 *   | 31 … 6    | 5   | 4    | 3 … 0        |
 *   | the clock | ECN | SACK | window scale |
 */
import type { Offer } from "./negotiate.ts";

const BITS = 6;
const SPAN = 1 << BITS;
const SCALE_MASK = 0xf;
/** No legal shift: the SYN had no such option. */
const NO_SCALE = 0xf;
const SACK = 0x10;
const ECN = 0x20;

export interface CookieOptions {
  /** −1: not offered. */
  readonly windowScale: number;
  readonly sack: boolean;
  readonly ecn: boolean;
}

/**
 * The clock's value to send instead of `ticks`: not after it, so that later ones are not before it.
 *
 * @param ticks the timestamp clock now, without its offset
 */
export function ticksWith(ticks: number, { windowScale, sack, ecn }: CookieOptions): number {
  const bits = (windowScale < 0 ? NO_SCALE : windowScale) | (sack ? SACK : 0) | (ecn ? ECN : 0);
  const value = ticks - (ticks % SPAN) + bits;
  return value > ticks ? value - SPAN : value;
}

/** @param ticks what came back, without the clock's offset */
export function optionsIn(ticks: number): CookieOptions {
  const scale = ticks & SCALE_MASK;
  return {
    windowScale: scale === NO_SCALE ? -1 : scale,
    sack: (ticks & SACK) !== 0,
    ecn: (ticks & ECN) !== 0,
  };
}

/** Whether a peer that was offered `ours` could have sent back these options at all. */
export function isPossible(options: CookieOptions, ours: Offer): boolean {
  if (options.ecn && !ours.ecn) return false;
  return (!options.sack || ours.sack) && (options.windowScale < 0 || ours.windowScale >= 0);
}
