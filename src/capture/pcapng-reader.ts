/**
 * Reads pcapng (draft-ietf-opsawg-pcapng) as it arrives: any number of sections, each in its own byte order,
 * with any number of interfaces. Blocks that we do not know are skipped without being held.
 */
import { BIG_ENDIAN, type ByteOrder, LITTLE_ENDIAN } from "./byte-order.ts";
import { ByteQueue } from "./byte-queue.ts";
import {
  type CapturedPacket,
  type CaptureError,
  type CaptureInterface,
  type CapturePackets,
  MAX_BLOCK,
} from "./captured-packet.ts";
import { BLOCK, BLOCK_OVERHEAD, BYTE_ORDER_MAGIC, OPTION, padded } from "./pcapng-blocks.ts";
import { type CaptureClock, clockOf } from "./pcapng-clock.ts";
import { decodeUtf8 } from "./utf8.ts";

/** More interfaces than this in one section are not believed. */
const MAX_INTERFACES = 65_536;
/** Longer names are cut, so that the interfaces of a section need no more than some MB. */
const MAX_NAME = 256;

interface Described {
  readonly interface: CaptureInterface;
  readonly clock: CaptureClock;
}

/** A block's body between the two lengths, and what may be read of it. */
interface Body {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export class PcapngReader implements CapturePackets {
  readonly #queue = new ByteQueue();
  #order: ByteOrder | undefined;
  #interfaces: Described[] = [];
  /** Bytes of an unknown block that are still to come. */
  #skip = 0;
  #error: CaptureError | undefined;

  get error(): CaptureError | undefined {
    return this.#error;
  }

  push(chunk: Uint8Array): CapturedPacket[] {
    const packets: CapturedPacket[] = [];
    if (this.#error !== undefined) return packets;
    this.#queue.push(chunk);
    while (this.#error === undefined && this.#block(packets)) {}
    return packets;
  }

  end(): void {
    if (this.#error !== undefined) return;
    if (this.#order === undefined) this.#fail("truncated", "the file ends within its first block");
    else if (this.#queue.length > 0 || this.#skip > 0)
      this.#fail("truncated", "the file ends within a block");
  }

  /** Takes one block from the queue. False when it is not there yet. */
  #block(packets: CapturedPacket[]): boolean {
    const queue = this.#queue;
    if (this.#skip > 0) {
      const count = Math.min(this.#skip, queue.length);
      queue.drop(count);
      this.#skip -= count;
      return this.#skip === 0;
    }
    if (queue.length < BLOCK_OVERHEAD) return false;
    const { bytes, start } = queue;
    const isSection = BIG_ENDIAN.uint32(bytes, start) === BLOCK.section;
    const order = isSection ? orderOf(bytes, start + 8) : this.#order;
    if (order === undefined) {
      return this.#fail(
        this.#order === undefined ? "unknown-format" : "malformed",
        "not a pcapng section header",
      );
    }
    const type = order.uint32(bytes, start);
    const length = order.uint32(bytes, start + 4);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0) {
      return this.#fail("malformed", `a block of ${length} bytes cannot be`);
    }
    if (!isSection && !isReadBlock(type)) {
      this.#skip = length;
      return true;
    }
    if (length > MAX_BLOCK) {
      return this.#fail(
        "too-large",
        `a block of ${length} bytes is more than the ${MAX_BLOCK} that are read`,
      );
    }
    if (queue.length < length) return false;
    if (order.uint32(bytes, start + length - 4) !== length) {
      return this.#fail("malformed", "the two lengths of a block differ");
    }
    const body = { bytes, start: start + 8, end: start + length - 4 };
    const problem = isSection ? this.#section(order, body) : this.#content(type, order, body, packets);
    if (problem !== undefined) return this.#fail("malformed", problem);
    queue.drop(length);
    return true;
  }

  #section(order: ByteOrder, body: Body): string | undefined {
    if (body.end - body.start < 16) return "a section header is too short";
    const major = order.uint16(body.bytes, body.start + 4);
    if (major !== 1) return `pcapng version ${major} is not known`;
    this.#order = order;
    this.#interfaces = [];
    return undefined;
  }

  #content(type: number, order: ByteOrder, body: Body, packets: CapturedPacket[]): string | undefined {
    const packet =
      type === BLOCK.interface
        ? this.#interface(order, body)
        : type === BLOCK.simplePacket
          ? this.#simplePacket(order, body)
          : this.#packet(type, order, body);
    if (typeof packet === "string") return packet;
    if (packet !== undefined) packets.push(packet);
    return undefined;
  }

