/**
 * An address as an endpoint sees it: RFC 3493 §3.7. One of IPv6 that is not `v6only` speaks IPv4 as well;
 * IPv4-mapped addresses are taken for the IPv4 addresses that they are.
 */
import { IpAddress, type IpFamily } from "../wire/address.ts";

/** Undefined: the endpoint cannot use the address's family. */
export function ownForm(
  endpoint: { readonly family: IpFamily; readonly v6only: boolean },
  address: IpAddress,
): IpAddress | undefined {
  if (endpoint.family === 4) return address.family === 4 ? address : undefined;
  if (address.family === 6 && !address.isMappedV4) return address;
  if (endpoint.v6only) return undefined;
  return address.family === 4 ? address : IpAddress.v4(address.w3);
}
