/**
 * FNV-1a, 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv): a running hash, the same on every machine. It takes 32-bit
 * words where the original takes bytes. Not for strangers' keys: that is siphash.
 */
const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
/** The prime is 2⁴⁰ + 435. */
const PRIME_LOW = 435;

export class Fnv64 {
  #high = OFFSET_HIGH;
  #low = OFFSET_LOW;

  add(word: number): void {
    const low = (this.#low ^ word) >>> 0;
    const product = low * PRIME_LOW;
    const carry = Math.floor(product / 0x1_0000_0000);
    this.#high = (this.#high * PRIME_LOW + carry + ((low << 8) >>> 0)) % 0x1_0000_0000;
    this.#low = product % 0x1_0000_0000;
  }

  /** The length, then the bytes in words of four. */
  addBytes(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.add(end - start);
    let at = start;
    for (; at + 4 <= end; at += 4) {
      this.add(
        ((bytes[at] as number) << 24) |
          ((bytes[at + 1] as number) << 16) |
          ((bytes[at + 2] as number) << 8) |
          (bytes[at + 3] as number),
      );
    }
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
    return this.#high.toString(16).padStart(8, "0") + this.#low.toString(16).padStart(8, "0");
  }
}
