/**
 * VLANs on an Ethernet device. IEEE 802.1Q §9: a trunk splits the device into one sub-device for each VLAN
 * id, which tags what it transmits, and one for untagged frames. The sub-devices keep the trunk's MTU, as
 * Linux's do: the tag is not part of it (IEEE 802.3ac).
 */

import { assert } from "../base/assert.ts";
import { readUint16, writeUint16 } from "../base/bytes.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { ETHER_TYPE } from "../wire/protocol.ts";
import { MAX_VLAN_ID, VLAN_TAG_SIZE, VlanTag } from "../wire/vlan.ts";
import {
  type DeviceCounters,
  type DropListener,
  type FrameSink,
  fitsMtu,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
} from "./net-device.ts";

/** The two addresses, which stand before the tag. */
const ADDRESSES = 12;
const UNTAGGED = 0;

export interface VlanOptions {
  readonly name?: string | undefined;
  /** The priority of what is transmitted (IEEE 802.1Q §6.9.4): 0 … 7. */
  readonly priority?: number | undefined;
}

/** The one VLAN of a device that is wanted. For several, make a `VlanTrunk`. */
export function vlan(device: NetDevice, id: number, options: VlanOptions = {}): NetDevice {
  return new VlanTrunk(device).vlan(id, options);
}

export class VlanTrunk implements FrameSink {
  readonly device: NetDevice;
  readonly #dropped: DropListener | undefined;
  readonly #tag = new VlanTag();
  readonly #members = new Map<number, VlanDevice>();

  /** @param dropped Told of frames of VLANs that nobody asked for. */
  constructor(device: NetDevice, dropped?: DropListener) {
    assert(device.medium === "ethernet", "VLANs need an Ethernet device");
    this.device = device;
    this.#dropped = dropped;
    device.attach(this);
  }

  vlan(id: number, options: VlanOptions = {}): NetDevice {
    assert(id > UNTAGGED && id <= MAX_VLAN_ID, "a VLAN id is 1 … 4094");
    return this.#join(id, options.name ?? `${this.device.name}.${id}`, options.priority ?? 0);
  }

  /** Untagged frames, and those whose tag carries only a priority (§9.6). */
  untagged(): NetDevice {
    return this.#join(UNTAGGED, this.device.name, 0);
  }

  receive(frame: PacketBuffer): void {
    if (frame.length < ETHERNET_HEADER_SIZE) {
      this.#dropped?.("frame-truncated", frame);
      return;
    }
    let id = UNTAGGED;
    if (readUint16(frame.bytes, frame.start + ADDRESSES) === ETHER_TYPE.vlan) {
      const problem = this.#tag.read(frame.bytes, frame.start + ETHERNET_HEADER_SIZE, frame.end);
      if (problem !== undefined) {
        this.#dropped?.(problem, frame);
        return;
      }
      id = this.#tag.id;
      frame.bytes.copyWithin(frame.start + VLAN_TAG_SIZE, frame.start, frame.start + ADDRESSES);
      frame.start += VLAN_TAG_SIZE;
    }
    const member = this.#members.get(id);
    if (member === undefined) this.#dropped?.("vlan-unknown", frame);
    else member.receive(frame);
  }

  writable(): void {
    for (const member of this.#members.values()) member.writable();
  }

  #join(id: number, name: string, priority: number): VlanDevice {
    assert(!this.#members.has(id), `VLAN ${id} is in use`);
    const member = new VlanDevice(this.device, name, id, priority, () => this.#members.delete(id));
    this.#members.set(id, member);
    return member;
  }
}

/** One VLAN. Closing it leaves the trunk's device open. */
class VlanDevice implements NetDevice {
  readonly name: string;
  readonly medium = "ethernet";
  readonly mtu: number;
  readonly offload = NO_OFFLOAD;
  readonly counters: DeviceCounters = newDeviceCounters();
  readonly #device: NetDevice;
  readonly #id: number;
  readonly #priority: number;
  readonly #leave: () => void;
  readonly #tag = new VlanTag();
  readonly #roomy = new PacketBuffer(2_048);
  #sink: FrameSink | undefined;
  #owesWritable = false;
  #closed = false;

  constructor(device: NetDevice, name: string, id: number, priority: number, leave: () => void) {
    this.#device = device;
    this.name = name;
    this.mtu = device.mtu;
    this.#id = id;
    this.#priority = priority;
    this.#leave = leave;
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  transmit(frame: PacketBuffer): boolean {
    if (this.#closed || frame.length < ETHERNET_HEADER_SIZE || !fitsMtu(frame, this.medium, this.mtu)) {
      this.counters.dropped++;
      return true;
    }
    const taken = this.#id === UNTAGGED ? this.#device.transmit(frame) : this.#transmitTagged(frame);
    if (!taken) {
      this.#owesWritable = true;
      return false;
    }
    this.counters.transmittedFrames++;
    this.counters.transmittedBytes += frame.length;
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sink = undefined;
    this.#leave();
  }

  receive(frame: PacketBuffer): void {
    if (this.#sink === undefined) {
      this.counters.dropped++;
      return;
    }
    this.counters.receivedFrames++;
    this.counters.receivedBytes += frame.length;
    this.#sink.receive(frame);
  }

  writable(): void {
    if (!this.#owesWritable) return;
    this.#owesWritable = false;
    this.#sink?.writable();
  }

  /** The addresses move into the headroom to make place for the tag, and back when the frame has left. */
  #transmitTagged(lent: PacketBuffer): boolean {
    let frame = lent;
    if (lent.start < VLAN_TAG_SIZE) {
      frame = this.#roomy;
      frame.fill(lent.bytes, lent.start, lent.end);
    }
    const { bytes, start } = frame;
    bytes.copyWithin(start - VLAN_TAG_SIZE, start, start + ADDRESSES);
    frame.start = start - VLAN_TAG_SIZE;
    this.#tag.id = this.#id;
    this.#tag.priority = this.#priority;
    this.#tag.type = readUint16(bytes, start + ADDRESSES);
    writeUint16(bytes, frame.start + ADDRESSES, ETHER_TYPE.vlan);
    this.#tag.write(bytes, frame.start + ETHERNET_HEADER_SIZE);
    const taken = this.#device.transmit(frame);
    bytes.copyWithin(start, start - VLAN_TAG_SIZE, start + ADDRESSES - VLAN_TAG_SIZE);
    frame.start = start;
    return taken;
  }
}
