/**
 * The pseudo-header that transport checksums cover: RFC 9293 §3.1 and RFC 768 (IPv4), RFC 8200 §8.1 (IPv6).
 */
import { checksum } from "../base/checksum.ts";
import type { IpAddress } from "./address.ts";

/** The sum of the two addresses and the protocol: fixed for a connection. */
export function addressSum(source: IpAddress, destination: IpAddress, protocol: number): number {
  return wordsOf(source) + wordsOf(destination) + protocol;
}

function wordsOf(address: IpAddress): number {
  const low = (address.w3 >>> 16) + (address.w3 & 0xffff);
  if (address.family === 4) return low;
  return low + halves(address.w0) + halves(address.w1) + halves(address.w2);
}

function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/**
 * The transport checksum of `bytes[start, end)` between two addresses: what belongs into the field while that
 * is zero, and 0 when it is filled and right.
 */
export function transportChecksum(
  source: IpAddress,
  destination: IpAddress,
  protocol: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  return checksum(bytes, start, end, addressSum(source, destination, protocol) + lengthSum(end - start));
}

/** The length word; above 65,535 only in jumbograms, whose length takes two words. */
export function lengthSum(length: number): number {
  return (length >>> 16) + (length & 0xffff);
}
