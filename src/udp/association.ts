/**
 * The two ends that an endpoint's datagrams go between: the local one, bound or drawn, and the remote one
 * that it is connected to. RFC 768 "User Interface", RFC 1122 §4.1.3.5 and §4.1.4.
 */
import type { ErrorCode } from "../base/errors.ts";
import type { IpAddress } from "../wire/address.ts";
import type { DatagramPaths } from "./datagram-paths.ts";
import { ephemeralPort } from "./ephemeral-port.ts";
import { ownForm } from "./own-form.ts";
import type { UdpContext } from "./udp-context.ts";
import type { Binding, UdpTable } from "./udp-table.ts";

/** Whose ends they are: what stands in the table. */
interface Owner extends Binding {
  /** May send to broadcast addresses. */
  readonly broadcast: boolean;
}

type Table = Pick<UdpTable<Owner>, "add" | "remove" | "isFree" | "isUnused">;

export class Association {
  /** Undefined: any address of the host, or not bound. */
  localAddress: IpAddress | undefined = undefined;
  /** 0: not bound. */
  localPort = 0;
  /** Undefined: not connected. */
  remoteAddress: IpAddress | undefined = undefined;
  remotePort = 0;
  readonly #owner: Owner;
  readonly #context: UdpContext;
  readonly #table: Table;
  readonly #paths: DatagramPaths;
  /** What the user bound, to go back to when he disconnects. */
  #boundAddress: IpAddress | undefined = undefined;
  #boundPort = 0;

  constructor(owner: Owner, context: UdpContext, table: Table, paths: DatagramPaths) {
    this.#owner = owner;
    this.#context = context;
    this.#table = table;
    this.#paths = paths;
  }

  /** Takes an address (undefined or unspecified: all of them) and a port (0: any free one). */
  bind(address: IpAddress | undefined, port: number): ErrorCode | undefined {
    if (this.localPort !== 0 || !isPort(port)) return "EINVAL";
    let local: IpAddress | undefined;
    if (address !== undefined) {
      const own = ownForm(this.#owner, address);
      if (own === undefined) return "EAFNOSUPPORT";
      // 0.0.0.0 means all addresses of IPv4; on an endpoint for both it cannot be told from ::, which is
      // wider.
      local = own.isUnspecified ? undefined : own;
    }
    if (local !== undefined && !this.#mayBindTo(local)) return "EADDRNOTAVAIL";
    const error = this.#occupy(local, port);
    if (error !== undefined) return error;
    this.#boundAddress = local;
    this.#boundPort = this.localPort;
    return undefined;
  }

  /** Draws a port, if there is none: whoever sends has one. */
  autobind(): ErrorCode | undefined {
    return this.localPort === 0 ? this.#occupy(undefined, 0) : undefined;
  }

  /** From now on datagrams go to this remote alone and come from it alone. May be called again. */
  connect(remote: IpAddress, port: number, interfaceIndex: number): ErrorCode | undefined {
    if (!isPort(port) || port === 0) return "EINVAL";
    const address = ownForm(this.#owner, remote);
    if (address === undefined) return "EAFNOSUPPORT";
    if (!this.#owner.broadcast && this.#context.isBroadcast(address)) return "EACCES";
    const path = this.#paths.find(address, this.#boundAddress, interfaceIndex);
    if (typeof path === "string") return path;
    const error = this.localPort === 0 ? this.#occupy(path.local, 0) : undefined;
    if (error !== undefined) return error;
    this.#paths.connected(path, interfaceIndex);
    this.#table.remove(this.#owner);
    this.localAddress = this.#boundAddress ?? path.local;
    this.remoteAddress = address;
    this.remotePort = port;
    this.#table.add(this.#owner);
    return undefined;
  }

  /** Back to what was bound; nothing, if that was nothing. */
  disconnect(): ErrorCode | undefined {
    if (this.remoteAddress === undefined) return "ENOTCONN";
    this.#table.remove(this.#owner);
    this.remoteAddress = undefined;
    this.remotePort = 0;
    this.#paths.disconnect();
    this.localAddress = this.#boundAddress;
    this.localPort = this.#boundPort;
    if (this.localPort !== 0) this.#table.add(this.#owner);
    return undefined;
  }

  #mayBindTo(local: IpAddress): boolean {
    return local.isMulticast || this.#context.isLocal(local) || this.#context.isBroadcast(local);
  }

  #occupy(local: IpAddress | undefined, port: number): ErrorCode | undefined {
    const chosen = this.#portFor(local, port);
    if (chosen === undefined) return "EADDRINUSE";
    this.localAddress = local;
    this.localPort = chosen;
    this.#table.add(this.#owner);
    return undefined;
  }

  #portFor(local: IpAddress | undefined, port: number): number | undefined {
    const table = this.#table;
    const owner = this.#owner;
    if (port !== 0) return table.isFree(owner, local, port) ? port : undefined;
    return ephemeralPort(this.#context, candidate => table.isUnused(owner, local, candidate));
  }
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}
