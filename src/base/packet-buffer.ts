/**
 * A packet: a movable window over bytes, with headroom, so that headers are prepended in place.
 *
 *   bytes  |<-- headroom -->| start ......... network ... transport ... end |<-- tailroom -->|
 *
 * Text may follow that lies elsewhere (`tail`), on its way to a device that gathers: a copy of the packet has
 * it in the window.
 *
 * Packets are borrowed: nobody keeps one after the call that handed it over returns (ARCHITECTURE.md,
 * invariant 6).
 */
import { assert } from "./assert.ts";
import { sumWords } from "./checksum.ts";
import { PacketTail } from "./packet-tail.ts";
import { type Instant, START_OF_TIME } from "./time.ts";
import { View } from "./view.ts";

/** Room for a virtio header, Ethernet with two VLAN tags, and IPv6 with a fragment header. */
export const HEADROOM = 128;

/**
 * What is known of the transport checksum. `partial`: the device completes it. `valid`: someone below
 * verified it.
 */
export type ChecksumState = "unknown" | "valid" | "partial";

/** Sums 16-bit words as base/checksum does, only faster, in memory of its own. */
export interface WordSummer {
  sum(from: number, to: number): number;
}

export class PacketBuffer {
  bytes: Uint8Array;
  start = HEADROOM;
  end = HEADROOM;
  /** Offset in `bytes` of the IP header, or −1. */
  network = -1;
  /** Offset in `bytes` of the transport header, or −1. */
  transport = -1;
  /** Above 0: a super-segment, which the device or link/segmentation cuts into payloads of this size. */
  segmentSize = 0;
  checksum: ChecksumState = "unknown";
  receivedAt: Instant = START_OF_TIME;
  /** The views asked for last, of this packet's bytes. */
  #recent = new View();
  #before = new View();
  #words: Uint32Array | undefined = undefined;
  /** What `#words` shows. */
  #wordsOf: Uint8Array | undefined = undefined;
  /** Sums `#summed`, which begins at `#summedAt` in its memory. */
  #summer: WordSummer | undefined = undefined;
  #summed: Uint8Array | undefined = undefined;
  #summedAt = 0;
  /** Text behind the window. Packets that ever had one keep the object. */
  tail: PacketTail | undefined = undefined;

  /** @param capacity Bytes in all, headroom included. */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** A packet that holds a copy of these bytes. */
  static from(content: Uint8Array, headroom = HEADROOM): PacketBuffer {
    const packet = new PacketBuffer(headroom + content.length);
    packet.fill(content, 0, content.length, headroom);
    return packet;
  }

  /** In bytes, with the tail. */
  get length(): number {
    const window = this.end - this.start;
    return this.tail === undefined ? window : window + this.tail.length;
  }

  /** The tail, to be filled. */
  gather(): PacketTail {
    this.tail ??= new PacketTail();
    return this.tail;
  }

  /** Empties the packet, with room for `headroom` bytes of headers before it. */
  reset(headroom: number = HEADROOM): void {
    this.start = headroom;
    this.end = headroom;
    this.network = -1;
    this.transport = -1;
    this.segmentSize = 0;
    this.checksum = "unknown";
    this.receivedAt = START_OF_TIME;
    this.tail?.clear();
  }

  /** Becomes a copy of `source[from, to)`, growing if it must. */
  fill(source: Uint8Array, from: number, to: number, headroom: number = HEADROOM): void {
    const length = to - from;
    if (headroom + length > this.bytes.length) this.bytes = new Uint8Array(headroom + length);
    this.reset(headroom);
    this.end = headroom + length;
    this.bytes.set(from === 0 && to === source.length ? source : source.subarray(from, to), headroom);
  }

  /** Becomes a copy of another packet's content, its tail in the window. */
  join(other: PacketBuffer, headroom: number): void {
    const { tail } = other;
    const size = headroom + other.length;
    if (size > this.bytes.length) this.bytes = new Uint8Array(size);
    const window = other.view();
    this.fill(window, 0, window.length, headroom);
    if (tail !== undefined && tail.length > 0) tail.copyTo(this.bytes, this.append(tail.length));
  }

  /** Becomes a copy of another packet, offsets and marks included. */
  copyFrom(other: PacketBuffer): void {
    this.join(other, other.start);
    this.network = other.network;
    this.transport = other.transport;
    this.segmentSize = other.segmentSize;
    this.checksum = other.checksum;
    this.receivedAt = other.receivedAt;
  }

  /** Widens the window at the front; answers the new start. */
  prepend(length: number): number {
    assert(length <= this.start, "a packet has too little headroom");
    this.start -= length;
    return this.start;
  }

  /**
   * Widens the window at the end; answers where the new bytes begin. Their content is whatever was there
   * before.
   */
  append(length: number): number {
    assert(this.end + length <= this.bytes.length, "a packet has too little tailroom");
    const at = this.end;
    this.end += length;
    return at;
  }

  /** The window's bytes, without a copy, and without the tail. */
  view(): Uint8Array {
    return this.part(this.start, this.end);
  }

  /** `bytes[from, to)`, without a copy. A flow's packets are alike: nothing is made for the next one. */
  part(from: number, to: number): Uint8Array {
    if (!this.#recent.shows(this.bytes, from, to)) {
      const other = this.#before;
      this.#before = this.#recent;
      this.#recent = other;
      if (!other.shows(this.bytes, from, to)) other.show(this.bytes, from, to);
    }
    return this.#recent.bytes;
  }

  /** The packet's bytes, for as long as it has these, lie in the memory of somebody who sums faster. */
  sumBy(summer: WordSummer): void {
    this.#summer = summer;
    this.#summed = this.bytes;
    this.#summedAt = this.bytes.byteOffset;
  }

  /** Adds the 16-bit words of `bytes[from, to)` to a checksum's `sum`. */
  sumWords(from: number, to: number, sum: number): number {
    const { bytes } = this;
    const summer = this.#summer;
    if (summer !== undefined && this.#summed === bytes) {
      return sum + summer.sum(this.#summedAt + from, this.#summedAt + to);
    }
    if (this.#wordsOf !== bytes) {
      this.#wordsOf = bytes;
      const isAligned = (bytes.byteOffset & 3) === 0;
      this.#words = isAligned
        ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
        : undefined;
    }
    return sumWords(bytes, from, to, sum, this.#words);
  }
}

/** Packets that were given back, for reuse. Keeps at most `limit` of them. */
export class PacketPool {
  readonly #free: PacketBuffer[] = [];
  readonly #capacity: number;
  readonly #limit: number;

  constructor(capacity = 2_048, limit = 1_024) {
    this.#capacity = capacity;
    this.#limit = limit;
  }

  /** An empty packet. Its bytes hold whatever was there before. */
  take(): PacketBuffer {
    const packet = this.#free.pop();
    if (packet === undefined) return new PacketBuffer(this.#capacity);
    packet.reset();
    return packet;
  }

  give(packet: PacketBuffer): void {
    if (this.#free.length < this.#limit) this.#free.push(packet);
  }
}
