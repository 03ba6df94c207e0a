/** Super-segments as TCP leaves them to a device. */
import { PacketBuffer } from "../../src/base/packet-buffer.ts";
import { type IpAddress, ip } from "../../src/wire/address.ts";
import { IPV4_HEADER_SIZE, Ipv4Header } from "../../src/wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../../src/wire/ipv6.ts";
import { IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { TcpHeader } from "../../src/wire/tcp.ts";

export const ENDS = {
  4: [ip("192.0.2.1"), ip("192.0.2.2")],
  6: [ip("2001:db8::1"), ip("2001:db8::2")],
} as const;

export interface Shape {
  readonly family: 4 | 6;
  readonly text: number;
  readonly flags: number;
  readonly sequence: number;
  readonly options: number;
  readonly segmentSize: number;
}

/** An IP packet with a TCP segment of this shape, as TCP leaves it to a device. */
export function superSegment(shape: Shape): PacketBuffer {
  const { family, text, options } = shape;
  const [source, destination] = ENDS[family];
  const headers = (family === 4 ? IPV4_HEADER_SIZE : IPV6_HEADER_SIZE) + 20 + options;
  const packet = new PacketBuffer(128 + headers + text);
  packet.append(headers + text);
  packet.network = packet.start;
  packet.transport = packet.start + headers - 20 - options;
  writeIp(packet, family, source, destination, IP_PROTOCOL.tcp);
  const tcp = new TcpHeader();
  Object.assign(tcp, { sourcePort: 1, destinationPort: 2, sequence: shape.sequence | 0, window: 77 });
  Object.assign(tcp, { dataOffset: 20 + options, flags: shape.flags, checksum: 0xabcd });
  tcp.write(packet.bytes, packet.transport);
  packet.bytes.fill(1, packet.transport + 20, packet.transport + 20 + options);
  for (let i = 0; i < text; i++) packet.bytes[packet.transport + 20 + options + i] = (i * 7) & 0xff;
  packet.segmentSize = shape.segmentSize;
  packet.checksum = "partial";
  return packet;
}

export function writeIp(
  packet: PacketBuffer,
  family: 4 | 6,
  source: IpAddress,
  destination: IpAddress,
  protocol: number,
  identification = 65_535,
) {
  if (family === 4) {
    const header = new Ipv4Header();
    Object.assign(header, { totalLength: packet.length, identification, hopLimit: 64, protocol });
    Object.assign(header, { source, destination }).write(packet.bytes, packet.network);
    return;
  }
  const header = new Ipv6Header();
  Object.assign(header, {
    payloadLength: packet.length - IPV6_HEADER_SIZE,
    hopLimit: 64,
    nextHeader: protocol,
  });
  Object.assign(header, { source, destination }).write(packet.bytes, packet.network);
}
