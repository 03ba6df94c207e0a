/**
 * Addresses as keys of a `Map`. Engines hash strings with a secret of their own, so a stranger who may
 * choose his IPv6 addresses cannot make entries collide; IPv4 addresses are small enough to be integers.
 */
import type { IpAddress } from "../wire/address.ts";

export type AddressKey = number | string;

export function addressKey(address: IpAddress): AddressKey {
  return address.family === 4 ? address.w3 : addressText(address);
}

/** Eight characters, one for each 16 bits: quicker than text that people read. */
export function addressText(address: IpAddress): string {
  return String.fromCharCode(
    address.w0 >>> 16,
    address.w0 & 0xffff,
    address.w1 >>> 16,
    address.w1 & 0xffff,
    address.w2 >>> 16,
    address.w2 & 0xffff,
    address.w3 >>> 16,
    address.w3 & 0xffff,
  );
}
