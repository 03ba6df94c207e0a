/**
 * Reads many frames of a descriptor in one system call, each to a place of its own (node/uring): the way into
 * the kernel is paid for once.
 */
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { VLAN_TAG_SIZE } from "../wire/vlan.ts";
import { EAGAIN, type Libc } from "./ffi.ts";
import { Uring } from "./uring.ts";
import { summedMemory } from "./vector-sum.ts";

/** Larger frames take their time for what is in them. */
export const LARGEST_BATCHED_MTU = 9_216;
/** The IP header of each frame is to lie at a multiple of this, the length of a cache's line. */
const ALIGNMENT = 64;

export class FrameBatch {
  readonly #uring: Uring;
  readonly #descriptor: number;
  readonly #frames: PacketBuffer[] = [];
  /** Where the kernel writes them to: a part for each of one array, which does not move. */
  readonly #memory: Uint8Array[] = [];
  readonly #address: number;
  readonly #pitch: number;
  /** One byte more than a frame can have: who fills it has lost its end. */
  readonly #room: number;

  /** The one that `next` went on to. Whoever receives it may do with it what he likes. */
  frame = new PacketBuffer(0);
  /** The kernel does not do this, or not for frames of this size: they are to be read one by one. */
  isOver = false;

  private constructor(libc: Libc, uring: Uring, descriptor: number, mtu: number, most: number) {
    this.#uring = uring;
    this.#descriptor = descriptor;
    this.#room = mtu + ETHERNET_HEADER_SIZE + VLAN_TAG_SIZE + 1;
    this.#pitch = Math.ceil((HEADROOM + this.#room) / ALIGNMENT) * ALIGNMENT;
    const { bytes, summer } = summedMemory(this.#pitch * most);
    this.#address = libc.addressOf(bytes);
    for (let i = 0; i < most; i++) {
      const frame = new PacketBuffer(0);
      frame.bytes = bytes.subarray(i * this.#pitch, (i + 1) * this.#pitch);
      if (summer !== undefined) frame.sumBy(summer);
      this.#frames.push(frame);
      this.#memory.push(frame.bytes);
    }
  }

  /** @param most how many frames at a time, a power of two */
  static open(libc: Libc, descriptor: number, mtu: number, most: number): FrameBatch | undefined {
    const uring = mtu <= LARGEST_BATCHED_MTU ? Uring.open(libc, most) : undefined;
    return uring === undefined ? undefined : new FrameBatch(libc, uring, descriptor, mtu, most);
  }

  /** Reads up to `count` frames, over those that were read before; `next` goes through them. */
  read(count: number): void {
    for (let i = 0; i < count; i++) {
      const at = this.#address + i * this.#pitch + HEADROOM;
      this.#uring.read(this.#descriptor, at, this.#room, i);
    }
    this.#uring.submit();
  }

  /** Goes on to the next frame. False: that was all. */
  next(): boolean {
    const uring = this.#uring;
    while (uring.next()) {
      const { result, tag } = uring;
      if (result > 0 && result < this.#room) {
        const frame = this.#frames[tag] as PacketBuffer;
        frame.bytes = this.#memory[tag] as Uint8Array;
        frame.reset();
        frame.append(result);
        this.frame = frame;
        return true;
      }
      // Whatever else is wrong shows when frames are read one by one.
      if (result !== -EAGAIN) this.isOver = true;
    }
    return false;
  }

  close(): void {
    this.#uring.close();
  }
}
