/** The link-local address of an Ethernet interface: RFC 4291 §2.5.6 and appendix A, RFC 2464 §4 and §5. */
import { IpAddress } from "../wire/address.ts";
import type { MacAddress } from "../wire/mac-address.ts";

export const LINK_LOCAL_PREFIX = 64;

/**
 * fe80::/64 and the EUI-64 identifier: ff:fe between the halves of the MAC, its universal bit turned over.
 */
export function linkLocalFor(mac: MacAddress): IpAddress {
  const high = Math.floor(mac / 0x100_0000);
  const low = mac % 0x100_0000;
  return IpAddress.v6(0xfe80_0000, 0, ((high << 8) | 0xff) ^ 0x0200_0000, 0xfe00_0000 | low);
}
