/**
 * The window that we advertise: RFC 9293 §3.8.6.2.2 (the receiver's side of avoiding the silly window
 * syndrome, MUST-39), never shrinking it (SHLD-14), but closed if need be (MAY-8), and its scaling: RFC 7323
 * §2.
 *
 * As on Linux it opens with what comes: up to a threshold that grows by two segments with each that arrives,
 * so that a window is not promised before there is a flow to use it. docs/decisions/receive-window.md.
 *
 *   | text to be read | RCV.NXT ... window ... threshold ... clamp |
 *   |<---------------------- buffer ------------------------------>|
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { LARGEST_SIGNED } from "./initial-window.ts";

export interface WindowLimits {
  readonly windowClamp: number;
  readonly applicationWindow: number;
  readonly shrinkWindow: boolean;
  readonly signedWindows: boolean;
}

/** Smaller segments tell nothing about how a flow will fill the window. */
const LEAST_TO_GROW = 128;

export class ReceiveWindow {
  readonly #limits: WindowLimits;
  /** The largest window that may be told, in bytes. */
  clamp: number;
  /** What the user said of it (TCP_WINDOW_CLAMP); 0: nothing. */
  #wanted: number;
  /** The largest that is told by now. */
  threshold = 0;
  /** Less than half of the buffer was free when it was last asked. */
  isTight = false;
  scale = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
    this.clamp = limits.windowClamp;
    this.#wanted = limits.windowClamp;
  }

  /**
   * The handshake is over.
   *
   * @param told the window of our SYN
   * @param buffer the size of the buffer
   * @param segment the text of the peer's full segments
   */
  begin(told: number, buffer: number, segment: number, scale: number): void {
    const { applicationWindow: share } = this.#limits;
    const tellable = 0xffff << scale;
    this.scale = scale;
    let clamp = this.clamp === 0 ? tellable : Math.min(this.clamp, tellable);
    if (clamp >= buffer) {
      clamp = buffer;
      if (share > 0 && buffer > 4 * segment) clamp = Math.max(buffer - (buffer >> share), 4 * segment);
    }
    // One segment is kept back, for what arrives while the user is late.
    if (share > 0 && clamp > 2 * segment && clamp + segment > buffer) {
      clamp = Math.max(2 * segment, buffer - segment);
    }
    this.clamp = clamp;
    this.threshold = Math.min(told, clamp);
  }

  /** The buffer has become larger; what the user said holds. */
  widen(buffer: number): void {
    const most = this.#wanted === 0 ? 0xffff << this.scale : this.#wanted;
    this.clamp = Math.max(this.clamp, Math.min(buffer, most));
  }

  /** TCP_WINDOW_CLAMP: a wider window opens with what comes, a narrower one is never taken back. */
  clampTo(bytes: number, told: number): void {
    this.#wanted = bytes;
    const isWider = bytes >= this.clamp;
    this.clamp = bytes;
    const { threshold } = this;
    this.threshold = isWider ? Math.max(Math.min(told, bytes), threshold) : Math.min(threshold, bytes);
  }

  /** Text arrived. True: the window may be wider from now on. */
  arrived(length: number, free: number, segment: number): boolean {
    if (length < LEAST_TO_GROW) return false;
    const room = Math.min(this.clamp, free) - this.threshold;
    if (room <= 0) return false;
    this.threshold += Math.min(room, 2 * Math.max(length, segment));
    return true;
  }

  /**
   * The window to advertise, in bytes, not rounded to what the field can tell.
   *
   * @param told the window of the last segment that went out
   * @param current what is left of it: RCV.ADV − RCV.NXT
   * @param free space in the buffer
   * @param buffer the size of the buffer
   * @param mss the size of the peer's segments, as seen
   */
  select(told: number, current: number, free: number, buffer: number, mss: number): number {
    const window = this.#choose(told, current, free, buffer, mss);
    return window < current && !this.mayShrink ? current : window;
  }

  /** tcp_shrink_window, against RFC 9293 §3.8.6 (SHLD-14), for who must keep to his memory. */
  get mayShrink(): boolean {
    return this.#limits.shrinkWindow && this.scale > 0;
  }

  #choose(told: number, current: number, free: number, buffer: number, mss: number): number {
    const full = Math.min(this.clamp, buffer);
    const segment = Math.min(mss, full);
    const unit = 1 << this.scale;
    this.isTight = 2 * free < full;
    let space = free;
    if (this.isTight || this.mayShrink) {
      space -= space % unit;
      // Rather none than a silly one.
      if (this.isTight && (space < buffer >> 4 || space < segment)) return 0;
    }
    space = Math.min(space, this.threshold);
    if (this.scale > 0) {
      const isSilly = this.isTight && space > current && space - current < segment;
      return isSilly ? current : Math.ceil(space / unit) * unit;
    }
    // Whole segments, and no new edge for less than one.
    if (told <= space - segment || told > space) return space - (space % segment);
    return segment === full && space > told + (full >> 1) ? space : told;
  }

  /**
   * The header's window field. Rounding down could move the right edge left, so an edge that was told before
   * is rounded up: by less than 2^scale bytes beyond the room there is, so that many small segments cannot
   * add up. RFC 7323 §2.4 lets the edge seem to retreat by as much.
   */
  field(window: number, current: number, room: number, scale = this.scale): number {
    const down = window >> scale;
    const up = (current + (1 << scale) - 1) >> scale;
    const field = down << scale < current && (up - 1) << scale < room && !this.mayShrink ? up : down;
    const isSigned = this.#limits.signedWindows && scale === 0;
    return Math.min(field, isSigned ? LARGEST_SIGNED : 0xffff);
  }

  /** Whether there is any question of telling a new window at once: not while half of the widest is told. */
  mayUpdate(current: number): boolean {
    return 2 * current <= this.clamp;
  }

  /** Whether the user's reading has opened the window so far that the peer should hear of it at once. */
  isWorthAnUpdate(current: number, next: number): boolean {
    return next > 0 && next >= 2 * current;
  }

  fold(row: Row, at: number): number {
    row[at] = this.clamp;
    row[at + 1] = this.#wanted;
    row[at + 2] = this.threshold;
    row[at + 3] = this.isTight ? 1 : 0;
    row[at + 4] = this.scale;
    return at + 5;
  }

  unfold(row: Row, at: number): number {
    this.clamp = numberAt(row, at);
    this.#wanted = numberAt(row, at + 1);
    this.threshold = numberAt(row, at + 2);
    this.isTight = flagAt(row, at + 3);
    this.scale = numberAt(row, at + 4);
    return at + 5;
  }
}
