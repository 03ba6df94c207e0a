/**
 * Coalescing in software (Linux's GRO): the segments of one connection that follow each other in a burst
 * become one super-segment, so that the layers above do their work once. The rule: nothing is joined that
 * link/segmentation would not cut into the very same segments again. So all headers agree but for sequence
 * number, length, checksum, the IPv4 identification (one more each, or none at all) and PSH, which only the
 * last may have; all texts but the last have one size; and each checksum was right. RFC 9293 §3.1.
 */
import { readInt32, readUint16, writeUint16 } from "../base/bytes.ts";
import { checksum, foldSum, sumWords } from "../base/checksum.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { IPV4_HEADER_SIZE } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE } from "../wire/ipv6.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../wire/protocol.ts";
import { lengthSum } from "../wire/pseudo-header.ts";
import { TCP_FLAG, TCP_HEADER_SIZE } from "../wire/tcp.ts";
import type { Medium } from "./net-device.ts";
import { hasStillIdentification, MAX_SUPER_SEGMENT, writeIpLength } from "./segmentation.ts";

/** Segments with any other flag stay alone: they begin or end something, or count for themselves. */
const PLAIN_FLAGS = TCP_FLAG.ack | TCP_FLAG.psh | TCP_FLAG.ece;
const FLAGS = 0x1ff;
const V4_FIRST_BYTE = 0x45;
const MORE_OR_OFFSET = 0x3fff;
const SEQUENCE = 4;
const FLAGS_AT = 12;
const TCP_CHECKSUM = 16;

/** Where the parts of a frame lie that may be joined, in its `bytes`. */
class Parts {
  network = 0;
  transport = 0;
  text = 0;
  isV6 = false;

  /** False: the frame is no segment of the plain kind. */
  read(frame: PacketBuffer, medium: Medium): boolean {
    const { bytes, start, end } = frame;
    this.network = medium === "ip" ? start : start + ETHERNET_HEADER_SIZE;
    if (end - this.network < IPV4_HEADER_SIZE + TCP_HEADER_SIZE) return false;
    const type = medium === "ip" ? 0 : readUint16(bytes, this.network - 2);
    this.isV6 = (bytes[this.network] as number) >>> 4 === 6;
    if (type !== 0 && type !== (this.isV6 ? ETHER_TYPE.ipv6 : ETHER_TYPE.ipv4)) return false;
    if (!(this.isV6 ? this.#readV6(bytes, end) : this.#readV4(bytes, end))) return false;
    const offsetAndFlags = readUint16(bytes, this.transport + FLAGS_AT);
    this.text = this.transport + (offsetAndFlags >>> 12) * 4;
    const flags = offsetAndFlags & FLAGS;
    if (this.text < this.transport + TCP_HEADER_SIZE || this.text >= end) return false;
    return (flags & ~PLAIN_FLAGS) === 0 && (flags & TCP_FLAG.ack) !== 0 && this.#sumIsRight(frame);
  }

  #readV4(bytes: Uint8Array, end: number): boolean {
    const { network } = this;
    this.transport = network + IPV4_HEADER_SIZE;
    return (
      bytes[network] === V4_FIRST_BYTE &&
      readUint16(bytes, network + 2) === end - network &&
      (readUint16(bytes, network + 6) & MORE_OR_OFFSET) === 0 &&
      bytes[network + 9] === IP_PROTOCOL.tcp &&
      checksum(bytes, network, this.transport) === 0
    );
  }

  #readV6(bytes: Uint8Array, end: number): boolean {
    const { network } = this;
    this.transport = network + IPV6_HEADER_SIZE;
    return (
      end - this.transport >= TCP_HEADER_SIZE &&
      readUint16(bytes, network + 4) === end - this.transport &&
      bytes[network + 6] === IP_PROTOCOL.tcp
    );
  }

  #sumIsRight(frame: PacketBuffer): boolean {
    const { network, transport } = this;
    const { bytes, end } = frame;
    const sum = pseudoHeaderSum(bytes, network, transport, end);
    return foldSum(frame.sumWords(transport, end, sum)) === 0xffff;
  }
}

export class Coalescer {
  readonly #medium: Medium;
  readonly #deliver: (frame: PacketBuffer) => void;
  readonly #parts = new Parts();
  readonly #held = new PacketBuffer(HEADROOM + ETHERNET_HEADER_SIZE + MAX_SUPER_SEGMENT);
  readonly #storage = this.#held.bytes;
  /** Segments held; 0: none. */
  #count = 0;
  /** Offset of the text in `#held`. */
  #text = 0;
  #segmentSize = 0;
  /** The last one held ends a run: it is small, or pushed. */
  #isComplete = false;

  /** @param deliver borrows what it is given; frames leave in the order in which they came */
  constructor(medium: Medium, deliver: (frame: PacketBuffer) => void) {
    this.#medium = medium;
    this.#deliver = deliver;
  }

