/**
 * How much new text leaves at once: Linux hands down "TSO units" of several full segments, sized after the
 * pace of the connection, so that a unit is sent about every millisecond. Units show on the wire: the last
 * segment of one that has more than one segment is pushed (RFC 9293 §3.9.1.2 leaves that open), so that a
 * receiver that gathers segments passes them on. docs/decisions/push.md
 */
import type { Duration } from "../../base/time.ts";

/** GSO_LEGACY_MAX_SIZE: what a unit has at most, headers included. */
export const LARGEST_UNIT = 65_536;
/** A connection's pace is looked at through windows of 1/1024 s: Linux's sk_pacing_shift. */
export const PACING_WINDOWS = 1_024;
/** Beyond this many halvings nothing is left of LARGEST_UNIT. */
const MOST_HALVINGS = 32;

/** What a unit's size follows. */
export interface Pace {
  /** Bytes a second. */
  readonly rate: number;
  /** The smallest round trip seen; 0: none yet. */
  readonly minRtt: Duration;
}

export interface UnitConfig {
  readonly minTsoSegments: number;
  readonly tsoRttLog: number;
}

/**
 * The most segments of `mss` bytes in a unit: what goes out in a millisecond at this pace, and more for a
 * peer that is near, but not less than `minTsoSegments`.
 */
export function unitSegments(pace: Pace, mss: number, config: UnitConfig): number {
  const halving = (1 << config.tsoRttLog) >>> 0;
  const halvings = config.tsoRttLog === 0 ? MOST_HALVINGS : pace.minRtt / halving;
  const near = halvings < MOST_HALVINGS ? LARGEST_UNIT >>> halvings : 0;
  const bytes = Math.min(Math.floor(pace.rate / PACING_WINDOWS) + near, LARGEST_UNIT - 1);
  return Math.max(Math.floor(bytes / mss), config.minTsoSegments);
}

/** Of a congestion window, one unit takes half at most. */
export function segmentsOfWindow(cwnd: number, mss: number): number {
  return Math.max(Math.floor(cwnd / mss) >> 1, 1);
}
