/**
 * How much a write may take: Linux's tcp_sendmsg and sk_stream_is_writeable. Text is gathered in pieces of
 * up to half the peer's window. A piece that has begun is filled whatever the limits say; a new one begins
 * only as long as the memory held is below SO_SNDBUF, and what is not sent below TCP_NOTSENT_LOWAT. That is
 * why a write may take more than the buffer's size, and why a socket is writable only when a third of it is
 * free.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { LARGEST_UNIT, PACING_WINDOWS, type Pace } from "./tso-unit.ts";

/**
 * What Linux holds for each piece and each unit in flight beside its text: an sk_buff with room for
 * headers.
 */
export const PIECE_COST = 1_280;
/** Of a piece's largest size, headers take so much. */
const HEADERS = 321;
/** TCP_MSS_DEFAULT: smaller windows are not halved. */
const SMALL_WINDOW = 536;
/**
 * What Linux reckons with for a segment in flight beside its text: headers, and what the allocator rounds
 * up.
 */
const SEGMENT_HEADERS = 640;
const SEGMENT_STRUCT = 256;
/** RFC 6928's window. */
const LEAST_SEGMENTS = 10;
export const NO_LOW_WATER = 0xffff_ffff;

export class SendSpace {
  /** SO_SNDBUF, in bytes of memory: text, and PIECE_COST for each piece. */
  limit: number;
  /** The user set the limit: it is not tuned. */
  isFixed = false;
  /** TCP_NOTSENT_LOWAT; 0: the host's. */
  lowWater = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether a write may begin another piece. */
  mayBegin(held: number, unsent: number, lowWater: number): boolean {
    return held < this.limit && unsent < (this.lowWater || lowWater);
  }

  /** Whether a write that found no room would be worth a try; half of the low water's mark has to be free. */
  isWritable(held: number, unsent: number, lowWater: number): boolean {
    const free = this.limit - held;
    return free > 0 && free >= held >> 1 && 2 * unsent < (this.lowWater || lowWater);
  }

  /** The congestion window is of so many segments: there is to be room for two of it, within `most` bytes. */
  tune(segments: number, mss: number, most: number): void {
    if (this.isFixed) return;
    const wanted = 2 * Math.max(segments, LEAST_SEGMENTS) * memoryOfSegment(mss);
    if (this.limit < wanted) this.limit = Math.min(wanted, most);
  }

  fold(row: Row, at: number): number {
    row[at] = this.limit;
    row[at + 1] = this.isFixed ? 1 : 0;
    row[at + 2] = this.lowWater;
    return at + 3;
  }

  unfold(row: Row, at: number): number {
    this.limit = numberAt(row, at);
    this.isFixed = flagAt(row, at + 1);
    this.lowWater = numberAt(row, at + 2);
    return at + 3;
  }
}

/**
 * Bytes that a device's queue takes at once: two units, or a millisecond's worth, and one more. When Linux
 * looks whether a window is full, the rest has not left yet: tcp_small_queue_check.
 */
export function mostQueued(pace: Pace, unit: number): number {
  const units = Math.max(2, Math.floor(pace.rate / PACING_WINDOWS / (unit + PIECE_COST)));
  return (units + 1) * unit;
}

function memoryOfSegment(mss: number): number {
  return 2 ** Math.ceil(Math.log2(mss + SEGMENT_HEADERS)) + SEGMENT_STRUCT;
}

/** The size that a piece grows to, in full segments: half of the largest window the peer ever offered. */
export function pieceSize(mss: number, maxWindow: number): number {
  const most = LARGEST_UNIT - HEADERS;
  const bound = maxWindow === 0 ? most : Math.min(most, halfOfWindow(maxWindow));
  return Math.max(mss, Math.floor(bound / mss) * mss);
}

/**
 * Of a peer with a small window, a segment takes half at most: so two are on their way, and one is
 * acknowledged while the other is sent. Linux's tcp_bound_to_half_wnd.
 */
export function halfOfWindow(maxWindow: number): number {
  return maxWindow > SMALL_WINDOW ? maxWindow >> 1 : maxWindow;
}
