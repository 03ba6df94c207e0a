/**
 * Frames on their way to a descriptor, each in a place of its own, until one system call writes them all
 * (node/uring): the way into the kernel is paid for once, and whoever waits for them is woken for many. Who
 * makes a frame may make it in its place: `free`.
 *
 *     places   | refused | held | held | free | free | …
 *                first            count
 *
 * Frames leave in their order. What the device has no room for yet stays, with all that come after it.
 */
import { assert } from "../base/assert.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import type { DeviceCounters } from "../link/net-device.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { VLAN_TAG_SIZE } from "../wire/vlan.ts";
import { EAGAIN, ECANCELED, EOPNOTSUPP, type Libc } from "./ffi.ts";
import { LARGEST_BATCHED_MTU } from "./frame-batch.ts";
import { Uring } from "./uring.ts";
import { summedMemory } from "./vector-sum.ts";

/** Each place begins at a multiple of this, the length of a cache's line. */
const ALIGNMENT = 64;
const MOST_TAGS = 2;

export interface OutgoingBatchOptions {
  readonly mtu: number;
  /** How many frames at a time, a power of two. */
  readonly most: number;
  /**
   * The device may have no room for a frame, and then for the next one. So that this does not overtake, each
   * write waits for the one before it, which costs a tenth more.
   */
  readonly mayRefuse: boolean;
}

export class OutgoingBatch {
  readonly #uring: Uring;
  readonly #descriptor: number;
  readonly #mayRefuse: boolean;
  readonly #places: PacketBuffer[] = [];
  readonly #addresses: number[] = [];
  /** Frames are in the places from `#first` up to `#count`. */
  #first = 0;
  #count = 0;

  private constructor(libc: Libc, uring: Uring, descriptor: number, options: OutgoingBatchOptions) {
    const { mtu, most, mayRefuse } = options;
    this.#uring = uring;
    this.#descriptor = descriptor;
    this.#mayRefuse = mayRefuse;
    const size = HEADROOM + ETHERNET_HEADER_SIZE + MOST_TAGS * VLAN_TAG_SIZE + mtu;
    const pitch = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    const { bytes, summer } = summedMemory(pitch * most);
    const address = libc.addressOf(bytes);
    for (let i = 0; i < most; i++) {
      const place = new PacketBuffer(0);
      place.bytes = bytes.subarray(i * pitch, (i + 1) * pitch);
      if (summer !== undefined) place.sumBy(summer);
      this.#places.push(place);
      this.#addresses.push(address + i * pitch);
    }
  }

  /** Undefined: the kernel does not do this, or not for frames of this size. */
  static open(libc: Libc, descriptor: number, options: OutgoingBatchOptions): OutgoingBatch | undefined {
    if (options.mtu > LARGEST_BATCHED_MTU) return undefined;
    const uring = Uring.open(libc, options.most);
    if (uring === undefined) return undefined;
    const batch = new OutgoingBatch(libc, uring, descriptor, options);
    if (batch.#isPossible()) return batch;
    uring.close();
    return undefined;
  }

  /** How many frames wait. */
  get length(): number {
    return this.#count - this.#first;
  }

  /** The place of the next frame. Undefined: all are taken. */
  get free(): PacketBuffer | undefined {
    return this.#places[this.#count];
  }

  /** Takes a frame: the one that was made in the free place, or a copy. There must be one. */
  add(frame: PacketBuffer): void {
    const { free } = this;
    assert(free !== undefined, "a batch of frames is full");
    if (frame !== free) free.join(frame, HEADROOM);
    this.#count++;
  }

  /** Writes what there is, and counts it. False: the device has no room for what is left. */
  flush(counters: DeviceCounters): boolean {
    let hasRoom = true;
    while (hasRoom && this.#first < this.#count) hasRoom = this.#writeAll(counters);
    if (hasRoom) {
      this.#first = 0;
      this.#count = 0;
    }
    return hasRoom;
  }

  /** What is left is lost. */
  close(): void {
    this.#uring.close();
    this.#first = 0;
    this.#count = 0;
  }

  /** Goes as far as the first frame that has to wait. False: for want of room. */
  #writeAll(counters: DeviceCounters): boolean {
    const first = this.#first;
    const uring = this.#uring;
    this.#submit();
    let hasRoom = true;
    let lost = this.length;
    let held = this.#count;
    // Who fails is told of later than those behind it.
    while (uring.next()) {
      const { result, tag } = uring;
      lost--;
      if (result >= 0) {
        counters.transmittedFrames++;
        counters.transmittedBytes += result;
      } else if (this.#mayRefuse && (result === -EAGAIN || result === -ECANCELED)) {
        held = Math.min(held, tag);
        if (result === -EAGAIN) hasRoom = false;
        // EIO: the kernel's side is down. EINVAL: it is no IP packet. Either way the frame is gone.
      } else lost++;
    }
    // A call that failed as a whole would fail again.
    if (hasRoom && held === first) {
      lost = this.length;
      held = this.#count;
    }
    counters.dropped += lost;
    this.#first = held;
    return hasRoom;
  }

  #submit(): void {
    const last = this.#count - 1;
    for (let i = this.#first; i <= last; i++) {
      const { start, end } = this.#places[i] as PacketBuffer;
      const isLinked = this.#mayRefuse && i < last;
      this.#uring.write(this.#descriptor, (this.#addresses[i] as number) + start, end - start, i, isLinked);
    }
    this.#uring.submit();
  }

  /** Before Linux 6.4 a TUN device lets nobody write who may not wait. An empty frame is refused by all. */
  #isPossible(): boolean {
    const uring = this.#uring;
    uring.write(this.#descriptor, this.#addresses[0] as number, 0, 0, false);
    uring.submit();
    return uring.next() && uring.result !== -EOPNOTSUPP;
  }
}
