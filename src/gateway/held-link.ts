/** A device whose arriving packets may be held back and given to the host later. */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { DeviceCounters, FrameSink, Medium, NetDevice, Offload } from "../link/net-device.ts";

export class HeldLink implements NetDevice, FrameSink {
  readonly name: string;
  readonly medium: Medium;
  readonly mtu: number;
  readonly offload: Offload;
  readonly #device: NetDevice;
  readonly #passes: (packet: PacketBuffer) => boolean;
  #sink: FrameSink | undefined;

  /** @param passes False: the packet is not for the host now. Borrowed. */
  constructor(device: NetDevice, passes: (packet: PacketBuffer) => boolean) {
    this.name = device.name;
    this.medium = device.medium;
    this.mtu = device.mtu;
    this.offload = device.offload;
    this.#device = device;
    this.#passes = passes;
  }

  get counters(): Readonly<DeviceCounters> {
    return this.#device.counters;
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
    this.#device.attach(this);
  }

  transmit(frame: PacketBuffer): boolean {
    return this.#device.transmit(frame);
  }

  close(): void {
    this.#sink = undefined;
    this.#device.close();
  }

  receive(frame: PacketBuffer): void {
    if (this.#passes(frame)) this.#sink?.receive(frame);
  }

  writable(): void {
    this.#sink?.writable();
  }

  /** Gives a packet to the host, as if it arrived now. */
  release(packet: PacketBuffer): void {
    this.#sink?.receive(packet);
  }
}
