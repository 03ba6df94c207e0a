/**
 * Segmentation in software: a device that takes no super-segments and completes no checksums becomes one that
 * does. A super-segment is one TCP segment with more text than the path takes at once; it is cut here into
 * segments of `segmentSize` bytes of text as if TCP had built each (Linux's GSO). RFC 9293 §3.1 for what
 * differs from one to the next: sequence number, length, checksum; FIN and PSH are the last one's, CWR is the
 * first one's (RFC 3168 §6.1.2); and the IPv4 identification goes up by one. A super-datagram of UDP is cut
 * likewise, into datagrams (RFC 768), each with its own length and checksum.
 */
import { assert } from "../base/assert.ts";
import { readInt32, readUint16, writeUint16, writeUint32 } from "../base/bytes.ts";
import { checksum, foldChecksum, foldSum, sumWords } from "../base/checksum.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import { IPV6_HEADER_SIZE } from "../wire/ipv6.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { lengthSum } from "../wire/pseudo-header.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { UDP_HEADER_SIZE } from "../wire/udp.ts";
import { Decorator } from "./decorator.ts";
import type { NetDevice, Offload } from "./net-device.ts";
import { FrameQueue } from "./queue.ts";

/** The largest super-segment: an IPv4 packet's total length has 16 bits. */
export const MAX_SUPER_SEGMENT = 65_535;

export const FULL_OFFLOAD: Offload = {
  checksum: true,
  maxSuperSegment: MAX_SUPER_SEGMENT,
  cutsUdp: true,
  gathers: true,
};

const TCP_CHECKSUM = 16;
const UDP_LENGTH = 4;
const UDP_CHECKSUM = 6;
const DONT_FRAGMENT = 0x4000;
const FIRST_ONLY = TCP_FLAG.cwr;
const LAST_ONLY = TCP_FLAG.fin | TCP_FLAG.psh;

export function segmentation(device: NetDevice): NetDevice {
  return new SegmentingDevice(device);
}

/** Whether nothing is left to be done in software. */
export function isFull({ checksum, maxSuperSegment, cutsUdp }: Offload): boolean {
  return checksum && maxSuperSegment >= MAX_SUPER_SEGMENT && cutsUdp;
}

/** Whether a device takes this super-segment whole. */
export function takesWhole({ maxSuperSegment, cutsUdp }: Offload, frame: PacketBuffer): boolean {
  return maxSuperSegment > 0 && (cutsUdp || transportProtocol(frame) === IP_PROTOCOL.tcp);
}

/** The largest IP packet that a packet becomes when it is cut, in bytes; its own length if it is not. */
export function largestWhenCut(packet: PacketBuffer): number {
  const { start, network, length, segmentSize } = packet;
  const whole = length - (network - start);
  if (segmentSize === 0) return whole;
  return Math.min(whole, textStart(packet) - network + segmentSize);
}

class SegmentingDevice extends Decorator {
  readonly #cutter = new SegmentCutter();
  /** Segments of a super-segment that the device had no room for. */
  readonly #rest = new FrameQueue({ frames: Number.POSITIVE_INFINITY });
  #owesWritable = false;
  readonly #sendOn = (segment: PacketBuffer): void => {
    if (this.#rest.length > 0 || !this.device.transmit(segment)) this.#rest.push(segment);
  };

  constructor(device: NetDevice) {
    // What is cut here is gathered here; what passes whole, the device must gather.
    const { gathers, maxSuperSegment } = device.offload;
    super(device, { ...FULL_OFFLOAD, gathers: gathers || maxSuperSegment === 0 });
  }

  /** A super-segment is taken whole or not at all: what the device has no room for yet waits here. */
  override transmit(frame: PacketBuffer): boolean {
    if (this.#rest.length > 0) {
      this.#owesWritable = true;
      return false;
    }
    const { offload } = this.device;
    if (frame.segmentSize > 0 && !takesWhole(offload, frame)) {
      this.#cutter.cut(frame, this.#sendOn, this.device);
      return true;
    }
    if (frame.checksum === "partial" && !offload.checksum) completeChecksum(frame);
    return this.#forwardOne(frame);
  }

