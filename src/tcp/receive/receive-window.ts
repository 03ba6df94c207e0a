/**
 * The window that we advertise: RFC 9293 §3.8.6.2.2 (the receiver's side of avoiding the silly window
 * syndrome, MUST-39), never shrinking it (SHLD-14), and its scaling: RFC 7323 §2.
 */

import { MAX_WINDOW_SCALE } from "../../wire/tcp-options.ts";

/** The smallest shift that lets a window of `limit` bytes be told. */
export function windowScaleFor(limit: number): number {
  let shift = 0;
  while (shift < MAX_WINDOW_SCALE && limit >> shift > 0xffff) shift++;
  return shift;
}

/**
 * The window to advertise, in bytes.
 *
 * @param current what is advertised now: RCV.ADV − RCV.NXT
 * @param room free space in the buffer
 * @param limit the size of the buffer
 * @param mss the size of the peer's segments
 */
export function windowToAdvertise(current: number, room: number, limit: number, mss: number): number {
  if (room <= current) return current;
  // §3.8.6.2.2: the right edge moves only by min(half the buffer, one segment) or more.
  return room - current >= Math.min(limit >> 1, mss) ? room : current;
}

/**
 * The header's window field for a window. Rounding down could move the right edge left, so an edge that was
 * told before is rounded up: by less than 2^shift bytes beyond the room there is, so that many small segments
 * cannot add up. RFC 7323 §2.4 lets the edge seem to retreat by as much.
 */
export function windowField(window: number, current: number, shift: number, room: number): number {
  const down = window >> shift;
  const up = (current + (1 << shift) - 1) >> shift;
  const field = down << shift < current && (up - 1) << shift < room ? up : down;
  return Math.min(field, 0xffff);
}

/** Whether the user's reading has opened the window so far that the peer should hear of it at once. */
export function isWorthAnUpdate(current: number, room: number, limit: number, mss: number): boolean {
  const opened = windowToAdvertise(current, room, limit, mss) - current;
  return opened > 0 && opened >= Math.min(limit >> 1, 2 * mss) && (current < 2 * mss || opened >= current);
}
