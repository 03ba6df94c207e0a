/**
 * ARP and RARP packets for IPv4 over Ethernet. RFC 826, RFC 903: one format, told apart by EtherType and
 * operation.
 */
import { readUint16, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { AddressCache, ANY_V4, type IpAddress } from "./address.ts";
import { type MacAddress, readMac, writeMac, ZERO_MAC } from "./mac-address.ts";
import { ETHER_TYPE } from "./protocol.ts";

export const ARP_PACKET_SIZE = 28;

export const ARP_OPERATION = { request: 1, reply: 2, rarpRequest: 3, rarpReply: 4 } as const;

const HARDWARE_ETHERNET = 1;
/** The sizes of the two kinds of addresses: 6 and 4. */
const ADDRESS_SIZES = 0x0604;

export class ArpPacket {
  operation: number = ARP_OPERATION.request;
  senderMac: MacAddress = ZERO_MAC;
  senderIp: IpAddress = ANY_V4;
  targetMac: MacAddress = ZERO_MAC;
  targetIp: IpAddress = ANY_V4;
  readonly #addresses = new AddressCache();

  /**
   * Refuses other hardware and protocol types than Ethernet and IPv4. Bytes behind the packet are padding.
   */
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (
      end - start < ARP_PACKET_SIZE ||
      readUint16(bytes, start) !== HARDWARE_ETHERNET ||
      readUint16(bytes, start + 2) !== ETHER_TYPE.ipv4 ||
      readUint16(bytes, start + 4) !== ADDRESS_SIZES
    ) {
      return "arp-malformed";
    }
    this.operation = readUint16(bytes, start + 6);
    this.senderMac = readMac(bytes, start + 8);
    this.senderIp = this.#addresses.read(4, bytes, start + 14);
    this.targetMac = readMac(bytes, start + 18);
    this.targetIp = this.#addresses.read(4, bytes, start + 24);
    return undefined;
  }

  write(bytes: Uint8Array, at: number): number {
    writeUint32(bytes, at, (HARDWARE_ETHERNET << 16) | ETHER_TYPE.ipv4);
    writeUint16(bytes, at + 4, ADDRESS_SIZES);
    writeUint16(bytes, at + 6, this.operation);
    writeMac(bytes, at + 8, this.senderMac);
    this.senderIp.write(bytes, at + 14);
    writeMac(bytes, at + 18, this.targetMac);
    this.targetIp.write(bytes, at + 24);
    return ARP_PACKET_SIZE;
  }
}