  override close(): void {
    this.#rest.clear();
    this.device.close();
  }

  override writable(): void {
    for (let frame = this.#rest.peek(); frame !== undefined; frame = this.#rest.peek()) {
      if (!this.device.transmit(frame)) return;
      this.#rest.shift();
      this.#rest.release(frame);
    }
    if (!this.#owesWritable) return;
    this.#owesWritable = false;
    this.sink?.writable();
  }

  #forwardOne(frame: PacketBuffer): boolean {
    if (this.device.transmit(frame)) return true;
    this.#owesWritable = true;
    return false;
  }
}

/** Cuts super-segments. One scratch packet: each segment is borrowed by the one it is handed to. */
export class SegmentCutter {
  readonly #scratch = new PacketBuffer(HEADROOM + 2_048);

  /**
   * Hands out the segments of `frame` in order, checksums complete. `network` and `transport` of the frame
   * say where its headers are. `device`: who they are for, if they may be made in what it lends.
   */
  cut(frame: PacketBuffer, emit: (segment: PacketBuffer) => void, device?: Pick<NetDevice, "lend">): void {
    const { bytes, start, network, transport, segmentSize } = frame;
    assert(network >= start && transport > network && segmentSize > 0, "a frame cannot be cut");
    const isTcp = transportProtocol(frame) === IP_PROTOCOL.tcp;
    const headerSize = textStart(frame) - start;
    const size = frame.length - headerSize;
    const identification = isIpv6(frame) ? 0 : readUint16(bytes, network + 4);
    const step = hasStillIdentification(frame) ? 0 : 1;
    const headers = bytes.subarray(start, start + headerSize);
    const most = HEADROOM + headerSize + segmentSize;
    const addresses = addressSum(frame);
    for (let at = 0, index = 0; at < size || index === 0; at += segmentSize, index++) {
      const length = Math.min(segmentSize, size - at);
      const segment = this.#room(most, device);
      // Whoever was handed the one before may have changed it.
      segment.reset(HEADROOM);
      segment.bytes.set(headers, HEADROOM);
      segment.network = HEADROOM + network - start;
      segment.transport = HEADROOM + transport - start;
      takeText(frame, headerSize + at, length, segment, headerSize);
      if (!isIpv6(segment)) writeUint16(segment.bytes, segment.network + 4, identification + step * index);
      writeIpLength(segment);
      if (isTcp) writeTcp(segment, frame, at, at + length >= size, addresses);
      else writeUdp(segment, addresses);
      emit(segment);
    }
  }

  /** A packet of so many bytes at least: the device's own, which spares it a copy. */
  #room(size: number, device: Pick<NetDevice, "lend"> | undefined): PacketBuffer {
    const lent = device?.lend?.();
    if (lent !== undefined && lent.bytes.length >= size) return lent;
    const scratch = this.#scratch;
    if (scratch.bytes.length < size) scratch.bytes = new Uint8Array(size);
    return scratch;
  }
}

/**
 * The segment's text becomes that of `frame` from `offset` on, which may reach into the tail or lie there.
 */
function takeText(
  frame: PacketBuffer,
  offset: number,
  length: number,
  segment: PacketBuffer,
  headerSize: number,
): void {
  const { bytes, start, end, tail } = frame;
  let at = HEADROOM + headerSize;
  segment.end = at + length;
  const inWindow = Math.max(0, Math.min(length, end - start - offset));
  if (inWindow > 0) {
    segment.bytes.set(bytes.subarray(start + offset, start + offset + inWindow), at);
    at += inWindow;
  }
  tail?.copyTo(segment.bytes, at, offset + inWindow - (end - start), length - inWindow);
}

