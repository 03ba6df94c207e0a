/**
 * The way from a local to a remote address, as transports hold it: route, next hop, source and path MTU are
 * looked up once and again after a change of any of them (RFC 1122 §3.3.1.2 and §3.3.1.3: a route cache
 * entry).
 */
import type { ErrorCode } from "../base/errors.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Offload } from "../link/net-device.ts";
import { ANY_V4, type IpAddress } from "../wire/address.ts";
import { IPV4_HEADER_SIZE } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE } from "../wire/ipv6.ts";
import type { Addresses } from "./addresses.ts";
import type { NetContext } from "./net-context.ts";
import type { NextHop, NextHops } from "./next-hop.ts";
import type { PathMtuCache } from "./path-mtu.ts";
import type { Routes } from "./routes.ts";
import type { NetPath } from "./transport.ts";

/** The total length field has 16 bits. */
const MAX_PACKET = 65_535;

/** What an output needs to know of a packet: a path is one. */
export interface Outgoing {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly hop: NextHop;
  readonly mtu: number;
  readonly hopLimit: number;
  readonly trafficClass: number;
  readonly dontFragment: boolean;
  /** Members of a group on this host receive what is sent to it here: RFC 1112 §6.1. */
  readonly multicastLoop: boolean;
  /** Routers may cut packets whatever `dontFragment` says. */
  readonly isMtuLocked: boolean;
}

/** IPv4 or IPv6 output. */
export interface PacketOutput {
  send(packet: PacketBuffer, protocol: number, outgoing: Outgoing): ErrorCode | undefined;
}

export interface PathParts {
  readonly context: NetContext;
  readonly hops: NextHops;
  readonly routes: Routes;
  readonly addresses: Addresses;
  readonly pathMtu: PathMtuCache;
  /** What holders who need proof have found to be true of it. */
  readonly provenMtu: PathMtuCache;
  readonly ipv4: PacketOutput;
  readonly ipv6: PacketOutput;
}

/** The paths of a host. */
export class Paths {
  readonly #parts: PathParts;
  /** The one that `back` hands out. */
  #passing: Path | undefined;

  constructor(parts: PathParts) {
    this.#parts = parts;
  }

  /**
   * @param local Undefined or unspecified: chosen here.
   * @param scope The index of the interface to leave by, where it matters; 0: any.
   */
  to(remote: IpAddress, local?: IpAddress, scope = 0): Path | ErrorCode {
    return this.#lead(undefined, remote, local, scope);
  }

  /**
   * The way back to a stranger, for one answer. It is borrowed, and leads elsewhere after the next call: what
   * floods of strangers ask for leaves nothing behind.
   */
  back(remote: IpAddress, local: IpAddress): Path | ErrorCode {
    const path = this.#lead(this.#passing, remote, local, 0);
    if (typeof path !== "string") this.#passing = path;
    return path;
  }

  #lead(passing: Path | undefined, remote: IpAddress, local: IpAddress | undefined, scope: number) {
    const { hops } = this.#parts;
    const from = local?.isUnspecified === true ? undefined : local;
    const refusal = from && hops.refusal(remote, from);
    if (refusal !== undefined) return refusal;
    const bound = scope !== 0 || from === undefined ? scope : hops.scopeOf(remote, from);
    const hop = hops.toward(remote, bound);
    if (hop === undefined) return "ENETUNREACH";
    const source = from ?? hops.sourceFor(remote, hop);
    if (source === undefined) return "EADDRNOTAVAIL";
    const leak = hops.leak(source, hop);
    if (leak !== undefined) return leak;
    if (passing === undefined) return new Path(this.#parts, source, remote, bound, hop);
    passing.redirect(source, remote, bound, hop);
    return passing;
  }
}

export class Path implements NetPath, Outgoing {
  local: IpAddress = ANY_V4;
  remote: IpAddress = ANY_V4;
  hopLimit = 0;
  trafficClass = 0;
  dontFragment = true;
  multicastLoop = true;
  #needsProof = false;
  readonly #parts: PathParts;
  #scope = 0;
  #output: PacketOutput;
  #hop: NextHop;
  #mtu = 0;
  #isMtuLocked = false;
  #generation = 0;
  /** Why there is no way at present. */
  #broken: ErrorCode | undefined = undefined;

