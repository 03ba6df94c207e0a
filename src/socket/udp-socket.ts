/**
 * A UDP socket with promises. Datagrams wait in the endpoint's receive buffer, and what finds it full is
 * dropped and counted: UDP has no flow control. An ICMP error about a connected socket's datagram fails its
 * next `receive` (ECONNREFUSED).
 */
import { NetError } from "../base/errors.ts";
import type { Host } from "../host/host.ts";
import type { Datagram } from "../udp/receive-queue.ts";
import type { UdpDestination, UdpEndpoint, UdpOptions } from "../udp/udp-endpoint.ts";
import type { IpAddress } from "../wire/address.ts";
import { Deferred } from "./deferred.ts";
import { requireAddress, requireBytes } from "./given.ts";

export interface UdpSocketOptions extends Partial<UdpOptions> {
  /** Undefined: every address of the host. */
  readonly address?: IpAddress | undefined;
  /** 0 or undefined: an ephemeral one. */
  readonly port?: number | undefined;
}

export class UdpSocket implements AsyncIterable<Datagram> {
  /** Options and counters, for who needs them. */
  readonly endpoint: UdpEndpoint;
  readonly #waiting: Array<Deferred<Datagram | undefined>> = [];

  constructor(endpoint: UdpEndpoint) {
    this.endpoint = endpoint;
    endpoint.onReadable = () => this.#serve();
    endpoint.onError = () => this.#fail();
  }

  get localAddress(): string | undefined {
    return this.endpoint.localAddress?.toString();
  }

  get localPort(): number {
    return this.endpoint.localPort;
  }

  /** From now on only this peer is heard, and its ICMP errors are told. Throws a `NetError`. */
  connect(address: IpAddress, port: number): void {
    requireAddress(address, "address");
    const code = this.endpoint.connect(address, port);
    if (code !== undefined)
      throw new NetError(code, { syscall: "connect", address: address.toString(), port });
  }

  /** Throws a `NetError`: EMSGSIZE, EDESTADDRREQ, EACCES, ENETUNREACH, … */
  send(bytes: Uint8Array, to?: UdpDestination): void {
    this.sendMany(bytes, 0, to);
  }

  /**
   * Sends the bytes as datagrams of `size` bytes each, the last one of what is left: 128 at most, each within
   * the path's MTU. Throws a `NetError`.
   */
  sendMany(bytes: Uint8Array, size: number, to?: UdpDestination): void {
    requireBytes(bytes, "a UdpSocket");
    if (to !== undefined) requireAddress(to.address, "address");
    const code = this.endpoint.sendMany(bytes, size, to);
    if (code === undefined) return;
    throw new NetError(code, { syscall: "send", address: to?.address.toString(), port: to?.port });
  }

  /** The next datagram. Rejects with what ICMP reported, or with ECANCELED when the socket is closed. */
  async receive(): Promise<Datagram> {
    const datagram = await this.#next();
    if (datagram === undefined) throw new NetError("ECANCELED", { syscall: "recv" });
    return datagram;
  }

  /** Every datagram, until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, void, undefined> {
    for (let datagram = await this.#next(); datagram !== undefined; datagram = await this.#next())
      yield datagram;
  }

  close(): void {
    this.endpoint.close();
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(undefined);
  }

  #next(): Promise<Datagram | undefined> {
    const datagram = this.endpoint.receive();
    if (datagram !== undefined) return Promise.resolve(datagram);
    const code = this.endpoint.takeError();
    if (code !== undefined) return Promise.reject(this.#error(code));
    if (this.endpoint.isClosed) return Promise.resolve(undefined);
    const waiting = new Deferred<Datagram | undefined>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const datagram = this.endpoint.receive();
      if (datagram === undefined) return;
      this.#waiting.shift()?.resolve(datagram);
    }
  }

  /** An error belongs to whoever waits, else to the next who asks. */
  #fail(): void {
    const waiting = this.#waiting[0];
    if (waiting === undefined) return;
    const code = this.endpoint.takeError();
    if (code === undefined) return;
    this.#waiting.shift();
    waiting.reject(this.#error(code));
  }

  #error(code: ConstructorParameters<typeof NetError>[0]): NetError {
    const { remoteAddress, remotePort } = this.endpoint;
    return new NetError(code, { syscall: "recv", address: remoteAddress?.toString(), port: remotePort });
  }
}

/** Throws a `NetError`: EADDRINUSE, EADDRNOTAVAIL. */
export function openUdp(host: Host, options: UdpSocketOptions = {}): UdpSocket {
  const { address, port = 0, ...rest } = options;
  if (address !== undefined) requireAddress(address, "address");
  const endpoint = host.udp.open({ family: address?.family ?? 6, ...rest });
  const code = endpoint.bind(address, port);
  if (code !== undefined) throw new NetError(code, { syscall: "bind", address: address?.toString(), port });
  return new UdpSocket(endpoint);
}
