/**
 * IP addresses: RFC 791 §3.2, RFC 4291; their text forms: dotted decimal, RFC 4291 §2.2 in and RFC 5952 §4
 * out.
 *
 * An `IpAddress` is an immutable value of four 32-bit words. An IPv4 address keeps its word last, behind the
 * prefix of the IPv4-mapped form, so that one hash and one comparison serve both families.
 */
import { readInt32, writeUint32 } from "../base/bytes.ts";

export type IpFamily = 4 | 6;

const MAPPED_PREFIX = 0xffff;

export class IpAddress {
  readonly family: IpFamily;
  /** The words of the address, first to last, signed. In IPv4: 0, 0, 0xffff and the address. */
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;

  constructor(family: IpFamily, w0: number, w1: number, w2: number, w3: number) {
    this.family = family;
    this.w0 = w0 | 0;
    this.w1 = w1 | 0;
    this.w2 = w2 | 0;
    this.w3 = w3 | 0;
  }

  static v4(word: number): IpAddress {
    return new IpAddress(4, 0, 0, MAPPED_PREFIX, word);
  }

  static v6(w0: number, w1: number, w2: number, w3: number): IpAddress {
    return new IpAddress(6, w0, w1, w2, w3);
  }

  /** Reads 4 or 16 bytes. */
  static read(family: IpFamily, bytes: Uint8Array, at: number): IpAddress {
    return family === 4
      ? IpAddress.v4(readInt32(bytes, at))
      : IpAddress.v6(
          readInt32(bytes, at),
          readInt32(bytes, at + 4),
          readInt32(bytes, at + 8),
          readInt32(bytes, at + 12),
        );
  }

  /** Writes 4 or 16 bytes; answers how many. */
  write(bytes: Uint8Array, at: number): number {
    if (this.family === 4) {
      writeUint32(bytes, at, this.w3);
      return 4;
    }
    writeUint32(bytes, at, this.w0);
    writeUint32(bytes, at + 4, this.w1);
    writeUint32(bytes, at + 8, this.w2);
    writeUint32(bytes, at + 12, this.w3);
    return 16;
  }

  /** In bytes: 4 or 16. */
  get size(): number {
    return this.family === 4 ? 4 : 16;
  }

  equals(other: IpAddress): boolean {
    return (
      this === other ||
      (this.w3 === other.w3 &&
        this.w2 === other.w2 &&
        this.w1 === other.w1 &&
        this.w0 === other.w0 &&
        this.family === other.family)
    );
  }

  /**
   * 32 bits that spread well enough for tables a stranger cannot aim at; keyed hashes are for those he can.
   */
  hash(): number {
    let mix = Math.imul(this.w0 ^ Math.imul(this.w1, 0x9e3779b1), 0x85ebca6b);
    mix = Math.imul(mix ^ this.w2 ^ (mix >>> 15), 0xc2b2ae35);
    mix = Math.imul(mix ^ this.w3 ^ (mix >>> 13), 0x27d4eb2f);
    return mix ^ (mix >>> 16);
  }

  get isUnspecified(): boolean {
    return this.w3 === 0 && (this.family === 4 || (this.w0 === 0 && this.w1 === 0 && this.w2 === 0));
  }

  get isLoopback(): boolean {
    if (this.family === 4) return this.w3 >>> 24 === 127;
    return this.w0 === 0 && this.w1 === 0 && this.w2 === 0 && this.w3 === 1;
  }

  get isMulticast(): boolean {
    return this.family === 4 ? this.w3 >>> 28 === 0xe : this.w0 >>> 24 === 0xff;
  }

  /** 255.255.255.255. The broadcast address of a subnet is known only to the routes. */
  get isLimitedBroadcast(): boolean {
    return this.family === 4 && this.w3 === -1;
  }

  /** 169.254.0.0/16 and fe80::/10. */
  get isLinkLocal(): boolean {
    return this.family === 4 ? this.w3 >>> 16 === 0xa9fe : this.w0 >>> 22 === 0x3fa;
  }

  /** ::ffff:a.b.c.d in IPv6. */
  get isMappedV4(): boolean {
    return this.family === 6 && this.w0 === 0 && this.w1 === 0 && this.w2 === MAPPED_PREFIX;
  }

  /** Whether the first `length` bits agree with those of `other`, of the same family. */
  samePrefix(other: IpAddress, length: number): boolean {
    return this.family === other.family && this.commonPrefix(other) >= length;
  }

