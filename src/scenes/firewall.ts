/** A device behind a filter: what it refuses never leaves, and nobody is told. */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { Decorator } from "../link/decorator.ts";
import type { FrameMatcher } from "../sim/fault-gate.ts";

export class Firewall extends Decorator {
  refuses: FrameMatcher | undefined = undefined;

  override transmit(frame: PacketBuffer): boolean {
    return this.refuses?.(frame) === true || this.device.transmit(frame);
  }
}
