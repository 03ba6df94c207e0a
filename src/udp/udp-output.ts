/** Building a datagram and sending it: RFC 768, RFC 8200 §8.1. */
import { writeUint16 } from "../base/bytes.ts";
import { foldChecksum } from "../base/checksum.ts";
import type { ErrorCode } from "../base/errors.ts";
import { HEADROOM, type PacketBuffer } from "../base/packet-buffer.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { addressSum, lengthSum } from "../wire/pseudo-header.ts";
import { UDP_HEADER_SIZE, UdpHeader, udpChecksum } from "../wire/udp.ts";
import type { NetPath, UdpContext } from "./udp-context.ts";

/** What fits a 16-bit length: of the whole packet in IPv4, of what follows the header in IPv6. */
export const LARGEST_PAYLOAD_V4 = 65_535 - 20 - UDP_HEADER_SIZE;
export const LARGEST_PAYLOAD_V6 = 65_535 - UDP_HEADER_SIZE;

const CHECKSUM_AT = 6;

export class UdpOutput {
  readonly #context: UdpContext;
  readonly #header = new UdpHeader();

  constructor(context: UdpContext) {
    this.#context = context;
  }

  /**
   * The checksum is always computed here: a device cannot complete it once the datagram is cut into
   * fragments.
   */
  send(path: NetPath, localPort: number, remotePort: number, payload: Uint8Array): ErrorCode | undefined {
    const packet = this.#build(localPort, remotePort, payload);
    const { bytes, start, end } = packet;
    writeUint16(bytes, start + CHECKSUM_AT, udpChecksum(path.local, path.remote, bytes, start, end));
    return path.send(packet, IP_PROTOCOL.udp);
  }

  /** One super-datagram, for a device that cuts it and completes the checksums. */
  sendJoined(
    path: NetPath,
    localPort: number,
    remotePort: number,
    payload: Uint8Array,
    size: number,
  ): ErrorCode | undefined {
    const packet = this.#build(localPort, remotePort, payload);
    packet.segmentSize = size;
    packet.checksum = "partial";
    const sum = addressSum(path.local, path.remote, IP_PROTOCOL.udp) + lengthSum(packet.length);
    writeUint16(packet.bytes, packet.start + CHECKSUM_AT, ~foldChecksum(sum) & 0xffff);
    return path.send(packet, IP_PROTOCOL.udp);
  }

  /** A packet with the header, its checksum 0, and the payload. */
  #build(localPort: number, remotePort: number, payload: Uint8Array): PacketBuffer {
    const packet = this.#context.packet();
    const header = this.#header;
    const length = UDP_HEADER_SIZE + payload.length;
    if (packet.end + length > packet.bytes.length) {
      packet.bytes = new Uint8Array(HEADROOM + length);
      packet.reset();
    }
    const start = packet.append(length);
    packet.transport = start;
    packet.bytes.set(payload, start + UDP_HEADER_SIZE);
    header.sourcePort = localPort;
    header.destinationPort = remotePort;
    header.length = length;
    header.checksum = 0;
    header.write(packet.bytes, start);
    return packet;
  }
}
