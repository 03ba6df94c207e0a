/**
 * The routing table: RFC 1122 §3.3.1, RFC 1812 §5.2.4.3 (longest match), RFC 4861 §5.2.
 *
 * A hash map for each prefix length that is in use, tried from the longest to the shortest: a look-up costs
 * as many steps as there are distinct lengths, however many routes there are.
 */
import { assert } from "../base/assert.ts";
import { IpAddress, type IpFamily } from "../wire/address.ts";

export interface Route {
  /** Bits beyond `prefixLength` do not count. */
  readonly destination: IpAddress;
  readonly prefixLength: number;
  /** Undefined: the destination is on the link. */
  readonly gateway: IpAddress | undefined;
  readonly interfaceIndex: number;
  /** Lower is better among routes to one prefix. */
  readonly metric: number;
  /** The preferred source address for what leaves by this route. */
  readonly source: IpAddress | undefined;
  /** The largest packet in bytes, where that is less than the interface's. */
  readonly mtu: number | undefined;
  /** No packet-too-big error lowers the MTU, and routers may cut what is too big for them: `mtu lock`. */
  readonly isMtuLocked?: boolean | undefined;
  /** For TCP, where it is to differ from the host's: `advmss` and `initcwnd` of Linux's routes. */
  readonly advertisedMss?: number | undefined;
  readonly initialWindow?: number | undefined;
}

/** All routes to one prefix, the best first; `next` links the prefixes whose hashes collide. */
interface Prefix {
  readonly network: IpAddress;
  readonly routes: Route[];
  next: Prefix | undefined;
}

interface Length {
  readonly bits: number;
  /** The masks of the four words. */
  readonly m0: number;
  readonly m1: number;
  readonly m2: number;
  readonly m3: number;
  readonly prefixes: Map<number, Prefix>;
}

export class Routes {
  /** Grows at each change: whoever keeps a route looks it up again when this differs. */
  generation = 0;
  /** In the order of adding. */
  readonly #entries = new Set<Route>();
  /** The lengths in use, the longest first. */
  readonly #lengths: Record<IpFamily, Length[]> = { 4: [], 6: [] };

  add(route: Route): Route {
    const { destination, prefixLength } = route;
    assert(prefixLength >= 0 && prefixLength <= destination.size * 8, "a route's prefix is no length");
    if (this.#entries.has(route)) return route;
    this.#entries.add(route);
    const length = this.#lengthFor(destination.family, prefixLength);
    const prefix = find(length, destination);
    if (prefix === undefined) {
      addPrefix(length, destination, route);
    } else {
      const behind = prefix.routes.findIndex(other => other.metric > route.metric);
      prefix.routes.splice(behind < 0 ? prefix.routes.length : behind, 0, route);
    }
    this.generation++;
    return route;
  }

  /** Takes the object that was added. False when it is not in the table. */
  remove(route: Route): boolean {
    if (!this.#entries.delete(route)) return false;
    const lengths = this.#lengths[route.destination.family];
    const length = lengths.find(candidate => candidate.bits === route.prefixLength);
    const prefix = length && find(length, route.destination);
    assert(length !== undefined && prefix !== undefined, "a route has no prefix in the table");
    prefix.routes.splice(prefix.routes.indexOf(route), 1);
    if (prefix.routes.length === 0) {
      removePrefix(length, prefix);
      if (length.prefixes.size === 0) lengths.splice(lengths.indexOf(length), 1);
    }
    this.generation++;
    return true;
  }

  removeInterface(interfaceIndex: number): void {
    for (const route of [...this.#entries]) if (route.interfaceIndex === interfaceIndex) this.remove(route);
  }

  /**
   * The longest prefix, then the lowest metric, then the one added first; through one interface if one is
   * named.
   */
  lookup(destination: IpAddress, interfaceIndex?: number): Route | undefined {
    const lengths = this.#lengths[destination.family];
    for (let i = 0; i < lengths.length; i++) {
      const routes = find(lengths[i] as Length, destination)?.routes;
      if (routes === undefined) continue;
      if (interfaceIndex === undefined) return routes[0];
      const route = routes.find(candidate => candidate.interfaceIndex === interfaceIndex);
      if (route !== undefined) return route;
    }
    return undefined;
  }

  /** In the order of adding. */
  entries(): readonly Route[] {
    return [...this.#entries];
  }

  #lengthFor(family: IpFamily, bits: number): Length {
    const lengths = this.#lengths[family];
    const behind = lengths.findIndex(length => length.bits <= bits);
    const held = behind < 0 ? undefined : lengths[behind];
    if (held?.bits === bits) return held;
    const length = newLength(family, bits);
    lengths.splice(behind < 0 ? lengths.length : behind, 0, length);
    return length;
  }
}

function newLength(family: IpFamily, bits: number): Length {
  const prefixes = new Map<number, Prefix>();
  // An IPv4 address is the last word; the words before it are the same in all of them.
  if (family === 4) return { bits, m0: -1, m1: -1, m2: -1, m3: mask(bits), prefixes };
  return { bits, m0: mask(bits), m1: mask(bits - 32), m2: mask(bits - 64), m3: mask(bits - 96), prefixes };
}

/** A word whose first `bits` bits are set. */
function mask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : ~(0xffff_ffff >>> bits);
}

function find(length: Length, address: IpAddress): Prefix | undefined {
  const w0 = address.w0 & length.m0;
  const w1 = address.w1 & length.m1;
  const w2 = address.w2 & length.m2;
  const w3 = address.w3 & length.m3;
  let prefix = length.prefixes.get(hashOf(w0, w1, w2, w3));
  while (prefix !== undefined) {
    const { network } = prefix;
    if (network.w3 === w3 && network.w2 === w2 && network.w1 === w1 && network.w0 === w0) return prefix;
    prefix = prefix.next;
  }
  return undefined;
}

/**
 * Routes come from the host's owner, so nobody can aim at this table; for IPv4 it has no collisions at all.
 */
function hashOf(w0: number, w1: number, w2: number, w3: number): number {
  return w3 ^ Math.imul(w2, 0x9e3779b1) ^ Math.imul(w1, 0x85ebca6b) ^ Math.imul(w0, 0xc2b2ae35);
}

function addPrefix(length: Length, address: IpAddress, route: Route): void {
  const network = new IpAddress(
    address.family,
    address.w0 & length.m0,
    address.w1 & length.m1,
    address.w2 & length.m2,
    address.w3 & length.m3,
  );
  const hash = hashOf(network.w0, network.w1, network.w2, network.w3);
  length.prefixes.set(hash, { network, routes: [route], next: length.prefixes.get(hash) });
}

function removePrefix(length: Length, gone: Prefix): void {
  const { network } = gone;
  const hash = hashOf(network.w0, network.w1, network.w2, network.w3);
  const first = length.prefixes.get(hash);
  if (first === gone) {
    if (gone.next === undefined) length.prefixes.delete(hash);
    else length.prefixes.set(hash, gone.next);
    return;
  }
  for (let prefix = first; prefix !== undefined; prefix = prefix.next) {
    if (prefix.next === gone) prefix.next = gone.next;
  }
}
