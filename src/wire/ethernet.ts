/**
 * The Ethernet II header. RFC 894, RFC 2464. A `type` below 0x0600 is a length (IEEE 802.3), which we do not
 * speak.
 */
import { readUint16, writeUint16 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { type MacAddress, readMac, writeMac, ZERO_MAC } from "./mac-address.ts";

export const ETHERNET_HEADER_SIZE = 14;

export class EthernetHeader {
  destination: MacAddress = ZERO_MAC;
  source: MacAddress = ZERO_MAC;
  /** One of `ETHER_TYPE`. */
  type = 0;

  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start < ETHERNET_HEADER_SIZE) return "frame-truncated";
    this.destination = readMac(bytes, start);
    this.source = readMac(bytes, start + 6);
    this.type = readUint16(bytes, start + 12);
    return undefined;
  }

  write(bytes: Uint8Array, at: number): number {
    writeMac(bytes, at, this.destination);
    writeMac(bytes, at + 6, this.source);
    writeUint16(bytes, at + 12, this.type);
    return ETHERNET_HEADER_SIZE;
  }
}
