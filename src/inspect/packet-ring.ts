/**
 * The newest frames of the hosts, in bounded memory, numbered from 1: copies, for frames are borrowed. Long
 * ones are kept as far as headers reach; of very many in a short time the rest is only counted.
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
  readonly bytes: Uint8Array;
}

export interface PacketLimits {
  readonly packets: number;
  readonly bytes: number;
  /** Of each frame. */
  readonly snap: number;
  readonly perSlice: number;
}

/** µs */
const SLICE = 100_000;

export class PacketRing {
  readonly #limits: PacketLimits;
  /** The packet with number n stands at n modulo the length. */
  readonly #packets: Array<KeptPacket | undefined>;
  #oldest = 1;
  #next = 1;
  #bytes = 0;
  #slice = -1;
  #inSlice = 0;

  constructor(limits: PacketLimits) {
    this.#limits = limits;
    this.#packets = new Array<KeptPacket | undefined>(limits.packets).fill(undefined);
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
    return packet?.number === number ? packet : undefined;
  }

  /** Whether there is room for a packet now; else it only gets its number. */
  wants(now: Instant): boolean {
    const slice = Math.floor(now / SLICE);
    if (slice !== this.#slice) {
      this.#slice = slice;
      this.#inSlice = 0;
    }
    if (this.#inSlice < this.#limits.perSlice) return true;
    this.#next++;
    return false;
  }

  /** A packet that was wanted. */
  add(from: Pick<KeptPacket, "host" | "interface" | "direction" | "linkType" | "time">, frame: PacketBuffer) {
    const number = this.#next++;
    // To finish a super-segment, and to copy it, costs what its segments would.
    this.#inSlice += Math.max(1, Math.ceil(frame.length / this.#limits.snap));
    const { packets, bytes: most, snap } = this.#limits;
    const window = frame.view();
    const bytes = window.slice(0, Math.min(window.length, snap));
    while (this.#oldest <= number - packets || (this.#bytes + bytes.length > most && this.#oldest < number))
      this.#forget();
    this.#bytes += bytes.length;
    this.#packets[number % packets] = { ...from, number, length: frame.length, bytes };
  }

  #forget(): void {
    const at = this.#oldest++ % this.#limits.packets;
    const packet = this.#packets[at];
    if (packet === undefined || packet.number >= this.#oldest) return;
    this.#bytes -= packet.bytes.length;
    this.#packets[at] = undefined;
  }
}