/** `at`: where in the whole text the segment's begins. `addresses`: their part of the checksum. */
function writeTcp(
  segment: PacketBuffer,
  whole: PacketBuffer,
  at: number,
  isLast: boolean,
  addresses: number,
): void {
  const sequence = readInt32(whole.bytes, whole.transport + 4);
  const flags = readUint16(whole.bytes, whole.transport + 12);
  const dropped = (at > 0 ? FIRST_ONLY : 0) | (isLast ? 0 : LAST_ONLY);
  const { bytes, transport } = segment;
  writeUint32(bytes, transport + 4, sequence + at);
  writeUint16(bytes, transport + 12, flags & ~dropped);
  writeChecksum(segment, transport + TCP_CHECKSUM, addresses + IP_PROTOCOL.tcp);
}

function writeUdp(datagram: PacketBuffer, addresses: number): void {
  const { bytes, transport, end } = datagram;
  writeUint16(bytes, transport + UDP_LENGTH, end - transport);
  writeChecksum(datagram, transport + UDP_CHECKSUM, addresses + IP_PROTOCOL.udp);
}

/** Where the transport header ends. */
function textStart(packet: PacketBuffer): number {
  const { bytes, transport } = packet;
  if (transportProtocol(packet) !== IP_PROTOCOL.tcp) return transport + UDP_HEADER_SIZE;
  return transport + ((bytes[transport + 12] as number) >>> 4) * 4;
}

/** An identification of 0 stays so in datagrams that nobody may cut: RFC 6864 §4.1. */
export function hasStillIdentification(packet: PacketBuffer): boolean {
  const { bytes, network } = packet;
  if (isIpv6(packet)) return true;
  return readUint16(bytes, network + 4) === 0 && (readUint16(bytes, network + 6) & DONT_FRAGMENT) !== 0;
}

/** The length of this packet, and in IPv4 its header checksum. */
export function writeIpLength(packet: PacketBuffer): void {
  const { bytes, network, transport, end } = packet;
  if (isIpv6(packet)) {
    writeUint16(bytes, network + 4, end - network - IPV6_HEADER_SIZE);
    return;
  }
  writeUint16(bytes, network + 2, end - network);
  writeUint16(bytes, network + 10, 0);
  writeUint16(bytes, network + 10, checksum(bytes, network, transport));
}

/** Fills in the transport checksum, whatever its field holds now; it is no longer partial. */
export function completeChecksum(packet: PacketBuffer): void {
  packet.checksum = "unknown";
  const protocol = transportProtocol(packet);
  const at = packet.transport + (protocol === IP_PROTOCOL.tcp ? TCP_CHECKSUM : UDP_CHECKSUM);
  if (at + 2 <= packet.end) writeChecksum(packet, at, addressSum(packet) + protocol);
}

/** @param sum what the pseudo-header has beside the length */
function writeChecksum(packet: PacketBuffer, at: number, sum: number): void {
  const { bytes, transport, end } = packet;
  writeUint16(bytes, at, 0);
  const folded = foldChecksum(packet.sumWords(transport, end, sum + lengthSum(end - transport)));
  // A UDP checksum of 0 means none (RFC 768); in TCP the two zeros are equal.
  writeUint16(bytes, at, folded || 0xffff);
}

function addressSum(packet: PacketBuffer): number {
  const { bytes, network } = packet;
  return isIpv6(packet)
    ? foldSum(sumWords(bytes, network + 8, network + 40))
    : foldSum(sumWords(bytes, network + 12, network + 20));
}

/** What lies at `transport`: with a segment to cut or to sum that is TCP or UDP. */
function transportProtocol(packet: PacketBuffer): number {
  const { bytes, network } = packet;
  return isIpv6(packet) ? upperProtocol(packet) : (bytes[network + 9] as number);
}

/** RFC 8200 §4: each header of the chain names the next one; `transport` is where the chain ends. */
function upperProtocol({ bytes, network, transport }: PacketBuffer): number {
  let protocol = bytes[network + 6] as number;
  for (let at = network + IPV6_HEADER_SIZE; at < transport; ) {
    const units = protocol === IP_PROTOCOL.fragment ? 0 : (bytes[at + 1] as number);
    protocol = bytes[at] as number;
    at += (units + 1) * 8;
  }
  return protocol;
}

function isIpv6(packet: PacketBuffer): boolean {
  return (packet.bytes[packet.network] as number) >>> 4 === 6;
}
