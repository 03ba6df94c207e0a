/**
 * Socket addresses as the calls pass them: struct sockaddr_in and sockaddr_in6, in the bytes of a
 * little-endian machine, and IPv4-mapped addresses (RFC 3493 §3.7), by which IPv6 sockets name IPv4.
 */
import { readUint16, writeUint16 } from "../../base/bytes.ts";
import { ANY_V4, ANY_V6, IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from "../../wire/address.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "./constants.ts";
import type { Errno } from "./errno.ts";

export const SOCKADDR_IN_SIZE = 16;
export const SOCKADDR_IN6_SIZE = 28;
/** Without the scope: what RFC 2133 programs pass, and Linux still takes. */
const SOCKADDR_IN6_LEAST = 24;
/** sizeof(struct sockaddr_storage). */
const LARGEST = 128;

/** An address that a call fills in: its buffer, and the buffer's length, which becomes the address's. */
export interface AddressOut {
  readonly bytes: Uint8Array | null;
  length: number;
}

/** One end of a connection. The address is never an IPv4-mapped one: those are IPv4. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** An address that a call was given, looked at as far as its family. */
export interface GivenAddress {
  readonly family: number;
  readonly bytes: Uint8Array;
}

export type Domain = typeof AF_INET | typeof AF_INET6;

/** Linux's move_addr_to_kernel. */
export function givenAddress(bytes: Uint8Array | null, length = bytes?.length ?? 0): GivenAddress | Errno {
  if (length < 0 || length > LARGEST) return "EINVAL";
  if (bytes === null || bytes.length < length) return length === 0 ? EMPTY : "EFAULT";
  const family = length < 2 ? AF_UNSPEC : (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  return { family, bytes: bytes.subarray(0, length) };
}

const EMPTY: GivenAddress = { family: AF_UNSPEC, bytes: new Uint8Array(0) };

/** The address for a socket of this domain: too short is EINVAL, of another family EAFNOSUPPORT. */
export function endpointIn(domain: Domain, given: GivenAddress): Endpoint | Errno {
  if (given.bytes.length < (domain === AF_INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_LEAST)) return "EINVAL";
  return given.family === domain ? readEndpoint(given) : "EAFNOSUPPORT";
}

/**
 * What bind may be given. AF_UNSPEC stands for AF_INET with 0.0.0.0, from times when programs left the
 * family out; and `v6only` sockets have no use for mapped addresses.
 */
export function bindableEndpoint(domain: Domain, given: GivenAddress, v6only: boolean): Endpoint | Errno {
  const endpoint = endpointIn(domain, given);
  if (endpoint === "EAFNOSUPPORT" && domain === AF_INET && given.family === AF_UNSPEC) {
    const any = readEndpoint(given);
    return any.address.isUnspecified ? any : "EAFNOSUPPORT";
  }
  if (typeof endpoint === "string") return endpoint;
  return domain !== AF_INET && endpoint.address.family === 4 && v6only ? "EINVAL" : endpoint;
}

/** Linux sends what goes to the unspecified address to itself. */
export function reachable(address: IpAddress): IpAddress {
  if (!address.isUnspecified) return address;
  return address.family === 4 ? LOOPBACK_V4 : LOOPBACK_V6;
}

/** The address in bytes that are long enough for its family. */
export function readEndpoint({ family, bytes }: GivenAddress): Endpoint {
  const port = readUint16(bytes, 2);
  if (family !== AF_INET6) return { address: IpAddress.read(4, bytes, 4), port };
  const address = IpAddress.read(6, bytes, 8);
  return { address: address.isMappedV4 ? IpAddress.v4(address.w3) : address, port };
}

/** `endpoint` as a socket of this domain names it. Undefined: no address, port 0. */
export function sockaddr(domain: Domain, endpoint: Partial<Endpoint> = {}): Uint8Array {
  const { address, port = 0 } = endpoint;
  const bytes = new Uint8Array(domain === AF_INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE);
  bytes[0] = domain;
  writeUint16(bytes, 2, port);
  if (domain === AF_INET) (address ?? ANY_V4).write(bytes, 4);
  else asV6(address ?? ANY_V6).write(bytes, 8);
  return bytes;
}

/** IPv4 addresses in their mapped form. */
function asV6(address: IpAddress): IpAddress {
  return address.family === 6 ? address : IpAddress.v6(0, 0, 0xffff, address.w3);
}

/** An AF_UNSPEC address: what `connect` dissolves an association by. */
export function sockaddrUnspecified(): Uint8Array {
  return new Uint8Array(SOCKADDR_IN_SIZE);
}

/** Linux's move_addr_to_user: as much as there is room for, and the length that it would have had. */
export function giveAddress(out: AddressOut, address: Uint8Array): Errno | undefined {
  if (out.length < 0) return "EINVAL";
  const count = Math.min(out.length, address.length);
  if (count > 0) {
    if (out.bytes === null) return "EFAULT";
    out.bytes.set(address.subarray(0, Math.min(count, out.bytes.length)));
  }
  out.length = address.length;
  return undefined;
}
