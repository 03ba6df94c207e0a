/**
 * TCP options. RFC 9293 §3.2 (list, MSS: MUST-4; aligned or not, MUST-64; zeros behind the end, MUST-69),
 * RFC 7323 (window scale, timestamps), RFC 2018 (SACK), RFC 2385 (MD5), RFC 5482 (user timeout), RFC 7413
 * (fast open; the experimental form is RFC 6994 with magic 0xF989).
 *
 * Written in Linux's order and with its padding, so that our SYN looks like the most common one.
 */
import { assert } from "../base/assert.ts";
import { readInt32, readUint16, writeUint16, writeUint32 } from "../base/bytes.ts";

export const TCP_OPTION = {
  end: 0,
  noOperation: 1,
  mss: 2,
  windowScale: 3,
  sackPermitted: 4,
  sack: 5,
  timestamps: 8,
  md5: 19,
  userTimeout: 28,
  fastOpen: 34,
  experimental: 254,
} as const;

export const TCP_MAX_OPTIONS_SIZE = 40;
/** RFC 7323 §2.3: a larger shift is used as this one. */
export const MAX_WINDOW_SCALE = 14;
export const MAX_SACK_BLOCKS = 4;

const FAST_OPEN_MAGIC = 0xf989;
const MD5_SIZE = 16;
/** NOP, NOP, timestamps, length 10: how almost every segment of an open connection begins its options. */
const ALIGNED_TIMESTAMPS = 0x0101080a;

export class TcpOptions {
  /** −1: no such option. */
  mss = -1;
  windowScale = -1;
  sackPermitted = false;
  hasTimestamps = false;
  timestampValue = 0;
  timestampEcho = 0;
  sackCount = 0;
  /** Left and right edge of each block, as `Seq`. */
  readonly sackEdges = new Int32Array(2 * MAX_SACK_BLOCKS);
  /**
   * The cookie; empty: a request for one. After `read` a view of the segment, to be copied by who keeps it.
   */
  fastOpen: Uint8Array | undefined = undefined;
  fastOpenExperimental = false;
  /** In seconds. */
  userTimeout = -1;
  /** After `read` a view of the segment. */
  md5: Uint8Array | undefined = undefined;
  /** An option had an illegal length. What could be read was read. */
  malformed = false;

  clear(): void {
    this.mss = -1;
    this.windowScale = -1;
    this.sackPermitted = false;
    this.hasTimestamps = false;
    this.timestampValue = 0;
    this.timestampEcho = 0;
    this.sackCount = 0;
    this.fastOpen = undefined;
    this.fastOpenExperimental = false;
    this.userTimeout = -1;
    this.md5 = undefined;
    this.malformed = false;
  }

  /**
   * Takes options in any segment (MUST-5), skips those it does not know (MUST-6), survives any length
   * (MUST-7).
   */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.clear();
    if (end - start === 12 && readInt32(bytes, start) === ALIGNED_TIMESTAMPS) {
      this.#readTimestamps(bytes, start + 2);
      return;
    }
    let at = start;
    while (at < end) {
      const kind = bytes[at] as number;
      if (kind === TCP_OPTION.end) return;
      if (kind === TCP_OPTION.noOperation) {
        at++;
        continue;
      }
      // MUST-68: every option but those two has a length, which covers kind and length.
      const length = at + 1 < end ? (bytes[at + 1] as number) : 0;
      if (length < 2 || length > end - at) {
        this.malformed = true;
        return;
      }
      if (!this.#readOption(kind, length, bytes, at)) this.malformed = true;
      at += length;
    }
  }

