/**
 * The network layer of a host: its door. Interfaces, addresses and routes are set here, frames come in,
 * transports register, and paths go out. All parts are made and joined here; `host/` drives it.
 */
import { assert } from "../base/assert.ts";
import type { DropReason } from "../base/drop-reason.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { earlier, type Instant } from "../base/time.ts";
import type { NetDevice } from "../link/net-device.ts";
import { type IpAddress, type IpFamily, solicitedNode } from "../wire/address.ts";
import { ICMPV4_TYPE, ICMPV4_UNREACHABLE } from "../wire/icmpv4.ts";
import { ICMPV6_TYPE, ICMPV6_UNREACHABLE } from "../wire/icmpv6.ts";
import type { MacAddress } from "../wire/mac-address.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../wire/protocol.ts";
import { Addresses, type InterfaceAddress } from "./addresses.ts";
import { Arp } from "./arp.ts";
import { DuplicateDetection } from "./dad.ts";
import { ArrivedFrame } from "./ethernet.ts";
import { Forward } from "./forward.ts";
import { GroupLoop } from "./group-loop.ts";
import { ErrorDelivery } from "./icmp/error-delivery.ts";
import { Icmpv4 } from "./icmp/icmpv4.ts";
import { Icmpv6 } from "./icmp/icmpv6.ts";
import { type Ping, type PingListener, Pings } from "./icmp/ping.ts";
import { IcmpRateLimit } from "./icmp/rate-limit.ts";
import { Interfaces, NetInterface } from "./interface.ts";
import { Ipv4Input } from "./ipv4/input.ts";
import { Ipv4Output } from "./ipv4/output.ts";
import { Ipv6Input } from "./ipv6/input.ts";
import { Ipv6Output } from "./ipv6/output.ts";
import { LINK_LOCAL_PREFIX, linkLocalFor } from "./link-local.ts";
import { Ndp } from "./ndp.ts";
import type { NeighborState } from "./neighbor-cache.ts";
import { type NetContext, type NetOptions, netConfig } from "./net-context.ts";
import { type NetCounters, newNetCounters } from "./net-counters.ts";
import { NextHops } from "./next-hop.ts";
import { Paths } from "./path.ts";
import { PathMtuCache } from "./path-mtu.ts";
import { Routes } from "./routes.ts";
import type { NetPath, Transport } from "./transport.ts";
import { Transports } from "./transports.ts";

export interface NeighborEntry {
  readonly interfaceIndex: number;
  readonly address: IpAddress;
  /** Undefined while it is not known. */
  readonly mac: MacAddress | undefined;
  readonly state: NeighborState;
  readonly isRouter: boolean;
}

export class Net {
  readonly routes = new Routes();
  readonly counters: NetCounters = newNetCounters();
  readonly pathMtu = new PathMtuCache();
  /** Of it what transports have proved that need proof: TCP. */
  readonly provenMtu = new PathMtuCache();
  readonly #context: NetContext;
  readonly #interfaces = new Interfaces();
  readonly #addresses = new Addresses();
  readonly #transports = new Transports();
  readonly #frame = new ArrivedFrame();
  readonly #detection: DuplicateDetection;
  readonly #arp: Arp;
  readonly #ndp: Ndp;
  readonly #loop: GroupLoop;
  readonly #paths: Paths;
  readonly #pings: Pings;
  readonly #errors: ErrorDelivery;
  readonly #icmpv4: Icmpv4;
  readonly #icmpv6: Icmpv6;
  readonly #ipv4: Ipv4Input;
  readonly #ipv6: Ipv6Input;

