/**
 * The Internet checksum. RFC 1071; the incremental update is RFC 1624 eqn. 3.
 *
 * Sums are kept unfolded in plain numbers; `foldChecksum` ends the sum. The sum runs over big-endian 16-bit
 * words, so that partial sums of header fields (the pseudo-header) add in directly.
 */

/** Shorter pieces are not worth a view of their own, nor, even shorter, one that somebody has. */
const WORTH_A_VIEW = 128;
const SHORTEST = 16;
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Adds the 16-bit words of `bytes[start, end)` to `sum`. An odd last byte is padded with zero on the right,
 * so only the last piece of a message may have an odd length.
 *
 * @param all the memory of `bytes` from their first on, if somebody keeps such a view
 */
export function sumWords(bytes: Uint8Array, start: number, end: number, sum = 0, all?: Uint32Array): number {
  const odd = (bytes.byteOffset + start) & 1;
  const isShort = end - start < (all === undefined ? WORTH_A_VIEW : SHORTEST);
  if (isShort || odd !== 0) return sum + sumBytes(bytes, start, end);
  // To a multiple of four in memory by one word, then four bytes at a time, then the rest.
  const aligned = start + ((bytes.byteOffset + start) & 2);
  const count = (end - aligned) >> 2;
  const words = all ?? new Uint32Array(bytes.buffer, bytes.byteOffset + aligned, count);
  const first = all === undefined ? 0 : aligned >> 2;
  const ends = sumBytes(bytes, start, aligned) + sumBytes(bytes, aligned + 4 * count, end);
  return sum + ends + sumAligned(words, first, first + count);
}

/** Even and odd bytes are summed apart: two adds a word and no shift. 2³² is far away: 64 KiB × 255 < 2²⁴. */
function sumBytes(bytes: Uint8Array, start: number, end: number): number {
  let high = 0;
  let low = 0;
  let at = start;
  for (; at + 1 < end; at += 2) {
    high += bytes[at] as number;
    low += bytes[at + 1] as number;
  }
  if (at < end) high += bytes[at] as number;
  return high * 256 + low;
}

/**
 * The sum of the 32-bit words from `first` up to `end`, folded to 16 bits: 2¹⁶ is 1 modulo 0xffff, so halves
 * of a word add up like words of their own; and the sum of byte-swapped words is the byte-swapped sum (RFC
 * 1071 §2 B). Four lanes run side by side, of two words each: half the turns of the loop, and half the time.
 * Doubles hold 2²¹ words without loss.
 */
function sumAligned(words: Uint32Array, first: number, end: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = first;
  for (; i + 7 < end; i += 8) {
    a += (words[i] as number) + (words[i + 4] as number);
    b += (words[i + 1] as number) + (words[i + 5] as number);
    c += (words[i + 2] as number) + (words[i + 6] as number);
    d += (words[i + 3] as number) + (words[i + 7] as number);
  }
  for (; i < end; i++) a += words[i] as number;
  const sum = foldSum(a + b + c + d);
  return IS_LITTLE_ENDIAN ? ((sum & 0xff) << 8) | (sum >>> 8) : sum;
}

/** Folds a sum into 16 bits with end-around carry: 2³² is 1 modulo 0xffff, as 2¹⁶ is. */
export function foldSum(sum: number): number {
  const low = sum >>> 0;
  const high = (sum - low) / 2 ** 32;
  const words = (low & 0xffff) + (low >>> 16) + (high & 0xffff) + (high >>> 16);
  const folded = (words & 0xffff) + (words >>> 16);
  return (folded & 0xffff) + (folded >>> 16);
}

/** The checksum field for a sum: its one's complement. */
export function foldChecksum(sum: number): number {
  return ~foldSum(sum) & 0xffff;
}

/**
 * The checksum of `bytes[start, end)`, whose own checksum field is zero; 0 when it verifies with the field
 * filled.
 */
export function checksum(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  return foldChecksum(sumWords(bytes, start, end, sum));
}

/** RFC 1624 eqn. 3: the checksum after one 16-bit word of the message changed from `from` to `to`. */
export function updateChecksum(old: number, from: number, to: number): number {
  return foldChecksum((~old & 0xffff) + (~from & 0xffff) + to);
}
