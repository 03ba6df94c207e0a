/**
 * The ways of one endpoint's datagrams: which interface and which address of the host they leave by. RFC
 * 1122 §4.1.3.5 (the user may say which), RFC 1112 §6.1 (for multicasts by an interface of their own). The
 * last way is kept: most endpoints send to one address for long.
 */
import type { ErrorCode } from "../base/errors.ts";
import type { IpAddress } from "../wire/address.ts";
import type { NetPath, UdpContext } from "./udp-context.ts";

export class DatagramPaths {
  readonly #context: UdpContext;
  /** Where multicasts leave by, and from; 0: where a route leads. */
  #multicastInterface = 0;
  #multicastSource: IpAddress | undefined;
  #last: NetPath | undefined;
  /** The interface that the last one was asked to lead by. */
  #lastScope = 0;
  /** The last one leads to the peer, and stays. */
  #isConnected = false;

  constructor(context: UdpContext) {
    this.#context = context;
  }

  /** To whom the endpoint is connected. */
  get toPeer(): NetPath | ErrorCode {
    return this.#last ?? "EDESTADDRREQ";
  }

  /** @param local what the endpoint is bound to */
  to(remote: IpAddress, local: IpAddress | undefined, interfaceIndex: number): NetPath | ErrorCode {
    const scope = this.#scopeFor(remote, interfaceIndex);
    if (this.#lastScope === scope && this.#last?.remote.equals(remote) === true) return this.#last;
    const path = this.find(remote, local, interfaceIndex);
    if (typeof path !== "string" && !this.#isConnected) this.#keep(path, scope);
    return path;
  }

  /** As `to`, but nothing is kept. */
  find(remote: IpAddress, local: IpAddress | undefined, interfaceIndex: number): NetPath | ErrorCode {
    const source = this.#sourceFor(remote, local);
    return this.#context.pathTo(remote, source, this.#scopeFor(remote, interfaceIndex));
  }

  /** From now on this is the way to the peer. */
  connected(path: NetPath, interfaceIndex: number): void {
    this.#keep(path, this.#scopeFor(path.remote, interfaceIndex));
    this.#isConnected = true;
  }

  disconnect(): void {
    this.#last = undefined;
    this.#isConnected = false;
  }

  setMulticastInterface(interfaceIndex: number, source: IpAddress | undefined): void {
    this.#multicastInterface = interfaceIndex;
    this.#multicastSource = source;
    if (!this.#isConnected) this.#last = undefined;
  }

  #keep(path: NetPath, scope: number): void {
    this.#last = path;
    this.#lastScope = scope;
  }

  #scopeFor(remote: IpAddress, interfaceIndex: number): number {
    return remote.isMulticast && interfaceIndex === 0 ? this.#multicastInterface : interfaceIndex;
  }

  /** A group that the endpoint is bound to filters what it receives; it is nothing to send from. */
  #sourceFor(remote: IpAddress, local: IpAddress | undefined): IpAddress | undefined {
    const isOwn = local !== undefined && !local.isMulticast && !this.#context.isBroadcast(local);
    if (isOwn) return local;
    const wanted = remote.isMulticast ? this.#multicastSource : undefined;
    return wanted?.family === remote.family ? wanted : undefined;
  }
}
