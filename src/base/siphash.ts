/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for initial sequence numbers (RFC 6528), ports
 * (RFC 6056), cookies and hash tables that strangers must not be able to aim at. 64-bit words are pairs of
 * 32-bit halves.
 */
import { readInt32 } from "./bytes.ts";
import type { Random } from "./random.ts";

export class SipHash {
  readonly #key = new Int32Array(4);
  /** v0…v3 as (low, high) pairs. */
  readonly #v = new Int32Array(8);

  /** @param key 16 bytes. */
  constructor(key: Uint8Array) {
    for (let i = 0; i < 4; i++) this.#key[i] = littleEndian32(key, i * 4);
  }

  static keyedBy(random: Random): SipHash {
    const key = new Uint8Array(16);
    random.fill(key);
    return new SipHash(key);
  }

  /** The low and the high word, signed, of the 64-bit hash of `bytes[start, end)`. */
  hash(bytes: Uint8Array, start = 0, end = bytes.length): readonly [number, number] {
    this.#digest(bytes, start, end);
    return [this.#word(0), this.#word(1)];
  }

  /** The low 32 bits of the hash, signed. Allocates nothing. */
  hash32(bytes: Uint8Array, start = 0, end = bytes.length): number {
    this.#digest(bytes, start, end);
    return this.#word(0);
  }

  #word(half: 0 | 1): number {
    const v = this.#v;
    return (v[half] as number) ^ (v[2 + half] as number) ^ (v[4 + half] as number) ^ (v[6 + half] as number);
  }

  #digest(bytes: Uint8Array, start: number, end: number): void {
    const v = this.#v;
    const key = this.#key;
    const k0 = key[0] as number;
    const k1 = key[1] as number;
    const k2 = key[2] as number;
    const k3 = key[3] as number;
    v[0] = k0 ^ 0x70736575;
    v[1] = k1 ^ 0x736f6d65;
    v[2] = k2 ^ 0x6e646f6d;
    v[3] = k3 ^ 0x646f7261;
    v[4] = k0 ^ 0x6e657261;
    v[5] = k1 ^ 0x6c796765;
    v[6] = k2 ^ 0x79746573;
    v[7] = k3 ^ 0x74656462;
    let at = start;
    for (; at + 8 <= end; at += 8) this.#absorb(littleEndian32(bytes, at), littleEndian32(bytes, at + 4));
    let low = 0;
    let high = ((end - start) & 0xff) << 24;
    for (let i = 0; at + i < end; i++) {
      const byte = bytes[at + i] as number;
      if (i < 4) low |= byte << (8 * i);
      else high |= byte << (8 * (i - 4));
    }
    this.#absorb(low, high);
    v[4] = (v[4] as number) ^ 0xff;
    for (let i = 0; i < 4; i++) round(v);
  }

  #absorb(low: number, high: number): void {
    const v = this.#v;
    v[6] = (v[6] as number) ^ low;
    v[7] = (v[7] as number) ^ high;
    round(v);
    round(v);
    v[0] = (v[0] as number) ^ low;
    v[1] = (v[1] as number) ^ high;
  }
}

function round(v: Int32Array): void {
  add(v, 0, 2);
  rotateXor(v, 2, 13, 0);
  swap(v, 0);
  add(v, 4, 6);
  rotateXor(v, 6, 16, 4);
  add(v, 0, 6);
  rotateXor(v, 6, 21, 0);
  add(v, 4, 2);
  rotateXor(v, 2, 17, 4);
  swap(v, 4);
}

/** v[a] += v[b], as 64-bit numbers. */
function add(v: Int32Array, a: number, b: number): void {
  const low = ((v[a] as number) >>> 0) + ((v[b] as number) >>> 0);
  v[a] = low;
  v[a + 1] = (v[a + 1] as number) + (v[b + 1] as number) + (low > 0xffff_ffff ? 1 : 0);
}

/** v[a] = rotl64(v[a], bits) ^ v[b], for 0 < bits < 32. */
function rotateXor(v: Int32Array, a: number, bits: number, b: number): void {
  const low = v[a] as number;
  const high = v[a + 1] as number;
  v[a] = ((low << bits) | (high >>> (32 - bits))) ^ (v[b] as number);
  v[a + 1] = ((high << bits) | (low >>> (32 - bits))) ^ (v[b + 1] as number);
}

/** v[a] = rotl64(v[a], 32). */
function swap(v: Int32Array, a: number): void {
  const low = v[a] as number;
  v[a] = v[a + 1] as number;
  v[a + 1] = low;
}

function littleEndian32(bytes: Uint8Array, at: number): number {
  const word = readInt32(bytes, at);
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
