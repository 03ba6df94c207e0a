/**
 * The checksum that would have been right, from the one found and what the sum over everything left: taking a
 * field out of a one's complement sum is adding its complement. RFC 1624 §3.
 */
export function rightChecksum(found: number, left: number): number {
  const sum = found + left;
  return (sum & 0xffff) + (sum >>> 16);
}