  constructor(parts: PathParts, local: IpAddress, remote: IpAddress, scope: number, hop: NextHop) {
    this.#parts = parts;
    this.#output = parts.ipv4;
    this.#hop = hop;
    this.redirect(local, remote, scope, hop);
  }

  /** Leads elsewhere from now on; for a path that nobody keeps. */
  redirect(local: IpAddress, remote: IpAddress, scope: number, hop: NextHop): void {
    this.local = local;
    this.remote = remote;
    this.hopLimit = 0;
    this.trafficClass = 0;
    this.dontFragment = true;
    this.multicastLoop = true;
    this.#needsProof = false;
    this.#scope = scope;
    this.#output = remote.family === 4 ? this.#parts.ipv4 : this.#parts.ipv6;
    this.#hop = hop;
    this.#mtu = this.#lowestMtu();
    this.#generation = this.#currentGeneration();
    this.#broken = undefined;
  }

  get hop(): NextHop {
    this.#refresh();
    return this.#hop;
  }

  get mtu(): number {
    this.#refresh();
    return this.#mtu;
  }

  get needsProof(): boolean {
    return this.#needsProof;
  }

  set needsProof(on: boolean) {
    this.#needsProof = on;
    this.#mtu = this.#lowestMtu();
  }

  get linkMtu(): number {
    return this.hop.mtu;
  }

  get isMtuLocked(): boolean {
    this.#refresh();
    return this.#isMtuLocked;
  }

  get advertisedMss(): number | undefined {
    return this.hop.route?.advertisedMss;
  }

  get initialWindow(): number | undefined {
    return this.hop.route?.initialWindow;
  }

  get headerSize(): number {
    return this.remote.family === 4 ? IPV4_HEADER_SIZE : IPV6_HEADER_SIZE;
  }

  get offload(): Offload {
    return this.hop.iface.device.offload;
  }

  get isLoopback(): boolean {
    return this.hop.iface.isLoopback;
  }

  send(packet: PacketBuffer, protocol: number): ErrorCode | undefined {
    this.#refresh();
    if (this.#broken !== undefined) return this.#broken;
    return this.#output.send(packet, protocol, this);
  }

  confirmReachable(): void {
    this.hop.confirmReachable();
  }

  /** Each generation only grows, so their sum changes whenever one of them does. */
  #currentGeneration(): number {
    const { routes, addresses, pathMtu, provenMtu } = this.#parts;
    return routes.generation + addresses.generation + pathMtu.generation + provenMtu.generation;
  }

  #refresh(): void {
    const generation = this.#currentGeneration();
    if (generation === this.#generation) return;
    this.#generation = generation;
    const { hops } = this.#parts;
    this.#broken = hops.refusal(this.remote, this.local);
    const hop = this.#broken === undefined ? hops.toward(this.remote, this.#scope) : undefined;
    if (hop === undefined) {
      this.#broken ??= "ENETUNREACH";
      return;
    }
    this.#broken = hops.leak(this.local, hop);
    // The known neighbor is kept while the hop stays the same one.
    if (!hop.isSame(this.#hop)) this.#hop = hop;
    this.#mtu = this.#lowestMtu();
  }

  /** A router takes no packet larger than `mtu`; 0: it did not say. True when that lowers the path MTU. */
  lowerMtu(mtu: number): boolean {
    const { context, pathMtu, provenMtu } = this.#parts;
    if (this.hop.route?.isMtuLocked === true) return false;
    const before = this.mtu;
    const isLower = pathMtu.lower(this.remote, mtu, before, context.now);
    return this.#needsProof ? provenMtu.lower(this.remote, mtu, before, context.now) : isLower;
  }

  #lowestMtu(): number {
    const { context } = this.#parts;
    const pathMtu = this.#needsProof ? this.#parts.provenMtu : this.#parts.pathMtu;
    const isRouteLocked = this.#hop.route?.isMtuLocked === true;
    const known = isRouteLocked ? undefined : pathMtu.get(this.remote, context.now);
    this.#isMtuLocked = isRouteLocked || (known !== undefined && pathMtu.isTooSmall(this.remote));
    return Math.min(known ?? MAX_PACKET, this.#hop.mtu, MAX_PACKET);
  }
}
