/**
 * The header that goes before each frame of a device with offloads: struct virtio_net_hdr, VIRTIO 1.2 §5.1.6,
 * as the TUN driver and packet sockets of Linux use it (little-endian, without the count of merged buffers).
 *
 *   | flags 1 | GSO type 1 | header length 2 | segment size 2 | checksum start 2 | checksum offset 2 |
 */

export const VIRTIO_NET_HEADER_SIZE = 10;

export const VIRTIO_NET_FLAG = {
  /**
   * From `checksumStart` on the checksum is still to be computed; its field holds the pseudo-header's sum.
   */
  needsChecksum: 1,
  /** The checksum has been verified. */
  dataValid: 2,
} as const;

export const VIRTIO_NET_GSO = {
  none: 0,
  tcpV4: 1,
  tcpV6: 4,
  udpL4: 5,
  /** Beside one of the TCP types: CWR is set on the first segment only. */
  ecn: 0x80,
} as const;

export class VirtioNetHeader {
  /** A sum of `VIRTIO_NET_FLAG`. */
  flags = 0;
  gsoType: number = VIRTIO_NET_GSO.none;
  /** Link, network and transport headers together, in bytes; a hint. */
  headerLength = 0;
  /** The payload of each segment but the last, in bytes; 0: no super-segment. */
  segmentSize = 0;
  /** Where the checksum's range begins, from the frame's first byte, and where its field is from there. */
  checksumStart = 0;
  checksumOffset = 0;

  clear(): void {
    this.flags = 0;
    this.gsoType = VIRTIO_NET_GSO.none;
    this.headerLength = 0;
    this.segmentSize = 0;
    this.checksumStart = 0;
    this.checksumOffset = 0;
  }

  /** Reads the header at `start`; false when the bytes end before it does. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < VIRTIO_NET_HEADER_SIZE) return false;
    this.flags = bytes[start] as number;
    this.gsoType = bytes[start + 1] as number;
    this.headerLength = readLittle(bytes, start + 2);
    this.segmentSize = readLittle(bytes, start + 4);
    this.checksumStart = readLittle(bytes, start + 6);
    this.checksumOffset = readLittle(bytes, start + 8);
    return true;
  }

  write(bytes: Uint8Array, at: number): number {
    bytes[at] = this.flags;
    bytes[at + 1] = this.gsoType;
    writeLittle(bytes, at + 2, this.headerLength);
    writeLittle(bytes, at + 4, this.segmentSize);
    writeLittle(bytes, at + 6, this.checksumStart);
    writeLittle(bytes, at + 8, this.checksumOffset);
    return VIRTIO_NET_HEADER_SIZE;
  }
}

function readLittle(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function writeLittle(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}
