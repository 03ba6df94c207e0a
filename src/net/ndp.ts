/**
 * Neighbor discovery: RFC 4861 §7.1 (validation), §7.2 (address resolution); duplicate addresses: RFC 4862
 * §5.4.
 *
 * Router solicitations and advertisements (§6) and redirects (§8) are validated and go no further: whoever
 * configures the host from them (services/, later) takes them over in `#receiveFromRouter`.
 */
import { writeUint16 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { ALL_NODES, ANY_V6, IpAddress, solicitedNode } from "../wire/address.ts";
import { ICMPV6_TYPE, icmpv6Checksum } from "../wire/icmpv6.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { isGroupMac, type MacAddress, multicastMac } from "../wire/mac-address.ts";
import { NeighborAdvertisement, NeighborSolicitation } from "../wire/ndp.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import type { Addresses } from "./addresses.ts";
import type { ConflictListener } from "./arp.ts";
import type { Interfaces, NetInterface } from "./interface.ts";
import type { Neighbor } from "./neighbor-cache.ts";
import type { NetConfig } from "./net-context.ts";
import type { NeighborCounters } from "./net-counters.ts";
import type { Delivery } from "./transport.ts";

/** §7.1: a packet with this hop limit has not crossed a router. */
const ON_LINK_HOP_LIMIT = 255;
const SOURCE_OFFSET = 8;

export class Ndp {
  readonly #config: NetConfig;
  readonly #interfaces: Interfaces;
  readonly #addresses: Addresses;
  readonly #counters: NeighborCounters;
  readonly #conflicts: ConflictListener;
  readonly #solicitation = new NeighborSolicitation();
  readonly #advertisement = new NeighborAdvertisement();
  readonly #header = new Ipv6Header();
  readonly #scratch = new PacketBuffer(512);

  constructor(
    config: NetConfig,
    interfaces: Interfaces,
    addresses: Addresses,
    counters: NeighborCounters,
    conflicts: ConflictListener,
  ) {
    this.#config = config;
    this.#interfaces = interfaces;
    this.#addresses = addresses;
    this.#counters = counters;
    this.#conflicts = conflicts;
  }

  /** A neighbor discovery message, its ICMPv6 checksum verified. */
  receive(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    if (delivery.hopLimit !== ON_LINK_HOP_LIMIT) return "ndp-hop-limit";
    const iface = this.#interfaces.get(delivery.interfaceIndex);
    if (iface?.neighbors === undefined) return "ndp-malformed";
    switch (packet.bytes[packet.transport]) {
      case ICMPV6_TYPE.neighborSolicitation:
        return this.#receiveSolicitation(iface, packet, delivery);
      case ICMPV6_TYPE.neighborAdvertisement:
        return this.#receiveAdvertisement(iface, packet, delivery);
      default:
        return this.#receiveFromRouter();
    }
  }

  #receiveFromRouter(): DropReason | undefined {
    return undefined;
  }

  /** §7.1.1, §7.2.3 and RFC 4862 §5.4.3. */
  #receiveSolicitation(
    iface: NetInterface,
    packet: PacketBuffer,
    { source, destination }: Readonly<Delivery>,
  ): DropReason | undefined {
    const message = this.#solicitation;
    const problem = message.read(packet.bytes, packet.transport, packet.end);
    if (problem !== undefined) return problem;
    const { target } = message;
    const linkLayer = message.options.sourceLinkLayer;
    // Somebody wants the address for himself: he asks without having one yet.
    const isProbe = source.isUnspecified;
    // RFC 1812 §3.3.2: nobody's address is a group's.
    if (linkLayer !== undefined && isGroupMac(linkLayer)) return "ndp-malformed";
    if (isProbe && (linkLayer !== undefined || !destination.equals(solicitedNode(target)))) {
      return "ndp-malformed";
    }
    this.#counters.requestsReceived++;
    const local = this.#addresses.on(iface.index, target);
    if (local === undefined || local.state === "duplicate") return "arp-not-for-us";
    if (local.state === "tentative") {
      if (!isProbe) return "arp-not-for-us";
      this.#counters.conflicts++;
      this.#conflicts.conflict(local);
      return "arp-conflict";
    }
    if (!isProbe && linkLayer !== undefined) iface.neighbors?.heard(source, linkLayer);
    this.#advertise(iface, target, isProbe ? ALL_NODES : source, linkLayer);
    return undefined;
  }

  /** §7.1.2, §7.2.5 and RFC 4862 §5.4.4. */
  #receiveAdvertisement(
    iface: NetInterface,
    packet: PacketBuffer,
    { destination }: Readonly<Delivery>,
  ): DropReason | undefined {
    const message = this.#advertisement;
    const problem = message.read(packet.bytes, packet.transport, packet.end);
    if (problem !== undefined) return problem;
    if (destination.isMulticast && message.solicited) return "ndp-malformed";
    const linkLayer = message.options.targetLinkLayer;
    if (linkLayer !== undefined && isGroupMac(linkLayer)) return "ndp-malformed";
    this.#counters.repliesReceived++;
    const local = this.#addresses.on(iface.index, message.target);
    // A duplicate is the other station's: it is a neighbor like any.
    if (local !== undefined && local.state !== "duplicate") {
      this.#counters.conflicts++;
      this.#conflicts.conflict(local);
      return "arp-conflict";
    }
    iface.neighbors?.advertised(message.target, linkLayer, message);
    return undefined;
  }

  /** §7.2.2: asks for a neighbor's address, or, in PROBE, whether he is still there. */
  solicit(iface: NetInterface, neighbor: Neighbor, unicast: MacAddress | undefined): void {
    const source = this.#speakFrom(iface, neighbor);
    if (source === undefined) return;
    const message = this.#solicitation;
    message.target = neighbor.address;
    message.options.clear();
    message.options.sourceLinkLayer = iface.mac;
    this.#counters.requestsSent++;
    const to = unicast === undefined ? solicitedNode(neighbor.address) : neighbor.address;
    const packet = this.#build(source, to, message);
    iface.transmit(packet, unicast ?? multicastMac(to));
  }

  /** RFC 4862 §5.4.2: asks whether an address is free. */
  probe(iface: NetInterface, address: IpAddress): void {
    const message = this.#solicitation;
    message.target = address;
    message.options.clear();
    this.#counters.requestsSent++;
    const to = solicitedNode(address);
    iface.transmit(this.#build(ANY_V6, to, message), multicastMac(to));
  }

  /** Tells the link whose the address is now, unasked: §7.2.6. */
  announce(iface: NetInterface, address: IpAddress): void {
    this.#advertise(iface, address, ALL_NODES, undefined);
  }

  /**
   * §7.2.4. Who told his link-layer address gets the answer there: by way of his entry it would be the first
   * packet to a STALE neighbor, and have him probed.
   */
  #advertise(iface: NetInterface, target: IpAddress, to: IpAddress, mac: MacAddress | undefined): void {
    const message = this.#advertisement;
    message.target = target;
    message.isRouter = this.#config.forwarding;
    message.solicited = !to.isMulticast;
    message.override = true;
    message.options.clear();
    message.options.targetLinkLayer = iface.mac;
    this.#counters.repliesSent++;
    const packet = this.#build(target, to, message);
    if (to.isMulticast) iface.transmit(packet, multicastMac(to));
    else if (mac !== undefined) iface.transmit(packet, mac);
    else iface.neighbors?.send(iface.neighbors.entry(to), packet);
  }

  /**
   * §7.2.2: the source of the packet that waits if the interface has it, else any address of the interface.
   */
  #speakFrom(iface: NetInterface, neighbor: Neighbor): IpAddress | undefined {
    const waiting = neighbor.queue[0];
    if (waiting !== undefined) {
      const source = IpAddress.read(6, waiting.bytes, waiting.start + SOURCE_OFFSET);
      if (this.#addresses.usable(source, iface.index) !== undefined) return source;
    }
    return this.#addresses.firstOf(iface.index, 6)?.address;
  }

  #build(
    source: IpAddress,
    destination: IpAddress,
    message: NeighborSolicitation | NeighborAdvertisement,
  ): PacketBuffer {
    const packet = this.#scratch;
    packet.reset();
    const { bytes } = packet;
    const { size } = message;
    const network = packet.append(IPV6_HEADER_SIZE + size);
    const transport = network + IPV6_HEADER_SIZE;
    const header = this.#header;
    header.payloadLength = size;
    header.nextHeader = IP_PROTOCOL.icmpv6;
    header.hopLimit = ON_LINK_HOP_LIMIT;
    header.source = source;
    header.destination = destination;
    header.write(bytes, network);
    message.write(bytes, transport);
    writeUint16(bytes, transport + 2, icmpv6Checksum(source, destination, bytes, transport, packet.end));
    packet.network = network;
    packet.transport = transport;
    return packet;
  }
}
