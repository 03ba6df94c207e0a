/**
 * Between a packet's marks (super-segment, checksum left to the device) and the virtio header that goes
 * before its bytes on a device of the kernel.
 */
import { readUint16 } from "../base/bytes.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import type { Medium } from "../link/net-device.ts";
import { copyFrame } from "../link/queue.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../wire/protocol.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { UDP_HEADER_SIZE } from "../wire/udp.ts";
import {
  VIRTIO_NET_FLAG,
  VIRTIO_NET_GSO,
  VIRTIO_NET_HEADER_SIZE,
  VirtioNetHeader,
} from "../wire/virtio-net.ts";
import { VLAN_TAG_SIZE } from "../wire/vlan.ts";

const TCP_CHECKSUM = 16;
const UDP_CHECKSUM = 6;

export class OffloadFraming {
  readonly #header = new VirtioNetHeader();
  readonly #roomy = new PacketBuffer(HEADROOM);
  readonly #medium: Medium;

  constructor(medium: Medium) {
    this.#medium = medium;
  }

  /**
   * Answers the frame with its header written before `start`: itself, or a copy if it has no room for that.
   */
  wrap(lent: PacketBuffer): PacketBuffer {
    let frame = lent;
    if (lent.start < VIRTIO_NET_HEADER_SIZE) {
      frame = this.#roomy;
      copyFrame(lent, frame);
    }
    this.#describe(frame);
    this.#header.write(frame.bytes, frame.start - VIRTIO_NET_HEADER_SIZE);
    return frame;
  }

  /**
   * Takes the header off a frame that arrived, and marks the frame by it. False: it is too short for what
   * that says.
   */
  unwrap(frame: PacketBuffer): boolean {
    const header = this.#header;
    if (!header.read(frame.bytes, frame.start, frame.end)) return false;
    frame.start += VIRTIO_NET_HEADER_SIZE;
    if ((header.flags & VIRTIO_NET_FLAG.needsChecksum) !== 0) {
      // What never left this machine has no checksum yet, and needs none.
      frame.checksum = "partial";
      frame.network = frame.start + this.#linkHeaderSize(frame);
      frame.transport = frame.start + header.checksumStart;
      frame.segmentSize = header.gsoType === VIRTIO_NET_GSO.none ? 0 : header.segmentSize;
      return frame.transport + header.checksumOffset + 2 <= frame.end;
    } else if ((header.flags & VIRTIO_NET_FLAG.dataValid) !== 0) {
      frame.checksum = "valid";
    }
    return true;
  }

  #linkHeaderSize({ bytes, start }: PacketBuffer): number {
    if (this.#medium === "ip") return 0;
    const isTagged = readUint16(bytes, start + ETHERNET_HEADER_SIZE - 2) === ETHER_TYPE.vlan;
    return ETHERNET_HEADER_SIZE + (isTagged ? VLAN_TAG_SIZE : 0);
  }

  #describe(frame: PacketBuffer): void {
    const header = this.#header;
    header.clear();
    if (frame.checksum !== "partial") return;
    const { bytes, start, network, transport } = frame;
    const isV6 = (bytes[network] as number) >>> 4 === 6;
    const isTcp = bytes[network + (isV6 ? 6 : 9)] === IP_PROTOCOL.tcp;
    header.flags = VIRTIO_NET_FLAG.needsChecksum;
    header.checksumStart = transport - start;
    header.checksumOffset = isTcp ? TCP_CHECKSUM : UDP_CHECKSUM;
    if (frame.segmentSize === 0) return;
    header.segmentSize = frame.segmentSize;
    if (!isTcp) {
      header.gsoType = VIRTIO_NET_GSO.udpL4;
      header.headerLength = transport + UDP_HEADER_SIZE - start;
      return;
    }
    header.gsoType = isV6 ? VIRTIO_NET_GSO.tcpV6 : VIRTIO_NET_GSO.tcpV4;
    const offsetAndFlags = readUint16(bytes, transport + 12);
    if ((offsetAndFlags & TCP_FLAG.cwr) !== 0) header.gsoType |= VIRTIO_NET_GSO.ecn;
    header.headerLength = transport + (offsetAndFlags >>> 12) * 4 - start;
  }
}
