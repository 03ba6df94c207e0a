/**
 * What the bytes of a captured packet begin with: the LINKTYPE numbers of the capture formats
 * (tcpdump.org/linktypes.html) and the way from them to the network layer.
 */
import { readUint32 } from "../base/bytes.ts";
import type { Medium } from "../link/net-device.ts";
import { ETHER_TYPE } from "../wire/protocol.ts";
import { LITTLE_ENDIAN } from "./byte-order.ts";

export const LINK_TYPE = {
  /** BSD loopback: a 32-bit protocol family in the byte order of the machine that captured. */
  null: 0,
  ethernet: 1,
  /** The packet starts with the IP header. */
  raw: 101,
  linuxCooked: 113,
  /** Raw IP, of one family only. */
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

export const LINUX_COOKED_LENGTH = 16;
export const LINUX_COOKED2_LENGTH = 20;
export const NULL_LENGTH = 4;

export function linkTypeOf(medium: Medium): number {
  return medium === "ethernet" ? LINK_TYPE.ethernet : LINK_TYPE.raw;
}

/**
 * The protocol family of a BSD loopback header. Families are small: a large one was written in the other
 * order.
 */
export function nullFamily(bytes: Uint8Array, at: number): number {
  const family = readUint32(bytes, at);
  return family > 0xffff ? LITTLE_ENDIAN.uint32(bytes, at) : family;
}

/** The EtherType that a BSD protocol family stands for; AF_INET6 differs between the BSDs. */
export function nullEtherType(family: number): number | undefined {
  if (family === 2) return ETHER_TYPE.ipv4;
  return family === 24 || family === 28 || family === 30 || family === 10 ? ETHER_TYPE.ipv6 : undefined;
}

/** The EtherType that the version of a raw IP packet stands for. */
export function rawEtherType(bytes: Uint8Array, at: number): number | undefined {
  const version = (bytes[at] as number) >>> 4;
  if (version === 4) return ETHER_TYPE.ipv4;
  return version === 6 ? ETHER_TYPE.ipv6 : undefined;
}
