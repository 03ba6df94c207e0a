/** Building a datagram and sending it: RFC 768, RFC 8200 §8.1. */
import type { ErrorCode } from "../base/errors.ts";
import { HEADROOM } from "../base/packet-buffer.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { UDP_HEADER_SIZE, UdpHeader, udpChecksum } from "../wire/udp.ts";
import type { NetPath, UdpContext } from "./udp-context.ts";

/** What fits a 16-bit length: of the whole packet in IPv4, of what follows the header in IPv6. */
export const LARGEST_PAYLOAD_V4 = 65_535 - 20 - UDP_HEADER_SIZE;
export const LARGEST_PAYLOAD_V6 = 65_535 - UDP_HEADER_SIZE;

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
    header.checksum = udpChecksum(path.local, path.remote, packet.bytes, start, packet.end);
    header.write(packet.bytes, start);
    return path.send(packet, IP_PROTOCOL.udp);
  }
}
