/**
 * Where a device's frames enter the host: the event begins, the frame is stamped, and the network layer has
 * it.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { FrameSink } from "../link/net-device.ts";
import type { NetInterface } from "../net/interface.ts";
import type { Net } from "../net/net.ts";
import type { HostContext } from "./host-context.ts";

export class InterfaceSink implements FrameSink {
  readonly #context: HostContext;
  readonly #net: Net;
  readonly #iface: NetInterface;

  constructor(context: HostContext, net: Net, iface: NetInterface) {
    this.#context = context;
    this.#net = net;
    this.#iface = iface;
  }

  receive(frame: PacketBuffer): void {
    const context = this.#context;
    context.begin();
    frame.receivedAt = context.now;
    context.frameWatch?.(this.#iface, "in", frame);
    this.#net.receive(this.#iface.index, frame);
    context.finish();
  }

  writable(): void {
    this.#context.begin();
    this.#net.writable(this.#iface.index);
    this.#context.finish();
  }
}