  /** §4.2. */
  #interface(order: ByteOrder, body: Body): string | undefined {
    const { bytes, start, end } = body;
    if (end - start < 8) return "an interface description is too short";
    if (this.#interfaces.length >= MAX_INTERFACES) return "too many interfaces";
    let name: string | undefined;
    let resolution = 6;
    let offsetSeconds = 0;
    const problem = eachOption(order, body, start + 8, (code, at, length) => {
      if (code === OPTION.interfaceName) name = decodeUtf8(bytes, at, at + Math.min(length, MAX_NAME));
      if (code === OPTION.interfaceResolution && length === 1) resolution = bytes[at] as number;
      if (code === OPTION.interfaceOffset && length === 8) offsetSeconds = signed64(order, bytes, at);
    });
    if (problem !== undefined) return problem;
    this.#interfaces.push({
      interface: { linkType: order.uint16(bytes, start), snapLength: order.uint32(bytes, start + 4), name },
      clock: clockOf(resolution, offsetSeconds),
    });
    return undefined;
  }

  /** §4.3; the obsolete Packet Block has the same fields but for the first word: interface and drop count. */
  #packet(type: number, order: ByteOrder, body: Body): CapturedPacket | string {
    const { bytes, start, end } = body;
    if (end - start < 20) return "a packet block is too short";
    const index = type === BLOCK.packet ? order.uint16(bytes, start) : order.uint32(bytes, start);
    const via = this.#interfaces[index];
    if (via === undefined) return `a packet of interface ${index}, which was not described`;
    const captured = order.uint32(bytes, start + 12);
    const at = start + 20;
    if (captured > end - at) return `a packet of ${captured} bytes in a block that is shorter`;
    let direction: CapturedPacket["direction"];
    let comment: string | undefined;
    const problem = eachOption(order, body, at + padded(captured), (code, value, length) => {
      if (code === OPTION.comment) comment ??= decodeUtf8(bytes, value, value + length);
      if (code === OPTION.packetFlags && length === 4) direction = directionOf(order.uint32(bytes, value));
    });
    if (problem !== undefined) return problem;
    const { time, nanoseconds } = via.clock(order.uint32(bytes, start + 4), order.uint32(bytes, start + 8));
    return {
      interface: via.interface,
      time,
      nanoseconds,
      bytes: bytes.slice(at, at + captured),
      originalLength: Math.max(captured, order.uint32(bytes, start + 16)),
      direction,
      comment,
    };
  }

  /** §4.4: of the first interface, without a time. */
  #simplePacket(order: ByteOrder, body: Body): CapturedPacket | string {
    const { bytes, start, end } = body;
    const via = this.#interfaces[0]?.interface;
    if (via === undefined) return "a simple packet block before any interface";
    if (end - start < 4) return "a simple packet block is too short";
    const originalLength = order.uint32(bytes, start);
    const snapped = via.snapLength === 0 ? originalLength : Math.min(originalLength, via.snapLength);
    if (padded(snapped) > end - start - 4) return "a simple packet block is shorter than its packet";
    return {
      interface: via,
      time: 0,
      nanoseconds: 0,
      bytes: bytes.slice(start + 4, start + 4 + snapped),
      originalLength,
      direction: undefined,
      comment: undefined,
    };
  }

  #fail(kind: CaptureError["kind"], message: string): false {
    this.#error = { kind, message, offset: this.#queue.offset };
    this.#queue.clear();
    return false;
  }
}

function isReadBlock(type: number): boolean {
  return (
    type === BLOCK.interface ||
    type === BLOCK.packet ||
    type === BLOCK.simplePacket ||
    type === BLOCK.enhancedPacket
  );
}

function orderOf(bytes: Uint8Array, at: number): ByteOrder | undefined {
  if (BIG_ENDIAN.uint32(bytes, at) === BYTE_ORDER_MAGIC) return BIG_ENDIAN;
  return LITTLE_ENDIAN.uint32(bytes, at) === BYTE_ORDER_MAGIC ? LITTLE_ENDIAN : undefined;
}

function directionOf(flags: number): CapturedPacket["direction"] {
  if ((flags & 3) === 1) return "in";
  return (flags & 3) === 2 ? "out" : undefined;
}

function signed64(order: ByteOrder, bytes: Uint8Array, at: number): number {
  const high = order.uint32(bytes, order === BIG_ENDIAN ? at : at + 4) | 0;
  return high * 0x1_0000_0000 + order.uint32(bytes, order === BIG_ENDIAN ? at + 4 : at);
}

/**
 * §3.5: options from `from` to the end of the body; none at all is allowed. Answers what is wrong with them.
 */
function eachOption(
  order: ByteOrder,
  body: Body,
  from: number,
  take: (code: number, at: number, length: number) => void,
): string | undefined {
  let at = from;
  while (at + 4 <= body.end) {
    const code = order.uint16(body.bytes, at);
    const length = order.uint16(body.bytes, at + 2);
    if (code === OPTION.end) return undefined;
    if (at + 4 + length > body.end) return "an option reaches beyond its block";
    take(code, at + 4, length);
    at += 4 + padded(length);
  }
  return undefined;
}