  constructor(context: NetContext, options: NetOptions = {}) {
    const config = netConfig(options);
    const { counters, pathMtu, provenMtu, routes } = this;
    const interfaces = this.#interfaces;
    const addresses = this.#addresses;
    const transports = this.#transports;
    const { random } = context;
    this.#context = context;

    // The link: who has an address.
    this.#detection = new DuplicateDetection(context, addresses, {
      probe: local => this.#ask(local, "probe"),
      announce: local => this.#ask(local, "announce"),
    });
    this.#arp = new Arp(context, addresses, counters.arp, this.#detection);
    this.#ndp = new Ndp(config, interfaces, addresses, counters.ndp, this.#detection);

    // Out.
    const hops = new NextHops(config, interfaces, addresses, routes);
    this.#loop = new GroupLoop(context, (iface, packet) => this.#receiveOwn(iface, packet));
    const ipv4 = new Ipv4Output(config, counters.ipv4, random, this.#loop);
    const ipv6 = new Ipv6Output(config, counters.ipv6, random, this.#loop);
    const paths = new Paths({ context, hops, routes, addresses, pathMtu, provenMtu, ipv4, ipv6 });
    this.#paths = paths;

    // ICMP.
    this.#pings = new Pings(paths, random);
    this.#errors = new ErrorDelivery(addresses, paths, transports);
    const limit = new IcmpRateLimit({ random });
    const icmpParts = { context, addresses, paths, errors: this.#errors, pings: this.#pings, limit };
    this.#icmpv4 = new Icmpv4(icmpParts, counters.icmpv4);
    this.#icmpv6 = new Icmpv6(icmpParts, this.#ndp, counters.icmpv6);
    transports.set(IP_PROTOCOL.icmpv4, this.#icmpv4);
    transports.set(IP_PROTOCOL.icmpv6, this.#icmpv6);

    // In, and through.
    const icmp = { icmpv4: this.#icmpv4, icmpv6: this.#icmpv6 };
    const forward = new Forward({ config, addresses, hops, counters, ...icmp });
    const inputParts = { context, config, addresses, transports, forward };
    this.#ipv4 = new Ipv4Input(inputParts, this.#icmpv4, counters.ipv4);
    this.#ipv6 = new Ipv6Input(inputParts, this.#icmpv6, counters.ipv6);
  }

  /**
   * The device is not attached to: its frames are to be brought to `receive`. Without a MAC one is drawn.
   */
  addInterface(device: NetDevice, options: { readonly mac?: MacAddress } = {}): NetInterface {
    const isEthernet = device.medium === "ethernet";
    const mac = isEthernet ? (options.mac ?? this.#drawMac()) : undefined;
    const iface = new NetInterface(this.#interfaces.nextIndex, device, mac, this.#context, {
      solicit: (on, neighbor, unicast) =>
        neighbor.address.family === 4
          ? this.#arp.solicit(on, neighbor, unicast)
          : this.#ndp.solicit(on, neighbor, unicast),
      unreachable: packet => this.#unreachable(packet),
    });
    this.#interfaces.add(iface);
    if (mac !== undefined) this.addAddress(iface.index, linkLocalFor(mac), LINK_LOCAL_PREFIX);
    return iface;
  }

  interfaces(): readonly NetInterface[] {
    return this.#interfaces.all();
  }

  /** A frame has arrived, or on an IP device a packet. Borrowed; its bytes and window may change. */
  receive(interfaceIndex: number, frame: PacketBuffer): void {
    const iface = this.#interface(interfaceIndex);
    const { start, end } = frame;
    const dropped =
      iface.device.medium === "ethernet" ? this.#receiveFrame(iface, frame) : this.#receiveIp(iface, frame);
    if (dropped === undefined) return;
    frame.start = start;
    frame.end = end;
    this.#context.dropped(dropped, frame);
  }

  /** The device has room again. Nothing waits here for that: transports keep what could not be sent. */
  writable(interfaceIndex: number): void {
    this.#interface(interfaceIndex);
    for (const transport of this.#transports.all()) transport.writable?.();
  }

  /**
   * Gives an interface an address, and routes its subnet there. 127.0.0.1 or ::1 makes it the loopback
   * interface. On Ethernet the address may be used once a second has shown that nobody else has it, unless
   * `duplicateDetection` is false; `announce`: it is taken over at once, and the link is told by whom.
   */
  addAddress(
    interfaceIndex: number,
    address: IpAddress,
    prefixLength: number,
    options: { readonly duplicateDetection?: boolean; readonly announce?: boolean } = {},
  ): void {
    const iface = this.#interface(interfaceIndex);
    assert(!address.isMulticast && !address.isUnspecified, `${address} is no host's address`);
    const detects = (options.duplicateDetection ?? true) && iface.neighbors !== undefined;
    const state = detects ? "tentative" : "preferred";
    const local = this.#addresses.add(address, prefixLength, interfaceIndex, state);
    if (local === undefined) return;
    if (address.family === 6) iface.groups.join(solicitedNode(address));
    if (address.isLoopback) this.#chooseLoopback();
    // What is a subnet of its own needs no way there.
    else if (prefixLength < address.size * 8)
      local.connected = this.#connect(interfaceIndex, address, prefixLength);
    if (detects) this.#detection.start(local);
    else if (options.announce === true && iface.neighbors !== undefined) this.#detection.announce(local);
  }

  removeAddress(interfaceIndex: number, address: IpAddress): void {
    const local = this.#addresses.on(interfaceIndex, address);
    if (local === undefined) return;
    if (address.family === 6) this.#interface(interfaceIndex).groups.leave(solicitedNode(address));
    if (local.connected !== undefined) this.routes.remove(local.connected);
    this.#detection.stop(local);
    this.#addresses.remove(local);
    if (address.isLoopback) this.#chooseLoopback();
  }

  addresses(): readonly InterfaceAddress[] {
    return this.#addresses.all();
  }

  joinGroup(interfaceIndex: number, group: IpAddress): void {
    this.#interface(interfaceIndex).groups.join(group);
  }

  leaveGroup(interfaceIndex: number, group: IpAddress): boolean {
    return this.#interface(interfaceIndex).groups.leave(group);
  }

  setTransport(protocol: number, transport: Transport): void {
    this.#transports.set(protocol, transport);
  }

  /** The way to `remote`, from `local` if one is given; or why there is none. */
  pathTo(remote: IpAddress, local?: IpAddress, interfaceIndex = 0): NetPath | ErrorCode {
    return this.#paths.to(remote, local, interfaceIndex);
  }

  /** The way back to whom a packet came from, for one answer: borrowed until the next call. */
  pathBack(remote: IpAddress, local: IpAddress): NetPath | ErrorCode {
    return this.#paths.back(remote, local);
  }

  /** Whether the address is one of this host's, and usable. */
  isLocal(address: IpAddress): boolean {
    return this.#addresses.isLocal(address);
  }

  isBroadcast(address: IpAddress, interfaceIndex?: number): boolean {
    return this.#addresses.isBroadcast(address, interfaceIndex);
  }

  /** Undefined when all identifiers are taken. */
  openPing(family: IpFamily, listener: PingListener): Ping | undefined {
    return this.#pings.open(family, listener);
  }

  neighbors(): readonly NeighborEntry[] {
    return this.#interfaces.all().flatMap(({ index, neighbors }) =>
      (neighbors?.entries() ?? []).map(neighbor => ({
        interfaceIndex: index,
        address: neighbor.address,
        mac: neighbor.isResolved ? neighbor.mac : undefined,
        state: neighbor.state,
        isRouter: neighbor.isRouter,
      })),
    );
  }

  /** When `expire` has something to do; it may turn out to be nothing. */
  get deadline(): Instant {
    let deadline = earlier(this.#detection.deadline, this.pathMtu.deadline);
    deadline = earlier(deadline, this.provenMtu.deadline);
    deadline = earlier(deadline, this.#loop.deadline);
    deadline = earlier(deadline, this.#ipv4.reassembly.deadline);
    deadline = earlier(deadline, this.#ipv6.reassembly.deadline);
    for (const { neighbors } of this.#interfaces.all()) {
      if (neighbors !== undefined) deadline = earlier(deadline, neighbors.deadline);
    }
    return deadline;
  }

  /** Runs the timers that are due. */
  expire(): void {
    const { now } = this.#context;
    this.#loop.expire();
    this.#detection.expire();
    for (const { neighbors } of this.#interfaces.all()) neighbors?.expire();
    this.#ipv4.reassembly.expire(now);
    this.#ipv6.reassembly.expire(now);
    this.pathMtu.expire(now);
    this.provenMtu.expire(now);
  }

  #receiveFrame(iface: NetInterface, frame: PacketBuffer): DropReason | undefined {
    const arrived = this.#frame;
    const problem = arrived.read(frame, iface.mac);
    if (problem !== undefined) return problem;
    switch (arrived.type) {
      case ETHER_TYPE.ipv4:
        return this.#ipv4.receive(iface, frame, arrived.isGroup);
      case ETHER_TYPE.ipv6:
        return this.#ipv6.receive(iface, frame, arrived.isGroup);
      case ETHER_TYPE.arp:
        return this.#arp.receive(iface, frame);
      default:
        return "frame-unknown-type";
    }
  }

  #receiveIp(iface: NetInterface, packet: PacketBuffer, isOwn?: boolean): DropReason | undefined {
    if (packet.length === 0) return "ip-truncated";
    const version = (packet.bytes[packet.start] as number) >>> 4;
    if (version === 4) return this.#ipv4.receive(iface, packet, false, isOwn);
    return version === 6 ? this.#ipv6.receive(iface, packet, false, isOwn) : "ip-bad-version";
  }

  /** What goes to a group and was sent here. */
  #receiveOwn(iface: NetInterface, packet: PacketBuffer): void {
    const { start, end } = packet;
    packet.receivedAt = this.#context.now;
    const dropped = this.#receiveIp(iface, packet, true);
    if (dropped === undefined) return;
    packet.start = start;
    packet.end = end;
    this.#context.dropped(dropped, packet);
  }

  /**
   * Tells the sender of a packet, with its IP header at `network`, that there is no way to the network or the
   * host that it is for: RFC 1812 §5.2.7.1, RFC 4443 §3.1.
   */
  answerUnreachable(packet: PacketBuffer, what: "network" | "host"): void {
    if ((packet.bytes[packet.network] as number) >>> 4 === 4) {
      const { destinationUnreachable } = ICMPV4_TYPE;
      this.#icmpv4.sendError(packet, destinationUnreachable, ICMPV4_UNREACHABLE[what], false, 0);
    } else {
      const { destinationUnreachable } = ICMPV6_TYPE;
      const code = what === "host" ? ICMPV6_UNREACHABLE.address : ICMPV6_UNREACHABLE.noRoute;
      this.#icmpv6.sendError(packet, destinationUnreachable, code, false, 0);
    }
  }

  /** A neighbor did not answer: RFC 1122 §2.3.2.2, RFC 4861 §7.2.2. */
  #unreachable(packet: PacketBuffer): void {
    if (this.#errors.hostUnreachable(packet)) return;
    packet.network = packet.start;
    this.answerUnreachable(packet, "host");
  }

  #ask(local: InterfaceAddress, question: "probe" | "announce"): void {
    const iface = this.#interface(local.interfaceIndex);
    if (local.address.family === 6) this.#ndp[question](iface, local.address);
    else this.#arp[question](iface, local.address);
  }

  #chooseLoopback(): void {
    const interfaces = this.#interfaces;
    const locals = this.#addresses.all().filter(({ address }) => address.isLoopback);
    for (const iface of interfaces.all()) {
      iface.isLoopback = locals.some(({ interfaceIndex }) => interfaceIndex === iface.index);
    }
    interfaces.loopback = interfaces.all().find(iface => iface.isLoopback);
  }

  /** The route to the subnet of an interface's address. */
  #connect(interfaceIndex: number, destination: IpAddress, prefixLength: number): ReturnType<Routes["add"]> {
    const unset = { gateway: undefined, source: undefined, mtu: undefined };
    return this.routes.add({ destination, prefixLength, interfaceIndex, metric: 0, ...unset });
  }

  /** A locally administered address: IEEE 802c. */
  #drawMac(): MacAddress {
    const { random } = this.#context;
    return (0x0200_0000_0000 + (random.uint32() % 0x1_00) * 0x1_0000_0000 + random.uint32()) as MacAddress;
  }

  #interface(index: number): NetInterface {
    const iface = this.#interfaces.get(index);
    assert(iface !== undefined, "there is no such interface");
    return iface;
  }
}
