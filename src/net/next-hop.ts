/**
 * Where a packet goes next: RFC 1122 §3.3.1.1, RFC 4861 §5.2 (next-hop determination), RFC 919 §7 and RFC
 * 1112 §6 (broadcast and multicast go straight to the link).
 */
import type { ErrorCode } from "../base/errors.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { IpAddress } from "../wire/address.ts";
import { BROADCAST_MAC, type MacAddress, multicastMac, ZERO_MAC } from "../wire/mac-address.ts";
import type { Addresses } from "./addresses.ts";
import type { Interfaces, NetInterface } from "./interface.ts";
import type { Neighbor } from "./neighbor-cache.ts";
import type { NetConfig } from "./net-context.ts";
import type { Route, Routes } from "./routes.ts";
import { chooseSource } from "./source-address.ts";

export class NextHop {
  readonly iface: NetInterface;
  /** The gateway or the destination; where nobody has to be found on the link, any of the destinations. */
  readonly address: IpAddress;
  /** In bytes: the interface's, or less where the route says so. */
  readonly mtu: number;
  /** Undefined: none was needed. */
  readonly route: Route | undefined;
  /** What goes there is for a group or for everybody on the link. */
  readonly isGroup: boolean;
  /** Undefined: a neighbor, whose address is to be found out. */
  readonly #mac: MacAddress | undefined;
  #neighbor: Neighbor | undefined;

  constructor(
    iface: NetInterface,
    address: IpAddress,
    mac: MacAddress | undefined,
    route?: Route,
    isGroup = false,
  ) {
    this.iface = iface;
    this.address = address;
    this.mtu = Math.min(route?.mtu ?? iface.mtu, iface.mtu);
    this.route = route;
    this.isGroup = isGroup;
    this.#mac = iface.neighbors === undefined ? ZERO_MAC : mac;
  }

  isSame(other: NextHop): boolean {
    return (
      this.iface === other.iface &&
      this.route === other.route &&
      this.mtu === other.mtu &&
      this.#mac === other.#mac &&
      this.address.equals(other.address)
    );
  }

  /** Sends a packet whose window begins with the IP header. False when the device is full. */
  transmit(packet: PacketBuffer): boolean {
    if (this.#mac !== undefined) return this.iface.transmit(packet, this.#mac);
    const cache = this.iface.neighbors;
    if (cache === undefined) return false;
    return cache.send(this.#resolve(), packet);
  }

  confirmReachable(): void {
    if (this.#mac === undefined) this.iface.neighbors?.confirm(this.#resolve());
  }

  #resolve(): Neighbor {
    let neighbor = this.#neighbor;
    if (neighbor === undefined || neighbor.evicted) {
      neighbor = this.iface.neighbors?.entry(this.address) as Neighbor;
      this.#neighbor = neighbor;
    }
    return neighbor;
  }
}

export class NextHops {
  readonly #config: NetConfig;
  readonly #interfaces: Interfaces;
  readonly #addresses: Addresses;
  readonly #routes: Routes;
  /** The hops of routes whose packets all go to one place, as of `#generation` of the routes. */
  readonly #shared = new Map<Route, NextHop>();
  #generation = 0;

  constructor(config: NetConfig, interfaces: Interfaces, addresses: Addresses, routes: Routes) {
    this.#config = config;
    this.#interfaces = interfaces;
    this.#addresses = addresses;
    this.#routes = routes;
  }

  /** Undefined: no route. @param scope The index of the only interface to consider, or 0. */
  toward(destination: IpAddress, scope = 0): NextHop | undefined {
    if (this.#addresses.isLocal(destination)) {
      const { loopback } = this.#interfaces;
      return loopback && new NextHop(loopback, destination, ZERO_MAC);
    }
    if (destination.isUnspecified) return undefined;
    const directed = this.#addresses.broadcastOn(destination, scope || undefined);
    if (directed !== undefined) return this.#onLink(destination, directed.interfaceIndex);
    if (destination.isMulticast || destination.isLimitedBroadcast) return this.#toGroup(destination, scope);
    const route = this.#routes.lookup(destination, scope || undefined);
    return route && this.#along(route, destination);
  }

  /** By a gateway, or where nobody has to be found on the link, it is one and the same hop for all. */
  #along(route: Route, destination: IpAddress): NextHop | undefined {
    const { generation } = this.#routes;
    if (generation !== this.#generation) this.#shared.clear();
    this.#generation = generation;
    const shared = this.#shared.get(route);
    if (shared !== undefined) return shared;
    const iface = this.#interfaces.get(route.interfaceIndex);
    if (iface === undefined) return undefined;
    const hop = new NextHop(iface, route.gateway ?? destination, undefined, route);
    if (route.gateway !== undefined || iface.neighbors === undefined) this.#shared.set(route, hop);
    return hop;
  }

  /** The source for packets to `destination` by that hop. RFC 6724 §5, unless the route has a preference. */
  sourceFor(destination: IpAddress, hop: NextHop): IpAddress | undefined {
    const preferred = hop.route?.source;
    if (preferred !== undefined && this.#addresses.isLocal(preferred)) return preferred;
    const next = hop.route?.gateway ?? destination;
    return chooseSource(destination, this.#addresses.all(), hop.iface.index, next)?.address;
  }

  /** Why packets to `remote` cannot leave from `local`, if so. */
  refusal(remote: IpAddress, local: IpAddress): ErrorCode | undefined {
    if (local.family !== remote.family) return "EAFNOSUPPORT";
    return this.#addresses.isLocal(local) ? undefined : "EADDRNOTAVAIL";
  }

  /** RFC 1122 §3.2.1.3 (g): a loopback address does not appear outside of a host. */
  leak(local: IpAddress, hop: NextHop): ErrorCode | undefined {
    return local.isLoopback && !hop.iface.isLoopback ? "EINVAL" : undefined;
  }

  /**
   * The only interface that may be used between the two: where one of them means something on its link alone,
   * or where the strong host model asks for it (RFC 1122 §3.3.4.2). 0: any.
   */
  scopeOf(remote: IpAddress, local: IpAddress): number {
    const bound =
      this.#config.hostModel === "strong" ||
      local.isLinkLocal ||
      remote.isLinkLocal ||
      remote.isMulticast ||
      remote.isLimitedBroadcast;
    if (!bound) return 0;
    // All of 127/8 is on the loopback interface, whichever addresses that has.
    const { loopback } = this.#interfaces;
    if (local.isLoopback && loopback !== undefined) return loopback.index;
    return this.#addresses.usable(local)?.interfaceIndex ?? 0;
  }

  #onLink(group: IpAddress, interfaceIndex: number): NextHop | undefined {
    const iface = this.#interfaces.get(interfaceIndex);
    const mac = group.isMulticast ? multicastMac(group) : BROADCAST_MAC;
    return iface && new NextHop(iface, group, mac, undefined, true);
  }

  /**
   * Without a scope: where a route leads, else the first interface that has an address to speak from; a host
   * without a link speaks to itself.
   */
  #toGroup(group: IpAddress, scope: number): NextHop | undefined {
    if (scope !== 0) return this.#onLink(group, scope);
    const route = this.#routes.lookup(group);
    if (route !== undefined) return this.#onLink(group, route.interfaceIndex);
    const first = this.#interfaces
      .all()
      .find(iface => !iface.isLoopback && this.#addresses.firstOf(iface.index, group.family) !== undefined);
    const iface = first ?? this.#interfaces.loopback;
    return iface && this.#onLink(group, iface.index);
  }
}
