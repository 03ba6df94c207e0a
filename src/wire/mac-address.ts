/**
 * Ethernet addresses (IEEE 802), as 48-bit integers: equal when `===`, and keys of a `Map` as they are.
 */
import { readUint16, readUint32, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { IpAddress } from "./address.ts";

export type MacAddress = number & { readonly __unit: "mac" };

export const BROADCAST_MAC = 0xffff_ffff_ffff as MacAddress;
export const ZERO_MAC = 0 as MacAddress;

export function readMac(bytes: Uint8Array, at: number): MacAddress {
  return (readUint16(bytes, at) * 0x1_0000_0000 + readUint32(bytes, at + 2)) as MacAddress;
}

export function writeMac(bytes: Uint8Array, at: number, mac: MacAddress): void {
  writeUint16(bytes, at, Math.floor(mac / 0x1_0000_0000));
  writeUint32(bytes, at + 2, mac % 0x1_0000_0000);
}

/** The group bit: multicast and broadcast. */
export function isGroupMac(mac: MacAddress): boolean {
  return (Math.floor(mac / 0x100_0000_0000) & 1) === 1;
}

/**
 * Where IP multicast goes on Ethernet: RFC 1112 §6.4 (01:00:5e and 23 bits), RFC 2464 §7 (33:33 and 32 bits).
 */
export function multicastMac(group: IpAddress): MacAddress {
  return group.family === 4
    ? ((0x01005e00_0000 + (group.w3 & 0x7fffff)) as MacAddress)
    : ((0x3333_0000_0000 + (group.w3 >>> 0)) as MacAddress);
}

export function macText(mac: MacAddress): string {
  const digits = mac.toString(16).padStart(12, "0");
  return digits.replace(/..(?!$)/g, "$&:");
}

/** The address a text such as `02:00:00:00:00:01` names, or undefined. */
export function parseMac(text: string): MacAddress | undefined {
  if (!/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(text)) return undefined;
  return Number.parseInt(text.replaceAll(/[:-]/g, ""), 16) as MacAddress;
}
