/**
 * The pieces of one datagram, until they are all there: RFC 791 §3.2, RFC 8200 §4.5, RFC 5722 §4. How long
 * and how many such datagrams are kept is the concern of `Reassembly`.
 */
import { assert } from "../base/assert.ts";
import { writeUint16 } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { HEADROOM, type PacketBuffer } from "../base/packet-buffer.ts";
import type { IpFamily } from "../wire/address.ts";
import { IPV6_HEADER_SIZE } from "../wire/ipv6.ts";
import { FRAGMENT_HEADER_SIZE } from "../wire/ipv6-extensions.ts";
import type { Fragment } from "./reassembly.ts";

/** What the length field of either header can say. */
export const LARGEST_DATAGRAM = 65_535;

/** The ECN codepoints, as bits of a set: RFC 3168 §5. */
const NOT_ECT = 1 << 0b00;
const CE = 1 << 0b11;

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

interface FirstHeaders {
  /** All headers of the first fragment before its piece. */
  readonly bytes: Uint8Array;
  /**
   * IPv6: where in them the next-header byte stands that announces the fragment header, and what comes
   * after that.
   */
  readonly nextHeaderAt: number;
  readonly protocol: number;
}

export class IncompleteDatagram {
  /** In order of `start`, disjoint. */
  readonly #pieces: Piece[] = [];
  /** Bytes in the pieces. */
  #received = 0;
  /** Bytes in the whole fragmentable part; −1 before the last fragment has come. */
  #total = -1;
  #first: FirstHeaders | undefined;
  #codepoints = 0;

  get isComplete(): boolean {
    return this.#received === this.#total;
  }

  get hasFirst(): boolean {
    return this.#first !== undefined;
  }

  /**
   * Takes a copy of a piece. `conflict`: it overlaps what is there, or contradicts it on where the datagram
   * ends. RFC 8200 §4.5 lets an exact duplicate pass, which is one with the same bytes.
   */
  place(packet: PacketBuffer, fragment: Readonly<Fragment>): "placed" | "duplicate" | "conflict" {
    const { offset: start, payload, more } = fragment;
    const end = start + packet.end - payload;
    const at = this.#indexAfter(start);
    const before = this.#pieces[at - 1];
    if (before !== undefined && before.end > start) {
      const sameRange = before.start === start && before.end === end && more === (end !== this.#total);
      return sameRange && sameAs(before.bytes, packet.bytes, payload) ? "duplicate" : "conflict";
    }
    const behind = this.#pieces[at];
    if (behind !== undefined && (behind.start < end || !more)) return "conflict";
    if (this.#total >= 0 && (end >= this.#total || !more)) return "conflict";
    if (!more) this.#total = end;
    this.#pieces.splice(at, 0, { start, end, bytes: packet.bytes.slice(payload, packet.end) });
    this.#received += end - start;
    this.#takeHeaders(packet, fragment);
    return "placed";
  }

  #takeHeaders(packet: PacketBuffer, fragment: Readonly<Fragment>): void {
    const isV6 = fragment.nextHeaderAt >= 0;
    const second = packet.bytes[packet.network + 1] as number;
    this.#codepoints |= 1 << ((isV6 ? second >>> 4 : second) & 0b11);
    if (fragment.offset !== 0) return;
    this.#first = {
      bytes: packet.bytes.slice(packet.network, fragment.payload),
      nextHeaderAt: isV6 ? fragment.nextHeaderAt - packet.network : -1,
      protocol: fragment.protocol,
    };
  }

  /** The index of the first piece that starts after `start`. Most pieces come in order. */
  #indexAfter(start: number): number {
    const pieces = this.#pieces;
    let high = pieces.length;
    if (high === 0 || (pieces[high - 1] as Piece).start <= start) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pieces[middle] as Piece).start <= start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Makes `packet` the first fragment as it arrived. */
  writeFirst(packet: PacketBuffer): void {
    const headers = this.#first?.bytes;
    const piece = this.#pieces[0];
    assert(headers !== undefined && piece !== undefined, "the first fragment has not come");
    begin(packet, headers, headers.length, piece.bytes.length);
    packet.bytes.set(piece.bytes, packet.append(piece.bytes.length));
  }

  /**
   * Makes `packet` the complete datagram, or answers why it must not be: then the packet is left as it was.
   */
  writeWhole(packet: PacketBuffer, family: IpFamily): DropReason | undefined {
    const headers = this.#first;
    assert(headers !== undefined && this.isComplete, "the datagram is not complete");
    // RFC 3168 §5.3: what one fragment met, the datagram met; but CE on a packet that is not ECN-capable is
    // a lie.
    const congested = (this.#codepoints & CE) !== 0;
    if (congested && (this.#codepoints & NOT_ECT) !== 0) return "fragment-malformed";
    const isV6 = family === 6;
    const headerLength = headers.bytes.length - (isV6 ? FRAGMENT_HEADER_SIZE : 0);
    const length = headerLength + this.#total;
    if (length - (isV6 ? IPV6_HEADER_SIZE : 0) > LARGEST_DATAGRAM) return "fragment-too-big";
    begin(packet, headers.bytes, headerLength, this.#total);
    for (const piece of this.#pieces) packet.bytes.set(piece.bytes, packet.append(piece.bytes.length));
    const { bytes, network } = packet;
    if (congested) bytes[network + 1] = (bytes[network + 1] as number) | (isV6 ? 0x30 : 0x03);
    if (isV6) {
      writeUint16(bytes, network + 4, length - IPV6_HEADER_SIZE);
      bytes[network + headers.nextHeaderAt] = headers.protocol;
    } else {
      writeUint16(bytes, network + 2, length);
      writeUint16(bytes, network + 6, 0);
      writeUint16(bytes, network + 10, 0);
      writeUint16(bytes, network + 10, checksum(bytes, network, network + headerLength));
    }
    return undefined;
  }
}

/** Empties the packet, writes the headers, and makes room for the payload. */
function begin(packet: PacketBuffer, headers: Uint8Array, headerLength: number, payloadLength: number): void {
  const capacity = HEADROOM + headerLength + payloadLength;
  if (packet.bytes.length < capacity) packet.bytes = new Uint8Array(capacity);
  packet.reset();
  packet.network = packet.append(headerLength);
  packet.bytes.set(headers.subarray(0, headerLength), packet.network);
  packet.transport = packet.end;
}

function sameAs(piece: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < piece.length; i++) if (piece[i] !== bytes[from + i]) return false;
  return true;
}
