/**
 * The classic capture format: draft-ietf-opsawg-pcap. One link type a file; times in µs or ns by the magic
 * number.
 */
import { BIG_ENDIAN, type ByteOrder, LITTLE_ENDIAN, writeLittle16, writeLittle32 } from "./byte-order.ts";
import { ByteQueue } from "./byte-queue.ts";
import {
  type CapturedPacket,
  type CaptureError,
  type CaptureInterface,
  type CapturePackets,
  MAX_BLOCK,
} from "./captured-packet.ts";

/** §4. */
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** What libpcap writes as "no limit". */
const DEFAULT_SNAP_LENGTH = 262_144;
/** The link type shares its word with the length of the frame check sequence. */
const LINK_TYPE_MASK = 0x0fff_ffff;

export interface PcapWriterOptions {
  readonly linkType: number;
  readonly snapLength?: number;
  readonly nanoseconds?: boolean;
}

export interface PacketDetails {
  /** What the µs of the time leave over: 0 … 999. */
  readonly nanoseconds?: number;
  /** The length on the wire, when the bytes are only a prefix. */
  readonly originalLength?: number;
}

/** Writes a capture, in pieces that the sink may keep. */
export class PcapWriter {
  readonly #sink: (chunk: Uint8Array) => void;
  readonly #snapLength: number;
  readonly #nanoseconds: boolean;

  constructor(sink: (chunk: Uint8Array) => void, options: PcapWriterOptions) {
    this.#sink = sink;
    this.#snapLength = options.snapLength ?? DEFAULT_SNAP_LENGTH;
    this.#nanoseconds = options.nanoseconds ?? false;
    const header = new Uint8Array(FILE_HEADER_LENGTH);
    writeLittle32(header, 0, this.#nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS);
    writeLittle16(header, 4, 2);
    writeLittle16(header, 6, 4);
    writeLittle32(header, 16, this.#snapLength);
    writeLittle32(header, 20, options.linkType);
    sink(header);
  }

  /** Writes the packet `bytes[start, end)`, seen at `time` (µs since 1970). */
  packet(time: number, bytes: Uint8Array, start: number, end: number, details: PacketDetails = {}): void {
    const length = Math.min(end - start, this.#snapLength);
    const record = new Uint8Array(RECORD_HEADER_LENGTH + length);
    const fraction = time % 1_000_000;
    writeLittle32(record, 0, Math.floor(time / 1_000_000));
    writeLittle32(record, 4, this.#nanoseconds ? fraction * 1000 + (details.nanoseconds ?? 0) : fraction);
    writeLittle32(record, 8, length);
    writeLittle32(record, 12, details.originalLength ?? end - start);
    record.set(bytes.subarray(start, start + length), RECORD_HEADER_LENGTH);
    this.#sink(record);
  }
}

/** The byte order and the unit of time that a magic number (read big-endian) stands for. */
export function pcapFormat(magic: number): { order: ByteOrder; nanoseconds: boolean } | undefined {
  if (magic === MAGIC_MICROSECONDS) return { order: BIG_ENDIAN, nanoseconds: false };
  if (magic === MAGIC_NANOSECONDS) return { order: BIG_ENDIAN, nanoseconds: true };
  if (magic === 0xd4c3b2a1) return { order: LITTLE_ENDIAN, nanoseconds: false };
  return magic === 0x4d3cb2a1 ? { order: LITTLE_ENDIAN, nanoseconds: true } : undefined;
}

export class PcapReader implements CapturePackets {
  readonly #queue = new ByteQueue();
  #order: ByteOrder | undefined;
  #nanoseconds = false;
  #interface: CaptureInterface = { linkType: 0, snapLength: 0, name: undefined };
  #error: CaptureError | undefined;

  get error(): CaptureError | undefined {
    return this.#error;
  }

  push(chunk: Uint8Array): CapturedPacket[] {
    const packets: CapturedPacket[] = [];
    if (this.#error !== undefined) return packets;
    this.#queue.push(chunk);
    if (this.#order === undefined && !this.#fileHeader()) return packets;
    for (;;) {
      const packet = this.#record();
      if (packet === undefined) return packets;
      packets.push(packet);
    }
  }

  end(): void {
    if (this.#error !== undefined) return;
    if (this.#order === undefined) this.#fail("truncated", "the file ends within its header");
    else if (this.#queue.length > 0) this.#fail("truncated", "the file ends within a packet");
  }

  #fileHeader(): boolean {
    const { bytes, start, length } = this.#queue;
    if (length < FILE_HEADER_LENGTH) return false;
    const format = pcapFormat(BIG_ENDIAN.uint32(bytes, start));
    if (format === undefined) return this.#fail("unknown-format", "not a pcap file");
    const major = format.order.uint16(bytes, start + 4);
    if (major !== 2) return this.#fail("unknown-format", `pcap version ${major} is not known`);
    this.#order = format.order;
    this.#nanoseconds = format.nanoseconds;
    this.#interface = {
      snapLength: format.order.uint32(bytes, start + 16),
      linkType: format.order.uint32(bytes, start + 20) & LINK_TYPE_MASK,
      name: undefined,
    };
    this.#queue.drop(FILE_HEADER_LENGTH);
    return true;
  }

  #record(): CapturedPacket | undefined {
    const { bytes, start, length } = this.#queue;
    const order = this.#order;
    if (order === undefined || length < RECORD_HEADER_LENGTH) return undefined;
    const captured = order.uint32(bytes, start + 8);
    if (captured > MAX_BLOCK) {
      this.#fail("too-large", `a packet of ${captured} bytes is more than the ${MAX_BLOCK} that are read`);
      return undefined;
    }
    if (length < RECORD_HEADER_LENGTH + captured) return undefined;
    const fraction = order.uint32(bytes, start + 4);
    const micros = this.#nanoseconds ? Math.floor(fraction / 1000) : fraction;
    const at = start + RECORD_HEADER_LENGTH;
    const packet: CapturedPacket = {
      interface: this.#interface,
      time: order.uint32(bytes, start) * 1_000_000 + micros,
      nanoseconds: this.#nanoseconds ? fraction % 1000 : 0,
      bytes: bytes.slice(at, at + captured),
      originalLength: Math.max(captured, order.uint32(bytes, start + 12)),
      direction: undefined,
      comment: undefined,
    };
    this.#queue.drop(RECORD_HEADER_LENGTH + captured);
    return packet;
  }

  #fail(kind: CaptureError["kind"], message: string): false {
    this.#error = { kind, message, offset: this.#queue.offset };
    this.#queue.clear();
    return false;
  }
}
