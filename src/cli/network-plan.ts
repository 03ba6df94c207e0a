/**
 * The addresses that commands use when none are given: ours is 2, who is at the other end of the wire is 1.
 */
import { IpAddress, ip } from "../wire/address.ts";
import type { AddressWithPrefix } from "./quantities.ts";

export const OUR_V4 = ip("10.77.0.2");
export const OUR_V6 = ip("fd77::2");
export const PEER_V4 = ip("10.77.0.1");
export const PEER_V6 = ip("fd77::1");

export const OUR_ADDRESSES: readonly AddressWithPrefix[] = [
  { address: OUR_V4, prefixLength: 24 },
  { address: OUR_V6, prefixLength: 64 },
];
export const PEER_ADDRESSES: readonly AddressWithPrefix[] = [
  { address: PEER_V4, prefixLength: 24 },
  { address: PEER_V6, prefixLength: 64 },
];

/**
 * The address that the other end of a link gets where none is given: the first one of the subnet that is not
 * ours; undefined where the subnet has no other.
 */
export function peerOf({ address, prefixLength }: AddressWithPrefix): IpAddress | undefined {
  const last = address.size * 8 - prefixLength;
  if (last < 2) return undefined;
  const mask = last >= 32 ? 0 : -1 << last;
  const network = address.w3 & mask;
  const candidates = [network | 1, network | 2].map(word => withLastWord(address, word));
  return candidates.find(candidate => !candidate.equals(address));
}

function withLastWord(address: IpAddress, word: number): IpAddress {
  // In a subnet of more than 32 bits for hosts, the upper words of the interface identifier are ours as well.
  const { family, w0, w1, w2 } = address;
  return new IpAddress(family, w0, w1, w2, word);
}
