/**
 * Writes pcapng (draft-ietf-opsawg-pcapng): one section, any number of interfaces, a block per packet.
 * Little-endian.
 */
import { assert } from "../base/assert.ts";
import { writeLittle16, writeLittle32 } from "./byte-order.ts";
import { BLOCK, BYTE_ORDER_MAGIC, FLAG_INBOUND, FLAG_OUTBOUND, OPTION, padded } from "./pcapng-blocks.ts";
import { encodeUtf8 } from "./utf8.ts";

/** §4.1: −1 says that the section's length is not given. */
const UNKNOWN_LENGTH = 0xffff_ffff;
const DEFAULT_SNAP_LENGTH = 262_144;
/** Options carry a 16-bit length. */
const MAX_OPTION = 0xffff;

export interface PcapngInterface {
  readonly linkType: number;
  readonly name?: string;
  readonly snapLength?: number;
  /** The unit of time: 10⁻⁶ s or 10⁻⁹ s. */
  readonly resolution?: 6 | 9;
}

export interface PcapngPacketDetails {
  /** What the µs of the time leave over: 0 … 999. Kept at resolution 9. */
  readonly nanoseconds?: number;
  /** The length on the wire, when the bytes are only a prefix. */
  readonly originalLength?: number;
  readonly direction?: "in" | "out" | undefined;
  readonly comment?: string | undefined;
}

interface OpenInterface {
  readonly snapLength: number;
  readonly resolution: 6 | 9;
  packets: number;
  firstTime: number;
  lastTime: number;
}

export class PcapngWriter {
  readonly #sink: (chunk: Uint8Array) => void;
  readonly #interfaces: OpenInterface[] = [];

  /** The section header goes out at once. The sink may keep what it gets. */
  constructor(sink: (chunk: Uint8Array) => void) {
    this.#sink = sink;
    const block = new BlockBuilder(BLOCK.section);
    block.uint32(BYTE_ORDER_MAGIC);
    block.uint16(1);
    block.uint16(0);
    block.uint32(UNKNOWN_LENGTH);
    block.uint32(UNKNOWN_LENGTH);
    block.textOption(OPTION.sectionHardware, "Postel");
    block.textOption(OPTION.sectionSystem, "Postel");
    block.textOption(OPTION.sectionApplication, "Postel");
    sink(block.finish());
  }

  /** Describes an interface; its packets name it by the index that is answered. */
  addInterface(description: PcapngInterface): number {
    const snapLength = description.snapLength ?? DEFAULT_SNAP_LENGTH;
    const resolution = description.resolution ?? 6;
    const block = new BlockBuilder(BLOCK.interface);
    block.uint16(description.linkType);
    block.uint16(0);
    block.uint32(snapLength);
    if (description.name !== undefined) block.textOption(OPTION.interfaceName, description.name);
    block.option(OPTION.interfaceResolution, Uint8Array.of(resolution));
    this.#sink(block.finish());
    this.#interfaces.push({ snapLength, resolution, packets: 0, firstTime: 0, lastTime: 0 });
    return this.#interfaces.length - 1;
  }

  /** Writes the packet `bytes[start, end)`, seen on an interface at `time` (µs since 1970). */
  packet(
    interfaceIndex: number,
    time: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    details: PcapngPacketDetails = {},
  ): void {
    const via = this.#interfaces[interfaceIndex];
    assert(via !== undefined, `interface ${interfaceIndex} has not been described`);
    via.packets++;
    if (via.packets === 1) via.firstTime = time;
    via.lastTime = time;
    const length = Math.min(end - start, via.snapLength === 0 ? end - start : via.snapLength);
    const block = new BlockBuilder(BLOCK.enhancedPacket, length + 64);
    block.uint32(interfaceIndex);
    block.time(time, via.resolution, details.nanoseconds ?? 0);
    block.uint32(length);
    block.uint32(details.originalLength ?? end - start);
    block.data(bytes, start, start + length);
    if (details.direction !== undefined) {
      block.wordOption(OPTION.packetFlags, details.direction === "in" ? FLAG_INBOUND : FLAG_OUTBOUND);
    }
    if (details.comment !== undefined) block.textOption(OPTION.comment, details.comment);
    this.#sink(block.finish());
  }

  /**
   * Ends the capture with a statistics block for each interface. `dropped`: packets not captured, by
   * interface.
   */
  end(dropped: readonly number[] = []): void {
    for (const [index, via] of this.#interfaces.entries()) {
      const block = new BlockBuilder(BLOCK.interfaceStatistics);
      block.uint32(index);
      block.time(via.lastTime, via.resolution, 0);
      if (via.packets > 0) {
        block.timeOption(OPTION.statisticsStart, via.firstTime, via.resolution);
        block.timeOption(OPTION.statisticsEnd, via.lastTime, via.resolution);
      }
      block.countOption(OPTION.statisticsReceived, via.packets + (dropped[index] ?? 0));
      block.countOption(OPTION.statisticsDropped, dropped[index] ?? 0);
      this.#sink(block.finish());
    }
  }
}

/** A block under construction: §3.1. */
class BlockBuilder {
  #bytes: Uint8Array;
  #at = 8;
  #hasOptions = false;

  constructor(type: number, capacity = 128) {
    this.#bytes = new Uint8Array(capacity);
    writeLittle32(this.#bytes, 0, type);
  }

  uint16(value: number): void {
    this.#reserve(2);
    writeLittle16(this.#bytes, this.#at, value);
    this.#at += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    writeLittle32(this.#bytes, this.#at, value);
    this.#at += 4;
  }

  /** §4.3: the upper 32 bits of the count of units, then the lower. */
  time(micros: number, resolution: 6 | 9, nanoseconds: number): void {
    if (resolution === 6) {
      this.uint32(Math.floor(micros / 0x1_0000_0000));
      this.uint32(micros % 0x1_0000_0000);
      return;
    }
    const units = BigInt(micros) * 1000n + BigInt(nanoseconds);
    this.uint32(Number((units >> 32n) & 0xffff_ffffn));
    this.uint32(Number(units & 0xffff_ffffn));
  }

  /** Bytes, padded to 32 bits with zeros. */
  data(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(padded(length));
    this.#bytes.set(bytes.subarray(start, end), this.#at);
    this.#at += padded(length);
  }

  option(code: number, value: Uint8Array): void {
    this.#hasOptions = true;
    const length = Math.min(value.length, MAX_OPTION);
    this.uint16(code);
    this.uint16(length);
    this.data(value, 0, length);
  }

  textOption(code: number, text: string): void {
    this.option(code, encodeUtf8(text));
  }

  wordOption(code: number, value: number): void {
    const bytes = new Uint8Array(4);
    writeLittle32(bytes, 0, value);
    this.option(code, bytes);
  }

  timeOption(code: number, micros: number, resolution: 6 | 9): void {
    this.#hasOptions = true;
    this.uint16(code);
    this.uint16(8);
    this.time(micros, resolution, 0);
  }

  countOption(code: number, count: number): void {
    const bytes = new Uint8Array(8);
    writeLittle32(bytes, 0, count % 0x1_0000_0000);
    writeLittle32(bytes, 4, Math.floor(count / 0x1_0000_0000));
    this.option(code, bytes);
  }

  /** The whole block, its length written at both ends. */
  finish(): Uint8Array {
    if (this.#hasOptions) this.uint32(OPTION.end);
    const length = this.#at + 4;
    this.uint32(length);
    writeLittle32(this.#bytes, 4, length);
    return this.#bytes.slice(0, length);
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#at + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
