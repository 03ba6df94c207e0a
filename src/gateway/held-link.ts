/** A device whose arriving packets may be held back and given to the host later. */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { Decorator } from "../link/decorator.ts";
import type { NetDevice } from "../link/net-device.ts";

export class HeldLink extends Decorator {
  readonly #passes: (packet: PacketBuffer) => boolean;

  /** @param passes False: the packet is not for the host now. Borrowed. */
  constructor(device: NetDevice, passes: (packet: PacketBuffer) => boolean) {
    super(device);
    this.#passes = passes;
  }

  override close(): void {
    this.sink = undefined;
    this.device.close();
  }

  override receive(frame: PacketBuffer): void {
    if (this.#passes(frame)) this.sink?.receive(frame);
  }

  /** Gives a packet to the host, as if it arrived now. */
  release(packet: PacketBuffer): void {
    this.sink?.receive(packet);
  }
}
