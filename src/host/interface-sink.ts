/**
 * Where a device's frames enter the host: the event begins, the frame is stamped, and the network layer has
 * it.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { FrameSink } from "../link/net-device.ts";
import type { Net } from "../net/net.ts";
import type { HostContext } from "./host-context.ts";

export class InterfaceSink implements FrameSink {
  readonly #context: HostContext;
  readonly #net: Net;
  readonly #index: number;

  constructor(context: HostContext, net: Net, index: number) {
    this.#context = context;
    this.#net = net;
    this.#index = index;
  }

  receive(frame: PacketBuffer): void {
    const context = this.#context;
    context.begin();
    frame.receivedAt = context.now;
    this.#net.receive(this.#index, frame);
    context.finish();
  }

  writable(): void {
    this.#context.begin();
    this.#net.writable(this.#index);
    this.#context.finish();
  }
}
