/**
 * Addresses as Node gives them to handles and wants them back: texts, of the family of the socket. On an IPv6
 * socket an IPv4 peer has its IPv4-mapped form (RFC 4291 §2.5.5.2), while to the stack it is IPv4.
 */
import type { Host } from "../../host/host.ts";
import { IpAddress, type IpFamily, LOOPBACK_V4, LOOPBACK_V6, parseIpAddress } from "../../wire/address.ts";

export interface ParsedAddress {
  /** Mapped ones are IPv4. */
  readonly address: IpAddress;
  /** The interface that a link-local address belongs to: its name or number (RFC 4007 §11). */
  readonly zone: string | undefined;
}

/** What Node reads an address from: `AddressToJS`. */
export interface ToldAddress {
  address?: string;
  family?: string;
  port?: number;
}

/** The address that a text names on a socket of the family; undefined: none. */
export function parseAddress(family: IpFamily, text: string): ParsedAddress | undefined {
  const at = family === 6 ? text.indexOf("%") : -1;
  const address = parseIpAddress(at < 0 ? text : text.slice(0, at));
  if (address?.family !== family) return undefined;
  const zone = at < 0 ? undefined : text.slice(at + 1);
  return { address: address.isMappedV4 ? IpAddress.v4(address.w3) : address, zone };
}

/** The interface that a zone names. */
export function interfaceIndexOf(host: Host, zone: string): number | undefined {
  return host.net.interfaces().find(({ index, device }) => device.name === zone || String(index) === zone)
    ?.index;
}

/** As on Linux, who connects to the unspecified address means himself. */
export function reachable(address: IpAddress): IpAddress {
  if (!address.isUnspecified) return address;
  return address.family === 4 ? LOOPBACK_V4 : LOOPBACK_V6;
}

/** Tells an address as a socket of the family names it. */
export function tellAddress(out: ToldAddress, family: IpFamily, address: IpAddress, port: number): void {
  const isMapped = family === 6 && address.family === 4;
  out.address = isMapped ? IpAddress.v6(0, 0, 0xffff, address.w3).toString() : address.toString();
  out.family = family === 6 ? "IPv6" : "IPv4";
  out.port = port;
}