  /** False: the length is wrong for the kind, and the option is ignored. */
  #readOption(kind: number, length: number, bytes: Uint8Array, at: number): boolean {
    switch (kind) {
      case TCP_OPTION.mss:
        if (length !== 4) return false;
        this.mss = readUint16(bytes, at + 2);
        return true;
      case TCP_OPTION.windowScale:
        if (length !== 3) return false;
        this.windowScale = Math.min(bytes[at + 2] as number, MAX_WINDOW_SCALE);
        return true;
      case TCP_OPTION.sackPermitted:
        if (length !== 2) return false;
        this.sackPermitted = true;
        return true;
      case TCP_OPTION.sack:
        return this.#readSack(length, bytes, at);
      case TCP_OPTION.timestamps:
        if (length !== 10) return false;
        this.#readTimestamps(bytes, at);
        return true;
      case TCP_OPTION.md5:
        if (length !== 2 + MD5_SIZE) return false;
        this.md5 = bytes.subarray(at + 2, at + length);
        return true;
      case TCP_OPTION.userTimeout: {
        if (length !== 4) return false;
        const value = readUint16(bytes, at + 2);
        this.userTimeout = value >= 0x8000 ? (value & 0x7fff) * 60 : value;
        return true;
      }
      case TCP_OPTION.fastOpen:
        return this.#readFastOpen(false, bytes, at + 2, at + length);
      case TCP_OPTION.experimental:
        if (length < 4 || readUint16(bytes, at + 2) !== FAST_OPEN_MAGIC) return true;
        return this.#readFastOpen(true, bytes, at + 4, at + length);
      default:
        return true;
    }
  }

  #readTimestamps(bytes: Uint8Array, at: number): void {
    this.hasTimestamps = true;
    this.timestampValue = readInt32(bytes, at + 2);
    this.timestampEcho = readInt32(bytes, at + 6);
  }

  #readSack(length: number, bytes: Uint8Array, at: number): boolean {
    const edges = (length - 2) / 4;
    if (length < 10 || length % 8 !== 2 || edges > this.sackEdges.length) return false;
    this.sackCount = edges / 2;
    for (let i = 0; i < edges; i++) this.sackEdges[i] = readInt32(bytes, at + 2 + 4 * i);
    return true;
  }

  /** RFC 7413 §4.1.1: nothing, or an even cookie of 4 … 16 bytes. */
  #readFastOpen(experimental: boolean, bytes: Uint8Array, from: number, to: number): boolean {
    const size = to - from;
    if (size !== 0 && (size < 4 || size > 16 || size % 2 !== 0)) return false;
    this.fastOpen = bytes.subarray(from, to);
    this.fastOpenExperimental = experimental;
    return true;
  }

  /** Adds Fast Open's option if there is room beside the others; answers whether. */
  offerFastOpen(cookie: Uint8Array, experimental: boolean): boolean {
    this.fastOpen = cookie;
    this.fastOpenExperimental = experimental;
    if (this.size <= TCP_MAX_OPTIONS_SIZE) return true;
    this.fastOpen = undefined;
    return false;
  }

  /** What `write` writes: a multiple of 4. */
  get size(): number {
    let size = 0;
    if (this.md5 !== undefined) size += 20;
    if (this.mss >= 0) size += 4;
    if (this.hasTimestamps) size += 12;
    else if (this.sackPermitted) size += 4;
    if (this.windowScale >= 0) size += 4;
    if (this.sackCount > 0) size += 4 + 8 * this.sackCount;
    if (this.userTimeout >= 0) size += 4;
    if (this.fastOpen !== undefined) {
      size += (this.fastOpen.length + (this.fastOpenExperimental ? 4 : 2) + 3) & ~3;
    }
    return size;
  }

  /** Writes `size` bytes. */
  write(bytes: Uint8Array, at: number): number {
    assert(this.size <= TCP_MAX_OPTIONS_SIZE, "the TCP options exceed 40 bytes");
    let next = at;
    if (this.md5 !== undefined) {
      writeUint32(bytes, next, 0x0101_1312);
      bytes.set(this.md5, next + 4);
      next += 20;
    }
    if (this.mss >= 0) {
      writeUint32(bytes, next, 0x0204_0000 | this.mss);
      next += 4;
    }
    if (this.hasTimestamps) {
      // SACK-permitted takes the place of the two NOPs.
      writeUint32(bytes, next, this.sackPermitted ? 0x0402_080a : ALIGNED_TIMESTAMPS);
      writeUint32(bytes, next + 4, this.timestampValue);
      writeUint32(bytes, next + 8, this.timestampEcho);
      next += 12;
    } else if (this.sackPermitted) {
      writeUint32(bytes, next, 0x0101_0402);
      next += 4;
    }
    if (this.windowScale >= 0) {
      writeUint32(bytes, next, 0x0103_0300 | this.windowScale);
      next += 4;
    }
    if (this.sackCount > 0) next += this.#writeSack(bytes, next);
    if (this.userTimeout >= 0) next += this.#writeUserTimeout(bytes, next);
    if (this.fastOpen !== undefined) next += this.#writeFastOpen(this.fastOpen, bytes, next);
    return next - at;
  }

  #writeSack(bytes: Uint8Array, at: number): number {
    const edges = 2 * this.sackCount;
    writeUint32(bytes, at, 0x0101_0502 + 4 * edges);
    for (let i = 0; i < edges; i++) writeUint32(bytes, at + 4 + 4 * i, this.sackEdges[i] as number);
    return 4 + 4 * edges;
  }

  /** RFC 5482 §3.1: 15 bits of seconds, or of minutes when the granularity bit is set. */
  #writeUserTimeout(bytes: Uint8Array, at: number): number {
    const seconds = this.userTimeout;
    const value = seconds < 0x8000 ? seconds : 0x8000 | Math.min(Math.ceil(seconds / 60), 0x7fff);
    writeUint16(bytes, at, 0x1c04);
    writeUint16(bytes, at + 2, value);
    return 4;
  }

  #writeFastOpen(cookie: Uint8Array, bytes: Uint8Array, at: number): number {
    const header = this.fastOpenExperimental ? 4 : 2;
    const length = header + cookie.length;
    bytes[at] = this.fastOpenExperimental ? TCP_OPTION.experimental : TCP_OPTION.fastOpen;
    bytes[at + 1] = length;
    if (this.fastOpenExperimental) writeUint16(bytes, at + 2, FAST_OPEN_MAGIC);
    bytes.set(cookie, at + header);
    const padded = (length + 3) & ~3;
    bytes.fill(TCP_OPTION.noOperation, at + length, at + padded);
    return padded;
  }
}
