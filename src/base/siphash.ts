/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for initial sequence numbers (RFC 6528), ports
 * (RFC 6056), cookies and hash tables that strangers must not be able to aim at. 64-bit words are pairs of
 * 32-bit halves.
 */
import type { Random } from "./random.ts";

const BLOCK = 8;
const ROUNDS_PER_BLOCK = 2;
const LAST_ROUNDS = 4;

export class SipHash {
  readonly #key = new Int32Array(4);
  /** The low and the high word of the last hash. */
  #low = 0;
  #high = 0;

  /** @param key 16 bytes. */
  constructor(key: Uint8Array) {
    for (let i = 0; i < 4; i++) this.#key[i] = word(key, i * 4);
  }

  static keyedBy(random: Random): SipHash {
    const key = new Uint8Array(16);
    random.fill(key);
    return new SipHash(key);
  }

  /** The low and the high word, signed, of the 64-bit hash of `bytes[start, end)`. */
  hash(bytes: Uint8Array, start = 0, end = bytes.length): readonly [number, number] {
    this.#digest(bytes, start, end);
    return [this.#low, this.#high];
  }

  /** The low 32 bits of the hash, signed. Allocates nothing. */
  hash32(bytes: Uint8Array, start = 0, end = bytes.length): number {
    this.#digest(bytes, start, end);
    return this.#low;
  }

  /**
   * The paper's v0 … v3 are a … d here: sixteen halves in registers, and one round in the text, which is gone
   * through twice for each block and four times at the end.
   */
  #digest(bytes: Uint8Array, start: number, end: number): void {
    const key = this.#key;
    let a0 = (key[0] as number) ^ 0x70736575;
    let a1 = (key[1] as number) ^ 0x736f6d65;
    let b0 = (key[2] as number) ^ 0x6e646f6d;
    let b1 = (key[3] as number) ^ 0x646f7261;
    let c0 = (key[0] as number) ^ 0x6e657261;
    let c1 = (key[1] as number) ^ 0x6c796765;
    let d0 = (key[2] as number) ^ 0x79746573;
    let d1 = (key[3] as number) ^ 0x74656462;
    const whole = end - ((end - start) % BLOCK);
    for (let at = start; at <= whole + BLOCK; at += BLOCK) {
      const isEnd = at > whole;
      let low = at < whole ? word(bytes, at) : 0;
      let high = at < whole ? word(bytes, at + 4) : 0;
      if (at === whole) {
        low = rest(bytes, at, end);
        high = rest(bytes, at + 4, end) | ((end - start) << 24);
      }
      d0 ^= low;
      d1 ^= high;
      if (isEnd) c0 ^= 0xff;
      for (let left = isEnd ? LAST_ROUNDS : ROUNDS_PER_BLOCK; left > 0; left--) {
        // a += b, b = rotl(b, 13) ^ a, a = rotl(a, 32)
        let sum = (a0 + b0) | 0;
        const a2 = (a1 + b1 + carry(a0, b0, sum)) | 0;
        const b2 = ((b0 << 13) | (b1 >>> 19)) ^ sum;
        b1 = ((b1 << 13) | (b0 >>> 19)) ^ a2;
        a1 = sum;
        // c += d, d = rotl(d, 16) ^ c
        sum = (c0 + d0) | 0;
        c1 = (c1 + d1 + carry(c0, d0, sum)) | 0;
        c0 = sum;
        const d2 = ((d0 << 16) | (d1 >>> 16)) ^ c0;
        d1 = ((d1 << 16) | (d0 >>> 16)) ^ c1;
        // a += d, d = rotl(d, 21) ^ a
        a0 = (a2 + d2) | 0;
        a1 = (a1 + d1 + carry(a2, d2, a0)) | 0;
        d0 = ((d2 << 21) | (d1 >>> 11)) ^ a0;
        d1 = ((d1 << 21) | (d2 >>> 11)) ^ a1;
        // c += b, b = rotl(b, 17) ^ c, c = rotl(c, 32)
        sum = (c0 + b2) | 0;
        c1 = (c1 + b1 + carry(c0, b2, sum)) | 0;
        b0 = ((b2 << 17) | (b1 >>> 15)) ^ sum;
        b1 = ((b1 << 17) | (b2 >>> 15)) ^ c1;
        c0 = c1;
        c1 = sum;
      }
      a0 ^= low;
      a1 ^= high;
    }
    this.#low = a0 ^ b0 ^ c0 ^ d0;
    this.#high = a1 ^ b1 ^ c1 ^ d1;
  }
}

/** What `sum = (x + y) | 0` carries: 0 or 1. Without a branch, which nothing could predict. */
function carry(x: number, y: number, sum: number): number {
  return ((x & y) | ((x | y) & ~sum)) >>> 31;
}

/** Four bytes, the lowest first. */
function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** What there is of four bytes: as if zeros followed. */
function rest(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = Math.min(end, at + 4) - 1; i >= at; i--) value = (value << 8) | (bytes[i] as number);
  return value;
}
