/**
 * What decorators have in common: a device for those above, and the sink of the device that it is around. All
 * passes; each overrides what it does otherwise.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { DeviceCounters, FrameSink, Medium, NetDevice, Offload } from "./net-device.ts";

export abstract class Decorator implements NetDevice, FrameSink {
  readonly name: string;
  readonly medium: Medium;
  readonly mtu: number;
  readonly offload: Offload;
  protected readonly device: NetDevice;
  protected sink: FrameSink | undefined;

  constructor(device: NetDevice, offload: Offload = device.offload) {
    this.name = device.name;
    this.medium = device.medium;
    this.mtu = device.mtu;
    this.offload = offload;
    this.device = device;
  }

  get counters(): Readonly<DeviceCounters> {
    return this.device.counters;
  }

  attach(sink: FrameSink): void {
    this.sink = sink;
    this.device.attach(this);
  }

  transmit(frame: PacketBuffer): boolean {
    return this.device.transmit(frame);
  }

  close(): void {
    this.device.close();
  }

  receive(frame: PacketBuffer): void {
    this.sink?.receive(frame);
  }

  writable(): void {
    this.sink?.writable();
  }
}
