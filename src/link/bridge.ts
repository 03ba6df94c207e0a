/**
 * A learning Ethernet bridge (IEEE 802.1D §7): a switch in software. It learns behind which port a station
 * sits from the source addresses it sees, forwards to that port only, and floods what it does not know. No
 * spanning tree: do not build loops. A host joins by one end of a pair whose other end is a port.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { type Clock, type Duration, elapsed, type Instant, seconds } from "../base/time.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { isGroupMac, type MacAddress, readMac } from "../wire/mac-address.ts";
import type { DropListener, FrameSink, NetDevice } from "./net-device.ts";
import { isFull, segmentation } from "./segmentation.ts";

/** 802.1D §7.9.2, table 7-5. */
export const DEFAULT_AGEING: Duration = seconds(300);
const STATION_LIMIT = 4_096;

/** §7.12.6: 01:80:c2:00:00:00 … 0f are for the bridges themselves. */
const RESERVED_FIRST = 0x0180_c200_0000;
const RESERVED_LAST = 0x0180_c200_000f;

export interface BridgeOptions {
  readonly ageing?: Duration | undefined;
  readonly dropped?: DropListener | undefined;
}

interface Station {
  port: Port;
  seenAt: Instant;
}

export class Bridge {
  readonly #clock: Clock;
  readonly #ageing: Duration;
  readonly #dropped: DropListener | undefined;
  readonly #ports: Port[] = [];
  readonly #stations = new Map<MacAddress, Station>();

  constructor(clock: Clock, options: BridgeOptions = {}) {
    this.#clock = clock;
    this.#ageing = options.ageing ?? DEFAULT_AGEING;
    this.#dropped = options.dropped;
  }

  /** Makes the device a port of the bridge, which is then its sink. */
  add(device: NetDevice): void {
    const port = new Port(device, (from, frame) => this.#forward(from, frame));
    this.#ports.push(port);
    port.out.attach(port);
  }

  /** Takes a device out and forgets who was behind it. The device stays open. */
  remove(device: NetDevice): void {
    const index = this.#ports.findIndex(port => port.device === device);
    const [port] = index < 0 ? [] : this.#ports.splice(index, 1);
    if (port === undefined) return;
    port.joined = false;
    for (const [mac, station] of this.#stations) if (station.port === port) this.#stations.delete(mac);
  }

  /** The device behind which a station was seen lately. */
  portOf(mac: MacAddress): NetDevice | undefined {
    return this.#lookup(mac)?.device;
  }

  #forward(from: Port, frame: PacketBuffer): void {
    if (frame.length < ETHERNET_HEADER_SIZE) {
      this.#dropped?.("frame-truncated", frame);
      return;
    }
    const destination = readMac(frame.bytes, frame.start);
    const source = readMac(frame.bytes, frame.start + 6);
    if (!isGroupMac(source)) this.#learn(source, from);
    if (destination >= RESERVED_FIRST && destination <= RESERVED_LAST) return;
    const to = isGroupMac(destination) ? undefined : this.#lookup(destination);
    if (to === from) return;
    if (to !== undefined) {
      this.#transmit(to, frame);
      return;
    }
    for (const port of this.#ports) if (port !== from) this.#transmit(port, frame);
  }

  #transmit(port: Port, frame: PacketBuffer): void {
    if (!port.out.transmit(frame)) this.#dropped?.("queue-full", frame);
  }

  /** §7.8. */
  #learn(mac: MacAddress, port: Port): void {
    const now = this.#clock.now();
    const station = this.#stations.get(mac);
    if (station !== undefined) {
      station.port = port;
      station.seenAt = now;
      return;
    }
    if (this.#stations.size >= STATION_LIMIT) this.#forgetOld(now);
    if (this.#stations.size < STATION_LIMIT) this.#stations.set(mac, { port, seenAt: now });
  }

  #lookup(mac: MacAddress): Port | undefined {
    const station = this.#stations.get(mac);
    if (station === undefined) return undefined;
    if (elapsed(station.seenAt, this.#clock.now()) < this.#ageing) return station.port;
    this.#stations.delete(mac);
    return undefined;
  }

  #forgetOld(now: Instant): void {
    for (const [mac, station] of this.#stations) {
      if (elapsed(station.seenAt, now) >= this.#ageing) this.#stations.delete(mac);
    }
  }
}

class Port implements FrameSink {
  readonly device: NetDevice;
  /** The device, if need be with super-segments cut and checksums completed before it. */
  readonly out: NetDevice;
  joined = true;
  readonly #forward: (from: Port, frame: PacketBuffer) => void;

  constructor(device: NetDevice, forward: (from: Port, frame: PacketBuffer) => void) {
    this.device = device;
    this.out = isFull(device.offload) ? device : segmentation(device);
    this.#forward = forward;
  }

  receive(frame: PacketBuffer): void {
    if (this.joined) this.#forward(this, frame);
  }

  /** A bridge keeps no frames: what found the port full is gone. */
  writable(): void {}
}
