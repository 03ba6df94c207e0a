/**
 * FNV-1a, 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv): a running hash, the same on every machine. It
 * takes 32-bit words where the original takes bytes. Not for strangers' keys: that is siphash.
 */
import { readInt32 } from "../base/bytes.ts";

const OFFSET_HIGH = 0xcbf29ce4 | 0;
const OFFSET_LOW = 0x84222325 | 0;
/** The prime is 2⁴⁰ + 435. */
const PRIME_LOW = 435;

export class Fnv64 {
  #high = OFFSET_HIGH;
  #low = OFFSET_LOW;

  /** In halves of 16 bits, so that all numbers stay small integers. */
  add(word: number): void {
    const low = this.#low ^ word;
    const first = (low & 0xffff) * PRIME_LOW;
    const second = (low >>> 16) * PRIME_LOW + (first >>> 16);
    this.#high = (Math.imul(this.#high, PRIME_LOW) + (second >>> 16) + (low << 8)) | 0;
    this.#low = (second << 16) | (first & 0xffff);
  }

  /** The length, then the bytes in words of four. */
  addBytes(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.add(end - start);
    let at = start;
    for (; at + 4 <= end; at += 4) this.add(readInt32(bytes, at));
    for (; at < end; at++) this.add(bytes[at] as number);
  }

  addText(text: string): void {
    this.add(text.length);
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
  }

  /** A whole number of up to 53 bits. */
  addInteger(value: number): void {
    this.add(Math.floor(value / 0x1_0000_0000));
    this.add(value >>> 0);
  }

  /** Sixteen digits. */
  get hex(): string {
    const digits = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
    return digits(this.#high) + digits(this.#low);
  }
}