  /** A frame has arrived; it is delivered now, or with others at the latest by `flush`. Borrowed. */
  add(frame: PacketBuffer): void {
    if (!this.#parts.read(frame, this.#medium)) {
      this.flush();
      this.#deliver(frame);
      return;
    }
    if (this.#count > 0 && this.#follows(frame)) this.#join(frame);
    else {
      this.flush();
      this.#hold(frame);
    }
  }

  /** The burst is over. */
  flush(): void {
    if (this.#count === 0) return;
    if (this.#count > 1) this.#finish();
    this.#count = 0;
    this.#deliver(this.#held);
  }

  #hold(frame: PacketBuffer): void {
    const held = this.#held;
    const { network, transport, text } = this.#parts;
    const shift = HEADROOM - frame.start;
    held.bytes = this.#storage;
    held.join(frame, HEADROOM);
    held.receivedAt = frame.receivedAt;
    held.network = network + shift;
    held.transport = transport + shift;
    held.checksum = "valid";
    this.#text = text + shift;
    this.#segmentSize = frame.end - text;
    this.#isComplete = isPushed(frame, transport);
    this.#count = 1;
  }

  #follows(frame: PacketBuffer): boolean {
    const held = this.#held;
    const { network, transport, text } = this.#parts;
    const size = frame.end - text;
    if (this.#isComplete || size > this.#segmentSize) return false;
    if (held.end - held.network + size > MAX_SUPER_SEGMENT) return false;
    if (text - frame.start !== this.#text - held.start) return false;
    const expected = (readInt32(held.bytes, held.transport + SEQUENCE) + held.end - this.#text) | 0;
    if (readInt32(frame.bytes, transport + SEQUENCE) !== expected) return false;
    return this.#headersAgree(frame, network, transport, text);
  }

  #headersAgree({ bytes, start }: PacketBuffer, network: number, transport: number, text: number): boolean {
    const held = this.#held;
    const other = held.bytes;
    const shift = held.start - start;
    if (!this.#networkAgrees(bytes, network, shift)) return false;
    if (!sameBytes(bytes, start, network, other, shift)) return false;
    if (!sameBytes(bytes, transport, transport + SEQUENCE, other, shift)) return false;
    if (!sameBytes(bytes, transport + 8, transport + FLAGS_AT + 1, other, shift)) return false;
    const flags =
      ((bytes[transport + 13] as number) ^ (other[held.transport + 13] as number)) & ~TCP_FLAG.psh;
    if (flags !== 0) return false;
    if (!sameBytes(bytes, transport + 14, transport + TCP_CHECKSUM, other, shift)) return false;
    return sameBytes(bytes, transport + TCP_CHECKSUM + 2, text, other, shift);
  }

  #networkAgrees(bytes: Uint8Array, network: number, shift: number): boolean {
    const other = this.#held.bytes;
    if (this.#parts.isV6) {
      return (
        sameBytes(bytes, network, network + 4, other, shift) &&
        sameBytes(bytes, network + 6, network + IPV6_HEADER_SIZE, other, shift)
      );
    }
    const first = readUint16(other, network + shift + 4);
    const step = (readUint16(bytes, network + 4) - first) & 0xffff;
    return (
      step === (hasStillIdentification(this.#held) ? 0 : this.#count) &&
      sameBytes(bytes, network, network + 2, other, shift) &&
      sameBytes(bytes, network + 6, network + 10, other, shift) &&
      sameBytes(bytes, network + 12, network + IPV4_HEADER_SIZE, other, shift)
    );
  }

  #join(frame: PacketBuffer): void {
    const held = this.#held;
    const { transport, text } = this.#parts;
    const size = frame.end - text;
    held.bytes.set(frame.bytes.subarray(text, frame.end), held.end);
    held.end += size;
    this.#count++;
    const pushed = isPushed(frame, transport);
    if (pushed) held.bytes[held.transport + 13] = (held.bytes[held.transport + 13] as number) | TCP_FLAG.psh;
    this.#isComplete = pushed || size < this.#segmentSize;
  }

  /** What was several becomes one: its length, and the checksum as a device with offloads leaves it. */
  #finish(): void {
    const held = this.#held;
    const { bytes, network, transport, end } = held;
    held.segmentSize = this.#segmentSize;
    held.checksum = "partial";
    writeIpLength(held);
    const sum = pseudoHeaderSum(bytes, network, transport, end);
    writeUint16(bytes, transport + TCP_CHECKSUM, foldSum(sum));
  }
}

function pseudoHeaderSum(bytes: Uint8Array, network: number, transport: number, end: number): number {
  const isV6 = transport - network === IPV6_HEADER_SIZE;
  const addresses = network + (isV6 ? 8 : 12);
  return sumWords(bytes, addresses, transport, IP_PROTOCOL.tcp + lengthSum(end - transport));
}

function isPushed({ bytes }: PacketBuffer, transport: number): boolean {
  return ((bytes[transport + 13] as number) & TCP_FLAG.psh) !== 0;
}

/** Whether `bytes[from, to)` is what lies in `other`, further on by `shift`. */
function sameBytes(bytes: Uint8Array, from: number, to: number, other: Uint8Array, shift: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== other[at + shift]) return false;
  return true;
}
