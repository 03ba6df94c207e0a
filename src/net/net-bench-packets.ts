/**
 * Builders and readers of frames for the tests of this room. Where nothing else is said, the peer sends to
 * us.
 */
import { writeUint16 } from "../base/bytes.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { type IpAddress, ip } from "../wire/address.ts";
import { ARP_OPERATION, ARP_PACKET_SIZE, ArpPacket } from "../wire/arp.ts";
import { ETHERNET_HEADER_SIZE, EthernetHeader } from "../wire/ethernet.ts";
import { IcmpHeader } from "../wire/icmp-header.ts";
import { icmpv4Checksum } from "../wire/icmpv4.ts";
import { icmpv6Checksum } from "../wire/icmpv6.ts";
import { IPV4_HEADER_SIZE, Ipv4Header } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { BROADCAST_MAC, type MacAddress, parseMac, ZERO_MAC } from "../wire/mac-address.ts";
import { NeighborAdvertisement, NeighborSolicitation } from "../wire/ndp.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../wire/protocol.ts";

export const OUR_MAC = parseMac("02:00:00:00:00:01") as MacAddress;
export const PEER_MAC = parseMac("02:00:00:00:00:02") as MacAddress;
export const OUR_V4 = ip("10.0.0.1");
export const PEER_V4 = ip("10.0.0.2");
export const OUR_V6 = ip("fd00::1");
export const PEER_V6 = ip("fd00::2");

export function frame(
  type: number,
  payload: Uint8Array,
  destination: MacAddress = OUR_MAC,
  source: MacAddress = PEER_MAC,
): Uint8Array {
  const header = new EthernetHeader();
  header.type = type;
  header.destination = destination;
  header.source = source;
  const bytes = new Uint8Array(ETHERNET_HEADER_SIZE + payload.length);
  header.write(bytes, 0);
  bytes.set(payload, ETHERNET_HEADER_SIZE);
  return bytes;
}

export function frame4(packet: Uint8Array, destination?: MacAddress): Uint8Array {
  return frame(ETHER_TYPE.ipv4, packet, destination);
}

export function frame6(packet: Uint8Array, destination?: MacAddress): Uint8Array {
  return frame(ETHER_TYPE.ipv6, packet, destination);
}

/** From the peer to us, unless `fields` says otherwise. */
export function ipv4(fields: Partial<Ipv4Header>, payload: Uint8Array): Uint8Array {
  const header = new Ipv4Header();
  const defaults = { source: PEER_V4, destination: OUR_V4, hopLimit: 64, protocol: IP_PROTOCOL.udp };
  const optionsLength = ((fields.options?.length ?? 0) + 3) & ~3;
  const totalLength = IPV4_HEADER_SIZE + optionsLength + payload.length;
  Object.assign(header, defaults, { totalLength }, fields);
  const bytes = new Uint8Array(totalLength);
  bytes.set(payload, header.write(bytes, 0));
  return bytes;
}

export function ipv6(fields: Partial<Ipv6Header>, payload: Uint8Array): Uint8Array {
  const header = new Ipv6Header();
  const defaults = { source: PEER_V6, destination: OUR_V6, hopLimit: 64, nextHeader: IP_PROTOCOL.udp };
  Object.assign(header, defaults, { payloadLength: payload.length }, fields);
  const bytes = new Uint8Array(IPV6_HEADER_SIZE + payload.length);
  bytes.set(payload, header.write(bytes, 0));
  return bytes;
}

/** An ICMP message, or with the two addresses an ICMPv6 message. */
export function icmp(
  type: number,
  code: number,
  rest: number,
  data: Uint8Array,
  addresses?: readonly [source: IpAddress, destination: IpAddress],
): Uint8Array {
  const header = new IcmpHeader();
  Object.assign(header, { type, code, rest });
  const bytes = new Uint8Array(8 + data.length);
  header.write(bytes, 0);
  bytes.set(data, 8);
  const sum =
    addresses === undefined
      ? icmpv4Checksum(bytes, 0, bytes.length)
      : icmpv6Checksum(addresses[0], addresses[1], bytes, 0, bytes.length);
  writeUint16(bytes, 2, sum);
  return bytes;
}

/** A neighbor discovery message in its packet; the hop limit is 255 unless `fields` says otherwise. */
export function ndp(
  message: NeighborSolicitation | NeighborAdvertisement,
  fields: Partial<Ipv6Header> & Pick<Ipv6Header, "source" | "destination">,
): Uint8Array {
  const bytes = new Uint8Array(message.size);
  message.write(bytes, 0);
  const { source, destination } = fields;
  writeUint16(bytes, 2, icmpv6Checksum(source, destination, bytes, 0, bytes.length));
  return ipv6({ hopLimit: 255, nextHeader: IP_PROTOCOL.icmpv6, ...fields }, bytes);
}

export function solicitation(target: IpAddress, sourceLinkLayer?: MacAddress): NeighborSolicitation {
  const message = new NeighborSolicitation();
  message.target = target;
  message.options.sourceLinkLayer = sourceLinkLayer;
  return message;
}

export function advertisement(
  target: IpAddress,
  mac: MacAddress | undefined,
  flags: { solicited?: boolean; override?: boolean; isRouter?: boolean } = {},
): NeighborAdvertisement {
  const message = new NeighborAdvertisement();
  Object.assign(message, flags);
  message.target = target;
  message.options.targetLinkLayer = mac;
  return message;
}

export function arpFrame(
  operation: keyof typeof ARP_OPERATION,
  sender: readonly [MacAddress, IpAddress],
  target: readonly [MacAddress, IpAddress],
  destination: MacAddress = BROADCAST_MAC,
): Uint8Array {
  const packet = new ArpPacket();
  packet.operation = ARP_OPERATION[operation];
  [packet.senderMac, packet.senderIp] = sender;
  [packet.targetMac, packet.targetIp] = target;
  const bytes = new Uint8Array(ARP_PACKET_SIZE);
  packet.write(bytes, 0);
  return frame(ETHER_TYPE.arp, bytes, destination, sender[0] === ZERO_MAC ? PEER_MAC : sender[0]);
}

export function readEthernet(bytes: Uint8Array): EthernetHeader {
  const header = new EthernetHeader();
  header.read(bytes, 0, bytes.length);
  return header;
}

export function readArp(bytes: Uint8Array): ArpPacket {
  const packet = new ArpPacket();
  packet.read(bytes, ETHERNET_HEADER_SIZE, bytes.length);
  return packet;
}

/** The IPv4 header at `at`: after an Ethernet header unless told. */
export function readIpv4(bytes: Uint8Array, at = ETHERNET_HEADER_SIZE): Ipv4Header {
  const header = new Ipv4Header();
  const problem = header.read(bytes, at, bytes.length);
  if (problem !== undefined) throw new Error(problem);
  return header;
}

export function readIpv6(bytes: Uint8Array, at = ETHERNET_HEADER_SIZE): Ipv6Header {
  const header = new Ipv6Header();
  const problem = header.read(bytes, at, bytes.length);
  if (problem !== undefined) throw new Error(problem);
  return header;
}

/** The ICMP header at `at`: after Ethernet and IPv4 headers unless told. */
export function readIcmp(bytes: Uint8Array, at = ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE): IcmpHeader {
  const header = new IcmpHeader();
  header.read(bytes, at, bytes.length);
  return header;
}

/** A packet as a transport hands it to a path: headroom, and this payload. */
export function payload(length: number, fill = 0xab): PacketBuffer {
  return PacketBuffer.from(new Uint8Array(length).fill(fill));
}
