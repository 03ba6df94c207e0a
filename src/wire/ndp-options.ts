/**
 * The options of neighbor discovery messages. RFC 4861 §4.6. Link-layer addresses are Ethernet's (RFC 2464
 * §6).
 */
import { assert } from "../base/assert.ts";
import { readUint32, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { IpAddress } from "./address.ts";
import { type MacAddress, readMac, writeMac } from "./mac-address.ts";

export const NDP_OPTION = {
  sourceLinkLayer: 1,
  targetLinkLayer: 2,
  prefixInformation: 3,
  redirectedHeader: 4,
  mtu: 5,
} as const;

/** A lifetime of this many seconds is for ever. */
export const NDP_INFINITY = 0xffff_ffff;

/** RFC 4861 §4.6.2. Lifetimes in seconds. */
export interface PrefixInformation {
  readonly prefix: IpAddress;
  readonly length: number;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  readonly validLifetime: number;
  readonly preferredLifetime: number;
}

const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;
const PREFIX_SIZE = 32;

export class NdpOptions {
  sourceLinkLayer: MacAddress | undefined = undefined;
  targetLinkLayer: MacAddress | undefined = undefined;
  readonly prefixes: PrefixInformation[] = [];
  /** The packet that a redirect is about, cut to fit. After `read` a view of the message. */
  redirectedHeader: Uint8Array | undefined = undefined;
  mtu: number | undefined = undefined;

  clear(): void {
    this.sourceLinkLayer = undefined;
    this.targetLinkLayer = undefined;
    this.prefixes.length = 0;
    this.redirectedHeader = undefined;
    this.mtu = undefined;
  }

  /**
   * Skips options that it does not know, and known ones of another length: they are for other kinds of links.
   */
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    this.clear();
    let at = start;
    while (at < end) {
      if (end - at < 8) return "ndp-malformed";
      // In units of 8 bytes; zero makes the message invalid (§6.1, §7.1, §8.1).
      const size = 8 * (bytes[at + 1] as number);
      if (size === 0 || size > end - at) return "ndp-malformed";
      this.#readOption(bytes[at] as number, size, bytes, at);
      at += size;
    }
    return undefined;
  }

  #readOption(type: number, size: number, bytes: Uint8Array, at: number): void {
    switch (type) {
      case NDP_OPTION.sourceLinkLayer:
        if (size === 8) this.sourceLinkLayer = readMac(bytes, at + 2);
        break;
      case NDP_OPTION.targetLinkLayer:
        if (size === 8) this.targetLinkLayer = readMac(bytes, at + 2);
        break;
      case NDP_OPTION.prefixInformation:
        if (size === PREFIX_SIZE && (bytes[at + 2] as number) <= 128)
          this.prefixes.push(readPrefix(bytes, at));
        break;
      case NDP_OPTION.redirectedHeader:
        this.redirectedHeader = bytes.subarray(at + 8, at + size);
        break;
      case NDP_OPTION.mtu:
        if (size === 8) this.mtu = readUint32(bytes, at + 4);
        break;
    }
  }

  get size(): number {
    let size = PREFIX_SIZE * this.prefixes.length;
    if (this.sourceLinkLayer !== undefined) size += 8;
    if (this.targetLinkLayer !== undefined) size += 8;
    if (this.mtu !== undefined) size += 8;
    if (this.redirectedHeader !== undefined) size += 8 + ((this.redirectedHeader.length + 7) & ~7);
    return size;
  }

  /** Writes `size` bytes. */
  write(bytes: Uint8Array, at: number): number {
    let next = at;
    if (this.sourceLinkLayer !== undefined) {
      next += writeLinkLayer(NDP_OPTION.sourceLinkLayer, this.sourceLinkLayer, bytes, next);
    }
    if (this.targetLinkLayer !== undefined) {
      next += writeLinkLayer(NDP_OPTION.targetLinkLayer, this.targetLinkLayer, bytes, next);
    }
    if (this.mtu !== undefined) {
      writeUint32(bytes, next, (NDP_OPTION.mtu << 24) | (1 << 16));
      writeUint32(bytes, next + 4, this.mtu);
      next += 8;
    }
    for (const prefix of this.prefixes) next += writePrefix(prefix, bytes, next);
    if (this.redirectedHeader !== undefined) {
      next += writeRedirectedHeader(this.redirectedHeader, bytes, next);
    }
    return next - at;
  }
}

function readPrefix(bytes: Uint8Array, at: number): PrefixInformation {
  const flags = bytes[at + 3] as number;
  return {
    prefix: IpAddress.read(6, bytes, at + 16),
    length: bytes[at + 2] as number,
    onLink: (flags & ON_LINK) !== 0,
    autonomous: (flags & AUTONOMOUS) !== 0,
    validLifetime: readUint32(bytes, at + 4),
    preferredLifetime: readUint32(bytes, at + 8),
  };
}

function writePrefix(prefix: PrefixInformation, bytes: Uint8Array, at: number): number {
  bytes[at] = NDP_OPTION.prefixInformation;
  bytes[at + 1] = PREFIX_SIZE / 8;
  bytes[at + 2] = prefix.length;
  bytes[at + 3] = (prefix.onLink ? ON_LINK : 0) | (prefix.autonomous ? AUTONOMOUS : 0);
  writeUint32(bytes, at + 4, prefix.validLifetime);
  writeUint32(bytes, at + 8, prefix.preferredLifetime);
  writeUint32(bytes, at + 12, 0);
  prefix.prefix.write(bytes, at + 16);
  return PREFIX_SIZE;
}

function writeLinkLayer(type: number, mac: MacAddress, bytes: Uint8Array, at: number): number {
  bytes[at] = type;
  bytes[at + 1] = 1;
  writeMac(bytes, at + 2, mac);
  return 8;
}

/** The quoted packet is padded with zeros to a multiple of 8. */
function writeRedirectedHeader(packet: Uint8Array, bytes: Uint8Array, at: number): number {
  const size = 8 + ((packet.length + 7) & ~7);
  assert(size <= 8 * 255, "a redirect quotes too much of its packet");
  bytes[at] = NDP_OPTION.redirectedHeader;
  bytes[at + 1] = size / 8;
  writeUint16(bytes, at + 2, 0);
  writeUint32(bytes, at + 4, 0);
  bytes.set(packet, at + 8);
  bytes.fill(0, at + 8 + packet.length, at + size);
  return size;
}
