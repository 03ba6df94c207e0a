/**
 * A first-in-first-out queue of frames with a limit on frames and on bytes. It copies what it takes, into
 * packets of its pool, so whoever lent a frame may go on with it.
 */
import { Fifo } from "../base/fifo.ts";
import { HEADROOM, type PacketBuffer, PacketPool } from "../base/packet-buffer.ts";

export interface QueueLimits {
  readonly frames?: number | undefined;
  readonly bytes?: number | undefined;
}

/** Linux's default `txqueuelen`. */
export const DEFAULT_QUEUE_FRAMES = 1_000;

export class FrameQueue {
  readonly #frameLimit: number;
  readonly #byteLimit: number;
  readonly #pool: PacketPool;
  readonly #frames = new Fifo<PacketBuffer>();
  #bytes = 0;

  constructor(limits: QueueLimits = {}, pool: PacketPool = new PacketPool()) {
    this.#frameLimit = limits.frames ?? DEFAULT_QUEUE_FRAMES;
    this.#byteLimit = limits.bytes ?? Number.POSITIVE_INFINITY;
    this.#pool = pool;
  }

  get length(): number {
    return this.#frames.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Whether a frame of this length would be taken. An empty queue takes any: a limit must not block for
   * ever.
   */
  hasRoomFor(length: number): boolean {
    if (this.length === 0) return this.#frameLimit > 0;
    return this.length < this.#frameLimit && this.#bytes + length <= this.#byteLimit;
  }

  /** Takes a copy of the frame, if there is room. */
  push(frame: PacketBuffer): boolean {
    if (!this.hasRoomFor(frame.length)) return false;
    const copy = this.#pool.take();
    copyFrame(frame, copy);
    this.#frames.push(copy);
    this.#bytes += copy.length;
    return true;
  }

  /** The oldest frame, which stays in the queue. */
  peek(): PacketBuffer | undefined {
    return this.#frames.peek();
  }

  /** Takes the oldest frame out. It is the caller's until he gives it back by `release`. */
  shift(): PacketBuffer | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined) this.#bytes -= frame.length;
    return frame;
  }

  release(frame: PacketBuffer): void {
    this.#pool.give(frame);
  }

  clear(): void {
    for (let frame = this.shift(); frame !== undefined; frame = this.shift()) this.release(frame);
  }
}

/**
 * What a wire carries: the bytes, and what a device with offloads has to know of them; none of the other
 * marks that the sender's host made.
 */
export function copyFrame(from: PacketBuffer, to: PacketBuffer): void {
  to.join(from, HEADROOM);
  if (from.checksum !== "partial") return;
  const shift = to.start - from.start;
  to.checksum = "partial";
  to.segmentSize = from.segmentSize;
  to.network = from.network + shift;
  to.transport = from.transport + shift;
}
