/**
 * The newest frames of the hosts, in bounded memory, numbered from 1: copies, for frames are borrowed. Long
 * ones are kept as far as headers reach; of very many in a short time the rest is only counted.
 *
 *   bytes | p9 |  p10  | p11 | – – | p6 |  p7  | p8 | –    one ring, each packet in one piece
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Instant } from "../base/time.ts";
import type { FrameDirection } from "../link/tap.ts";

export interface KeptPacket {
  readonly number: number;
  readonly time: Instant;
  readonly host: string;
  readonly interface: string;
  readonly direction: FrameDirection;
  readonly linkType: number;
  readonly length: number;
  /** It stands until the next packet is added. */
  readonly bytes: Uint8Array;
}

type Origin = Pick<KeptPacket, "host" | "interface" | "direction" | "linkType" | "time">;

interface Kept extends Omit<KeptPacket, "bytes"> {
  /** Counted from the first byte that was ever kept. */
  readonly start: number;
  readonly end: number;
}

export interface PacketLimits {
  readonly packets: number;
  readonly bytes: number;
  /** Of each frame. */
  readonly snap: number;
  readonly perSlice: number;
  /** While nobody looks: whoever comes wants to see what was before, and not each frame of a moment. */
  readonly perSliceUnseen: number;
}

/** µs */
const SLICE = 100_000;

export class PacketRing {
  readonly #limits: PacketLimits;
  /** The packet with number n stands at n modulo the length. */
  readonly #packets: Array<Kept | undefined>;
  /** Made for the first packet. */
  #bytes = new Uint8Array(0);
  #oldest = 1;
  #next = 1;
  /** Where the next packet begins, and the oldest one does. */
  #end = 0;
  #start = 0;
  #slice = -1;
  #inSlice = 0;
  /** Somebody looks. */
  isSeen = false;

  constructor(limits: PacketLimits) {
    this.#limits = limits;
    this.#packets = new Array<Kept | undefined>(limits.packets).fill(undefined);
  }

  /** The number of the oldest that is kept, and of the one that comes next. */
  get oldest(): number {
    return this.#oldest;
  }

  get next(): number {
    return this.#next;
  }

  /** Undefined: it is not kept, or never was. */
  at(number: number): KeptPacket | undefined {
    const packet = this.#packets[number % this.#limits.packets];
    if (packet?.number !== number) return undefined;
    const { start, end, ...told } = packet;
    const at = start % this.#bytes.length;
    return { ...told, bytes: this.#bytes.subarray(at, at + end - start) };
  }

  /** Whether there is room for a packet now; else it only gets its number. */
  wants(now: Instant): boolean {
    const slice = Math.floor(now / SLICE);
    if (slice !== this.#slice) {
      this.#slice = slice;
      this.#inSlice = 0;
    }
    const { perSlice, perSliceUnseen } = this.#limits;
    if (this.#inSlice < (this.isSeen ? perSlice : perSliceUnseen)) return true;
    this.#next++;
    return false;
  }

  /** A packet that was wanted. */
  add(from: Origin, frame: PacketBuffer): void {
    const number = this.#next++;
    const { packets, bytes: most, snap } = this.#limits;
    // To finish a super-segment, and to copy it, costs what its segments would.
    this.#inSlice += Math.max(1, Math.ceil(frame.length / snap));
    const window = frame.view();
    const length = Math.min(window.length, snap, most);
    const start = this.#roomFor(length, number);
    while (this.#oldest <= number - packets) this.#forget();
    this.#bytes.set(length < window.length ? window.subarray(0, length) : window, start % most);
    const end = start + length;
    this.#end = end;
    this.#packets[number % packets] = { ...from, number, length: frame.length, start, end };
  }

  /** Where so many bytes stand in one piece; the oldest packets make room. */
  #roomFor(length: number, number: number): number {
    const { bytes: most } = this.#limits;
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(most);
    const left = most - (this.#end % most);
    const start = left < length ? this.#end + left : this.#end;
    while (this.#start < start + length - most && this.#oldest < number) this.#forget();
    return start;
  }

  #forget(): void {
    const at = this.#oldest++ % this.#limits.packets;
    const packet = this.#packets[at];
    if (packet === undefined || packet.number >= this.#oldest) return;
    this.#start = packet.end;
    this.#packets[at] = undefined;
  }
}
