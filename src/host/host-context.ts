/**
 * The one object that is the context of `net/`, `tcp/` and `udp/` alike: each room declared what it needs,
 * and this satisfies all three. Time stands still within an event: the clock is read once when it begins.
 */
import { DropCounters, type DropReason } from "../base/drop-reason.ts";
import type { ErrorCode } from "../base/errors.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import type { Random } from "../base/random.ts";
import type { Clock, Instant } from "../base/time.ts";
import type { Net } from "../net/net.ts";
import type { FrameWatch } from "../net/net-context.ts";
import type { NetPath } from "../net/transport.ts";
import type { TcpConfig } from "../tcp/tcp-config.ts";
import { TcpCounters } from "../tcp/tcp-counters.ts";
import type { TcpProbe } from "../tcp/tcp-probe.ts";
import type { IpAddress } from "../wire/address.ts";
import {
  type DropObserver,
  dropObserverOfAll,
  frameWatchOfAll,
  type HostObservers,
  probeOfAll,
} from "./host-observers.ts";

/** Room for the largest datagram: 65,535 bytes. */
const SCRATCH_SIZE = HEADROOM + 65_536;

/**
 * Sees each packet for one of our addresses that nobody here has asked for: a segment of no connection, a
 * datagram for a port without a socket, an ICMP message about nothing of ours. True: somebody else sees to
 * it, and it is not answered here. Borrowed; its IP header is at `network`, and it is complete.
 */
export type UnclaimedHandler = (packet: PacketBuffer) => boolean;

export interface HostContextOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly config: TcpConfig;
  readonly unclaimed: UnclaimedHandler | undefined;
  /** There is work to be done by `poll`. */
  readonly wake: () => void;
}

export class HostContext {
  readonly random: Random;
  readonly config: TcpConfig;
  readonly counters = new TcpCounters();
  readonly drops = new DropCounters();
  probe: TcpProbe | undefined = undefined;
  frameWatch: FrameWatch | undefined = undefined;
  readonly wake: () => void;
  readonly unclaimed: UnclaimedHandler;
  readonly #clock: Clock;
  #dropObserver: DropObserver | undefined = undefined;
  #observers: readonly HostObservers[] = [];
  readonly #scratch = new PacketBuffer(SCRATCH_SIZE);
  #net: Net | undefined = undefined;
  #depth = 0;
  /**
   * Of the event; undefined before the first. A field that may be undefined holds its number as an object,
   * made once an event and shared by all who ask; of a field of doubles each who asks would make one.
   */
  #now: Instant | undefined = undefined;

  constructor(options: HostContextOptions) {
    this.#clock = options.clock;
    this.random = options.random;
    this.config = options.config;
    this.wake = options.wake;
    this.unclaimed = options.unclaimed ?? (() => false);
  }

  /** The rooms need each other's context before all of them exist. */
  join(net: Net): void {
    this.#net = net;
  }

  /** Within an event its instant; a user's call from outside is an event of its own. */
  get now(): Instant {
    return this.#depth > 0 && this.#now !== undefined ? this.#now : this.#clock.now();
  }

  /** Runs one event. An event within an event (a user's callback that sends) has the same instant. */
  event<T>(run: () => T): T {
    this.begin();
    try {
      return run();
    } finally {
      this.finish();
    }
  }

  begin(): void {
    if (this.#depth++ > 0) return;
    const now = this.#clock.now();
    if (now !== this.#now) this.#now = now;
  }

  finish(): void {
    this.#depth--;
  }

  packet(): PacketBuffer {
    this.#scratch.reset();
    return this.#scratch;
  }

  pathTo(remote: IpAddress, local?: IpAddress, interfaceIndex = 0): NetPath | ErrorCode {
    return this.#net?.pathTo(remote, local, interfaceIndex) ?? "ENETDOWN";
  }

  pathBack(remote: IpAddress, local: IpAddress): NetPath | ErrorCode {
    return this.#net?.pathBack(remote, local) ?? "ENETDOWN";
  }

  isLocal(address: IpAddress): boolean {
    return this.#net?.isLocal(address) ?? false;
  }

  isBroadcast(address: IpAddress): boolean {
    return this.#net?.isBroadcast(address) ?? false;
  }

  /**
   * Without an interface: the one that leads to the group, else the first that is no loopback; a host without
   * a link speaks to itself.
   */
  groupInterface(group: IpAddress, wanted: number): number | undefined {
    const net = this.#net;
    if (net === undefined) return undefined;
    const interfaces = net.interfaces();
    if (wanted !== 0) return interfaces.find(iface => iface.index === wanted)?.index;
    const first = interfaces.find(iface => !iface.isLoopback) ?? interfaces[0];
    return net.routes.lookup(group)?.interfaceIndex ?? first?.index;
  }

  joinGroup(group: IpAddress, interfaceIndex: number): void {
    this.#net?.joinGroup(interfaceIndex, group);
  }

  leaveGroup(group: IpAddress, interfaceIndex: number): void {
    this.#net?.leaveGroup(interfaceIndex, group);
  }

  /** With nobody there each kind of observer costs one look at a field. */
  observe(observers: HostObservers): () => void {
    const these = { ...observers };
    this.#show([...this.#observers, these]);
    return () => this.#show(this.#observers.filter(other => other !== these));
  }

  #show(observers: readonly HostObservers[]): void {
    this.#observers = observers;
    this.probe = probeOfAll(observers);
    this.frameWatch = frameWatchOfAll(observers);
    this.#dropObserver = dropObserverOfAll(observers);
  }

  dropped(reason: DropReason, packet?: PacketBuffer): void {
    this.drops.count(reason);
    this.#dropObserver?.(reason, packet);
  }
}
