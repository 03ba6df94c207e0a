/**
 * Neighbor discovery messages. RFC 4861 §4.1 – §4.5.
 *
 * Each message is read and written with its ICMPv6 header: `start` is the type octet. `write` leaves the
 * checksum zero, for the caller to fill once the addresses are known. `read` checks what the message alone
 * can tell (§6.1, §7.1, §8.1: type, code, length, options); hop limit, checksum and the rules about IP
 * addresses are for the network layer.
 */
import { readUint16, readUint32, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { AddressCache, ANY_V6, type IpAddress } from "./address.ts";
import { ICMPV6_TYPE } from "./icmpv6.ts";
import { NdpOptions } from "./ndp-options.ts";

const ROUTER = 0x80;
const SOLICITED = 0x40;
const OVERRIDE = 0x20;
const MANAGED = 0x80;
const OTHER = 0x40;

/** Whether `[start, end)` is a message of this type, of code 0 and at least `size` bytes. */
function isMessage(type: number, size: number, bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= size && bytes[start] === type && bytes[start + 1] === 0;
}

/** Type, code 0, checksum 0 and a second word of which the top octet is given. */
function writeHead(type: number, flags: number, bytes: Uint8Array, at: number): void {
  writeUint32(bytes, at, type << 24);
  writeUint32(bytes, at + 4, flags << 24);
}

/** §4.3. Its option: source link-layer address. */
export class NeighborSolicitation {
  target: IpAddress = ANY_V6;
  readonly options = new NdpOptions();
  readonly #addresses = new AddressCache();

  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (!isMessage(ICMPV6_TYPE.neighborSolicitation, 24, bytes, start, end)) return "ndp-malformed";
    this.target = this.#addresses.read(6, bytes, start + 8);
    // §7.1.1
    if (this.target.isMulticast) return "ndp-malformed";
    return this.options.read(bytes, start + 24, end);
  }

  get size(): number {
    return 24 + this.options.size;
  }

  write(bytes: Uint8Array, at: number): number {
    writeHead(ICMPV6_TYPE.neighborSolicitation, 0, bytes, at);
    this.target.write(bytes, at + 8);
    return 24 + this.options.write(bytes, at + 24);
  }
}

/** §4.4. Its option: target link-layer address. */
export class NeighborAdvertisement {
  isRouter = false;
  solicited = false;
  override = false;
  target: IpAddress = ANY_V6;
  readonly options = new NdpOptions();
  readonly #addresses = new AddressCache();

  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (!isMessage(ICMPV6_TYPE.neighborAdvertisement, 24, bytes, start, end)) return "ndp-malformed";
    const flags = bytes[start + 4] as number;
    this.isRouter = (flags & ROUTER) !== 0;
    this.solicited = (flags & SOLICITED) !== 0;
    this.override = (flags & OVERRIDE) !== 0;
    this.target = this.#addresses.read(6, bytes, start + 8);
    // §7.1.2
    if (this.target.isMulticast) return "ndp-malformed";
    return this.options.read(bytes, start + 24, end);
  }

  get size(): number {
    return 24 + this.options.size;
  }

  write(bytes: Uint8Array, at: number): number {
    const flags =
      (this.isRouter ? ROUTER : 0) | (this.solicited ? SOLICITED : 0) | (this.override ? OVERRIDE : 0);
    writeHead(ICMPV6_TYPE.neighborAdvertisement, flags, bytes, at);
    this.target.write(bytes, at + 8);
    return 24 + this.options.write(bytes, at + 24);
  }
}

/** §4.1. Its option: source link-layer address. */
export class RouterSolicitation {
  readonly options = new NdpOptions();

  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (!isMessage(ICMPV6_TYPE.routerSolicitation, 8, bytes, start, end)) return "ndp-malformed";
    return this.options.read(bytes, start + 8, end);
  }

  get size(): number {
    return 8 + this.options.size;
  }

  write(bytes: Uint8Array, at: number): number {
    writeHead(ICMPV6_TYPE.routerSolicitation, 0, bytes, at);
    return 8 + this.options.write(bytes, at + 8);
  }
}

/** §4.2. Its options: source link-layer address, MTU, prefix information. */
export class RouterAdvertisement {
  /** 0: the router does not say. */
  hopLimit = 0;
  /** Addresses are to be had by DHCPv6. */
  managed = false;
  /** Other settings are to be had by DHCPv6. */
  otherConfig = false;
  /** In seconds; 0: not a default router. */
  routerLifetime = 0;
  /** In milliseconds; 0: the router does not say. */
  reachableTimeMs = 0;
  retransTimerMs = 0;
  readonly options = new NdpOptions();

  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (!isMessage(ICMPV6_TYPE.routerAdvertisement, 16, bytes, start, end)) return "ndp-malformed";
    const flags = bytes[start + 5] as number;
    this.hopLimit = bytes[start + 4] as number;
    this.managed = (flags & MANAGED) !== 0;
    this.otherConfig = (flags & OTHER) !== 0;
    this.routerLifetime = readUint16(bytes, start + 6);
    this.reachableTimeMs = readUint32(bytes, start + 8);
    this.retransTimerMs = readUint32(bytes, start + 12);
    return this.options.read(bytes, start + 16, end);
  }

  get size(): number {
    return 16 + this.options.size;
  }

  write(bytes: Uint8Array, at: number): number {
    writeHead(ICMPV6_TYPE.routerAdvertisement, this.hopLimit, bytes, at);
    bytes[at + 5] = (this.managed ? MANAGED : 0) | (this.otherConfig ? OTHER : 0);
    writeUint16(bytes, at + 6, this.routerLifetime);
    writeUint32(bytes, at + 8, this.reachableTimeMs);
    writeUint32(bytes, at + 12, this.retransTimerMs);
    return 16 + this.options.write(bytes, at + 16);
  }
}

/** §4.5. Its options: target link-layer address, redirected header. */
export class Redirect {
  /** The better first hop; the destination itself when that is on the link. */
  target: IpAddress = ANY_V6;
  destination: IpAddress = ANY_V6;
  readonly options = new NdpOptions();
  readonly #addresses = new AddressCache();

  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (!isMessage(ICMPV6_TYPE.redirect, 40, bytes, start, end)) return "ndp-malformed";
    this.target = this.#addresses.read(6, bytes, start + 8);
    this.destination = this.#addresses.read(6, bytes, start + 24);
    // §8.1
    if (this.destination.isMulticast) return "ndp-malformed";
    return this.options.read(bytes, start + 40, end);
  }

  get size(): number {
    return 40 + this.options.size;
  }

  write(bytes: Uint8Array, at: number): number {
    writeHead(ICMPV6_TYPE.redirect, 0, bytes, at);
    this.target.write(bytes, at + 8);
    this.destination.write(bytes, at + 24);
    return 40 + this.options.write(bytes, at + 40);
  }
}
