/**
 * A network device: where frames leave and arrive. Decorators (tap, impair, vlan) are devices around one.
 *
 * Rules that every device keeps (`compliance.ts` tests them):
 * - `transmit` borrows the frame and never calls the sink from within: what arrives because of it arrives
 *   later. It may move `start`, and it leaves `start`, `end` and the bytes between as it found them.
 * - A frame of more than `mtu` bytes (Ethernet header and VLAN tags not counted) is refused, unless it is a
 *   super-segment and the device takes those. Refused means dropped and counted: `transmit` answers true, for
 *   there is nothing to wait for.
 * - After `transmit` has answered false, `sink.writable()` is called once there is room.
 * - After `close`, nothing is transmitted and nothing arrives; `transmit` drops and answers true.
 * - Only a super-segment may have a tail, and only for who says that it gathers.
 * - A received frame is the receiver's to change until its call returns.
 */

import { readUint16 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { ETHER_TYPE } from "../wire/protocol.ts";
import { VLAN_TAG_SIZE } from "../wire/vlan.ts";

/** `ethernet`: frames with an Ethernet header. `ip`: packets that start with the IP header. */
export type Medium = "ethernet" | "ip";

export interface FrameSink {
  /** A frame has arrived: `frame.start` is its first byte. It is borrowed for the call. */
  receive(frame: PacketBuffer): void;
  /** The device has room again. */
  writable(): void;
}

export interface Offload {
  /** The device fills in partial checksums, and marks received ones that it has verified. */
  readonly checksum: boolean;
  /** The largest super-segment that the device cuts itself, in bytes; 0: none. */
  readonly maxSuperSegment: number;
  /** It cuts those of UDP too: datagrams of one size behind one header. Those of TCP it cuts in any case. */
  readonly cutsUdp: boolean;
  /** It takes super-segments with a tail: text that lies apart from the headers (base/packet-tail). */
  readonly gathers: boolean;
}

export interface DeviceCounters {
  receivedFrames: number;
  receivedBytes: number;
  transmittedFrames: number;
  transmittedBytes: number;
  dropped: number;
}

export interface NetDevice {
  readonly name: string;
  readonly medium: Medium;
  /** The largest IP packet, in bytes. */
  readonly mtu: number;
  readonly offload: Offload;
  readonly counters: Readonly<DeviceCounters>;
  /** Where arriving frames go. Called once; frames that arrive before are dropped. */
  attach(sink: FrameSink): void;
  /** False: the device is full and took nothing. */
  transmit(frame: PacketBuffer): boolean;
  /**
   * A packet in the device's own memory: a frame that is made in it is transmitted without a copy. It is lent
   * until the next call of the device. Undefined: it has none to lend now.
   */
  lend?(): PacketBuffer | undefined;
  close(): void;
}

export const NO_OFFLOAD: Offload = {
  checksum: false,
  maxSuperSegment: 0,
  cutsUdp: false,
  gathers: false,
};

export function newDeviceCounters(): DeviceCounters {
  return { receivedFrames: 0, receivedBytes: 0, transmittedFrames: 0, transmittedBytes: 0, dropped: 0 };
}

/** What a device or a decorator tells about frames that it did not carry. */
export type DropListener = (reason: DropReason, frame: PacketBuffer) => void;

const MAX_TAGS = 2;

/** Whether a frame is within the MTU of a device that takes no super-segments. */
export function fitsMtu(frame: PacketBuffer, medium: Medium, mtu: number): boolean {
  if (medium === "ip") return frame.length <= mtu;
  let header = ETHERNET_HEADER_SIZE;
  for (let tags = 0; tags < MAX_TAGS && frame.length > header + mtu; tags++) {
    const type = frame.start + header - 2;
    if (readUint16(frame.bytes, type) !== ETHER_TYPE.vlan) break;
    header += VLAN_TAG_SIZE;
  }
  return frame.length <= header + mtu;
}
