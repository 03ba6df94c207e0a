/**
 * A network interface: a device, its link-layer address, the groups it listens to and the neighbors on its
 * link. The addresses are in `addresses.ts`.
 */
import { assert } from "../base/assert.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { NetDevice } from "../link/net-device.ts";
import { type MacAddress, ZERO_MAC } from "../wire/mac-address.ts";
import { ETHER_TYPE } from "../wire/protocol.ts";
import { prependEthernet } from "./ethernet.ts";
import { Groups } from "./multicast.ts";
import { type Neighbor, NeighborCache } from "./neighbor-cache.ts";
import type { NetContext } from "./net-context.ts";

/** Asks who has an address: ARP for IPv4, neighbor discovery for IPv6. */
export interface Resolver {
  solicit(iface: NetInterface, neighbor: Neighbor, unicast: MacAddress | undefined): void;
  unreachable(packet: PacketBuffer): void;
}

export class NetInterface {
  /** From 1. */
  readonly index: number;
  readonly device: NetDevice;
  /** Zero where the medium has none. */
  readonly mac: MacAddress;
  readonly groups = new Groups();
  /** Undefined where packets need no link-layer address. */
  readonly neighbors: NeighborCache | undefined;
  /** Holds 127.0.0.1 or ::1: packets to the host itself pass through it. */
  isLoopback = false;
  readonly #context: NetContext;

  constructor(
    index: number,
    device: NetDevice,
    mac: MacAddress | undefined,
    context: NetContext,
    resolver: Resolver,
  ) {
    this.index = index;
    this.device = device;
    this.mac = mac ?? ZERO_MAC;
    this.#context = context;
    if (device.medium === "ethernet") {
      this.neighbors = new NeighborCache(context, {
        solicit: (neighbor, unicast) => resolver.solicit(this, neighbor, unicast),
        transmit: (packet, to) => this.transmit(packet, to),
        unreachable: packet => resolver.unreachable(packet),
      });
    }
  }

  get name(): string {
    return this.device.name;
  }

  get mtu(): number {
    return this.device.mtu;
  }

  /**
   * Hands a packet, whose window begins with the IP header, to the device. False when that is full; the
   * packet is then counted as dropped. Leaves the window as it was.
   */
  transmit(packet: PacketBuffer, to: MacAddress, type = etherTypeOf(packet)): boolean {
    const { device } = this;
    const canComplete = packet.checksum !== "partial" || device.offload.checksum;
    if (!canComplete) assert(false, `${device.name} cannot complete a partial checksum`);
    const { start } = packet;
    if (device.medium === "ethernet") prependEthernet(packet, type, this.mac, to);
    const taken = device.transmit(packet);
    if (taken) this.#context.frameWatch?.(this, "out", packet);
    packet.start = start;
    if (!taken) this.#context.dropped("queue-full", packet);
    return taken;
  }
}

function etherTypeOf(packet: PacketBuffer): number {
  return (packet.bytes[packet.start] as number) >>> 4 === 6 ? ETHER_TYPE.ipv6 : ETHER_TYPE.ipv4;
}

/** The interfaces of a host, by index. */
export class Interfaces {
  readonly #all: NetInterface[] = [];
  /** The one that packets to the host itself pass through. */
  loopback: NetInterface | undefined;

  get nextIndex(): number {
    return this.#all.length + 1;
  }

  add(iface: NetInterface): void {
    this.#all.push(iface);
  }

  get(index: number): NetInterface | undefined {
    return this.#all[index - 1];
  }

  all(): readonly NetInterface[] {
    return this.#all;
  }
}
