/**
 * The Internet checksum. RFC 1071; the incremental update is RFC 1624 eqn. 3.
 *
 * Sums are kept unfolded in plain numbers; `foldChecksum` ends the sum. The sum runs over big-endian 16-bit words, so
 * that partial sums of header fields (the pseudo-header) add in directly.
 */

/**
 * Adds the 16-bit words of `bytes[start, end)` to `sum`. An odd last byte is padded with zero on the right, so only the
 * last piece of a message may have an odd length.
 */
export function sumWords(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let high = 0;
  let low = 0;
  let at = start;
  // Even and odd bytes are summed apart: two adds a word and no shift. 2³² is far away: 64 KiB × 255 < 2²⁴.
  const whole = end - 7;
  for (; at < whole; at += 8) {
    high +=
      (bytes[at] as number) +
      (bytes[at + 2] as number) +
      (bytes[at + 4] as number) +
      (bytes[at + 6] as number);
    low +=
      (bytes[at + 1] as number) +
      (bytes[at + 3] as number) +
      (bytes[at + 5] as number) +
      (bytes[at + 7] as number);
  }
  for (; at + 1 < end; at += 2) {
    high += bytes[at] as number;
    low += bytes[at + 1] as number;
  }
  if (at < end) high += bytes[at] as number;
  return sum + high * 256 + low;
}

/** Folds a sum into 16 bits with end-around carry. */
export function foldSum(sum: number): number {
  let folded = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000);
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}

/** The checksum field for a sum: its one's complement. */
export function foldChecksum(sum: number): number {
  return ~foldSum(sum) & 0xffff;
}

/** The checksum of `bytes[start, end)`, whose own checksum field is zero; 0 when it verifies with the field filled. */
export function checksum(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  return foldChecksum(sumWords(bytes, start, end, sum));
}

/** RFC 1624 eqn. 3: the checksum after one 16-bit word of the message changed from `from` to `to`. */
export function updateChecksum(old: number, from: number, to: number): number {
  return foldChecksum((~old & 0xffff) + (~from & 0xffff) + to);
}
