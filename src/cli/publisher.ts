/**
 * Port publishing: the kernel's TCP accepts at a port of this machine, and each connection is carried to a
 * Postel host by a TCP connection of its own, from another Postel host (the gate). Back-pressure, half-close
 * and reset go through.
 */
import type { Socket } from "node:net";
import type { Host } from "../host/host.ts";
import { type KernelListener, listen, listenNow } from "../node/kernel-listener.ts";
import { KernelSplice } from "../node/kernel-splice.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { IpAddress } from "../wire/address.ts";
import type { ListenAddress } from "./quantities.ts";

export class Publisher {
  readonly #gate: Host;
  readonly #target: { readonly remote: IpAddress; readonly remotePort: number };
  readonly #splices = new Set<KernelSplice>();
  #listener: KernelListener | undefined;
  #isBackground = false;
  #whenEmpty: (() => void) | undefined;

  constructor(gate: Host, remote: IpAddress, remotePort: number) {
    this.#gate = gate;
    this.#target = { remote, remotePort };
  }

  /** Answers where it listens. @throws OperationError */
  async open(at: ListenAddress): Promise<ListenAddress> {
    this.#listener = await listen(at, socket => this.#carry(socket));
    return { host: this.#listener.host, port: this.#listener.port };
  }

  /** The same at once, for an address. @throws OperationError */
  openNow(at: ListenAddress): ListenAddress {
    this.#listener = listenNow(at, socket => this.#carry(socket));
    return { host: this.#listener.host, port: this.#listener.port };
  }

  /** It does not keep the process alive. */
  unref(): void {
    this.#isBackground = true;
    this.#listener?.unref();
  }

  /** Connections that are carried now. */
  get connections(): number {
    return this.#splices.size;
  }

  /** Accepts no more. */
  close(): void {
    this.#listener?.close();
  }

  /** Closes every connection in order, towards both its ends; resolves when all of them have ended. */
  closeConnections(): Promise<void> {
    for (const carried of this.#splices) carried.stop();
    if (this.#splices.size === 0) return Promise.resolve();
    return new Promise(resolve => {
      this.#whenEmpty = resolve;
    });
  }

  resetConnections(): void {
    for (const carried of this.#splices) carried.reset();
  }

  #carry(socket: Socket): void {
    if (this.#isBackground) socket.unref();
    let connection: TcpConnection;
    try {
      connection = this.#gate.tcp.connect(this.#target);
    } catch {
      // No port is left, or no way there: the kernel's peer sees what it would see of a host that is gone.
      socket.resetAndDestroy();
      return;
    }
    const carried = new KernelSplice(socket, connection);
    this.#splices.add(carried);
    carried.done.then(() => {
      this.#splices.delete(carried);
      if (this.#splices.size === 0) this.#whenEmpty?.();
    });
  }
}
