/** The packets that the page keeps: the newest, within a bound of packets and of bytes. */
import type { Packet, Packets } from "../../../src/inspect/protocol.ts";

export interface PacketLimits {
  readonly packets: number;
  /** Characters of Base64. */
  readonly characters: number;
}

export const PACKET_LIMITS: PacketLimits = { packets: 20_000, characters: 96 * 1024 * 1024 };

export class PacketStore {
  readonly #limits: PacketLimits;
  #packets: Packet[] = [];
  /** Those before it are forgotten. */
  #first = 0;
  #characters = 0;
  #skipped = 0;

  constructor(limits: PacketLimits = PACKET_LIMITS) {
    this.#limits = limits;
  }

  /** Packets that are not here: the inspector left them out, or they were too many for the page. */
  get skipped(): number {
    return this.#skipped;
  }

  /** A copy: signals tell a change by a new array. */
  copy(): readonly Packet[] {
    return this.#packets.slice(this.#first);
  }

  apply(message: Packets): void {
    this.#skipped += message.skipped;
    for (const packet of message.packets) {
      this.#packets.push(packet);
      this.#characters += packet.bytes.length;
    }
    this.#trim();
  }

  clear(): void {
    this.#packets = [];
    this.#first = 0;
    this.#characters = 0;
    this.#skipped = 0;
  }

  #trim(): void {
    const { packets, characters } = this.#limits;
    while (this.#packets.length - this.#first > packets || this.#characters > characters) {
      this.#characters -= this.#packets[this.#first]?.bytes.length ?? 0;
      this.#first++;
      this.#skipped++;
    }
    if (this.#first * 2 < this.#packets.length) return;
    this.#packets = this.#packets.slice(this.#first);
    this.#first = 0;
  }
}