  /** The number of leading bits that two addresses of one family share: 0 … 32 or 0 … 128. */
  commonPrefix(other: IpAddress): number {
    if (this.family === 4) return Math.clz32(this.w3 ^ other.w3);
    if (this.w0 !== other.w0) return Math.clz32(this.w0 ^ other.w0);
    if (this.w1 !== other.w1) return 32 + Math.clz32(this.w1 ^ other.w1);
    if (this.w2 !== other.w2) return 64 + Math.clz32(this.w2 ^ other.w2);
    return 96 + Math.clz32(this.w3 ^ other.w3);
  }

  toString(): string {
    return this.family === 4 ? textV4(this.w3) : textV6(this);
  }
}

export const ANY_V4 = IpAddress.v4(0);
export const ANY_V6 = IpAddress.v6(0, 0, 0, 0);
export const LIMITED_BROADCAST = IpAddress.v4(-1);
export const LOOPBACK_V4 = IpAddress.v4(0x7f000001);
export const LOOPBACK_V6 = IpAddress.v6(0, 0, 0, 1);
/** ff02::1, RFC 4291 §2.7.1. */
export const ALL_NODES = IpAddress.v6(0xff020000, 0, 0, 1);
export const ALL_ROUTERS = IpAddress.v6(0xff020000, 0, 0, 2);

/** ff02::1:ffXX:XXXX, RFC 4291 §2.7.1. */
export function solicitedNode(address: IpAddress): IpAddress {
  return IpAddress.v6(0xff020000, 0, 1, 0xff000000 | (address.w3 & 0xffffff));
}

function textV4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}

/**
 * RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals)
 * as `::`.
 */
function textV6(address: IpAddress): string {
  if (address.isMappedV4) return `::ffff:${textV4(address.w3)}`;
  const groups = [address.w0, address.w1, address.w2, address.w3].flatMap(word => [
    word >>> 16,
    word & 0xffff,
  ]);
  let runAt = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > runLength) {
      runAt = i;
      runLength = length;
    }
    if (length > 0) i += length - 1;
  }
  const text = (part: number[]): string => part.map(group => group.toString(16)).join(":");
  if (runAt < 0) return text(groups);
  return `${text(groups.slice(0, runAt))}::${text(groups.slice(runAt + runLength))}`;
}

/**
 * The address a text names, or undefined. Accepts `1.2.3.4`, `2001:db8::1`, `::ffff:1.2.3.4`; no zones, no
 * brackets.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (!text.includes(":")) {
    const word = parseV4(text);
    return word === undefined ? undefined : IpAddress.v4(word);
  }
  return parseV6(text);
}

/** As `parseIpAddress`, for texts that are known to be good: constants and tests. Throws a RangeError. */
export function ip(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new RangeError(`not an IP address: ${text}`);
  return address;
}

function parseV4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let word = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const byte = Number(part);
    if (byte > 255) return undefined;
    word = (word << 8) | byte;
  }
  return word;
}

function parseV6(text: string): IpAddress | undefined {
  let whole = text;
  const lastColon = text.lastIndexOf(":");
  if (text.includes(".")) {
    const word = parseV4(text.slice(lastColon + 1));
    if (word === undefined) return undefined;
    whole = `${text.slice(0, lastColon + 1)}${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
  }
  const halves = whole.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] as string);
  const tail = groupsOf(halves[1] ?? "");
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const word = (index: number): number => ((groups[index] as number) << 16) | (groups[index + 1] as number);
  return IpAddress.v6(word(0), word(2), word(4), word(6));
}

function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  for (const part of text.split(":")) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
    groups.push(Number.parseInt(part, 16));
  }
  return groups;
}

/**
 * Recently seen addresses, so that reading the addresses of a packet allocates nothing in steady state.
 * Direct-mapped; a collision only costs a new object.
 */
export class AddressCache {
  readonly #slots: Array<IpAddress | undefined> = new Array<IpAddress | undefined>(256).fill(undefined);

  read(family: IpFamily, bytes: Uint8Array, at: number): IpAddress {
    const v6 = family === 6;
    const w0 = v6 ? readInt32(bytes, at) : 0;
    const w1 = v6 ? readInt32(bytes, at + 4) : 0;
    const w2 = v6 ? readInt32(bytes, at + 8) : MAPPED_PREFIX;
    const w3 = readInt32(bytes, v6 ? at + 12 : at);
    const slot = (w3 ^ (w3 >>> 8) ^ w1 ^ (w1 >>> 16)) & 0xff;
    const held = this.#slots[slot];
    if (
      held !== undefined &&
      held.w3 === w3 &&
      held.w2 === w2 &&
      held.w1 === w1 &&
      held.w0 === w0 &&
      held.family === family
    ) {
      return held;
    }
    const address = new IpAddress(family, w0, w1, w2, w3);
    this.#slots[slot] = address;
    return address;
  }
}
