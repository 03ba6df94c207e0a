/**
 * A packet has arrived: RFC 8200 §3 and §4. It is checked, and then it is for us, to be forwarded, or
 * dropped; for us the extension headers are gone through in order, fragments put together, and the rest
 * handed to its protocol.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { PacketBuffer } from "../../base/packet-buffer.ts";
import { ANY_V6, type IpAddress } from "../../wire/address.ts";
import { ICMP_TIME_EXCEEDED } from "../../wire/icmp-header.ts";
import { ICMPV6_PARAMETER_PROBLEM, ICMPV6_TYPE, ICMPV6_UNREACHABLE } from "../../wire/icmpv6.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../../wire/ipv6.ts";
import { ExtensionChain, FRAGMENT_HEADER_SIZE } from "../../wire/ipv6-extensions.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import type { Icmpv6 } from "../icmp/icmpv6.ts";
import type { NetInterface } from "../interface.ts";
import type { IpInputParts } from "../ipv4/input.ts";
import type { IpCounters } from "../net-counters.ts";
import { type Fragment, Reassembly } from "../reassembly.ts";
import { type Delivery, isUnclaimed } from "../transport.ts";

/**
 * RFC 8200 §4.5: where errors about fragments point, from the start of the packet and of the fragment
 * header.
 */
const PAYLOAD_LENGTH_AT = 4;
const FRAGMENT_OFFSET_AT = 2;

export class Ipv6Input {
  readonly #parts: IpInputParts;
  readonly #icmp: Icmpv6;
  readonly #counters: IpCounters;
  readonly #header = new Ipv6Header();
  readonly #chain = new ExtensionChain();
  readonly #reassembly: Reassembly;
  readonly #delivery: Delivery = {
    source: ANY_V6,
    destination: ANY_V6,
    protocol: 0,
    hopLimit: 0,
    trafficClass: 0,
    isGroup: false,
    interfaceIndex: 0,
  };
  readonly #fragment: Fragment = {
    source: ANY_V6,
    destination: ANY_V6,
    protocol: 0,
    identification: 0,
    offset: 0,
    more: false,
    interfaceIndex: 0,
    payload: 0,
    nextHeaderAt: 0,
  };

  constructor(parts: IpInputParts, icmp: Icmpv6, counters: IpCounters) {
    this.#parts = parts;
    this.#icmp = icmp;
    this.#counters = counters;
    this.#reassembly = new Reassembly({
      family: 6,
      dropped: reason => parts.context.dropped(reason),
      timedOut: (first, interfaceIndex) => this.#reassemblyTimedOut(first, interfaceIndex),
    });
  }

  /** When incomplete datagrams are given up. */
  get reassembly(): Reassembly {
    return this.#reassembly;
  }

  /**
   * @param isLinkGroup It came by broadcast or multicast on the link.
   * @param isOwn It never left this host.
   */
  receive(
    iface: NetInterface,
    packet: PacketBuffer,
    isLinkGroup: boolean,
    isOwn = iface.isLoopback,
  ): DropReason | undefined {
    this.#counters.received++;
    const header = this.#header;
    const { bytes, start } = packet;
    const malformed = header.read(bytes, start, packet.end);
    if (malformed !== undefined) return malformed;
    packet.network = start;
    packet.transport = start + IPV6_HEADER_SIZE;
    // A payload length of zero is that of an empty packet or a jumbogram: the chain tells.
    if (header.payloadLength > 0 || header.nextHeader !== IP_PROTOCOL.hopByHop) {
      packet.end = packet.transport + header.payloadLength;
    }
    const { source, destination } = header;
    const isGroup = isLinkGroup || destination.isMulticast;
    if (this.#isMartian(isOwn, source, destination)) return "ip-bad-source";
    this.#fillDelivery(iface, isGroup);
    if (!this.#isForUs(iface, destination)) {
      return this.#parts.forward.ipv6(packet, iface, header, isGroup);
    }
    return this.#walk(packet, false);
  }

  /** RFC 4291 §2.5.2, §2.5.3 and §2.7: what a source may not be, and what stays within a host. */
  #isMartian(isOwn: boolean, source: IpAddress, destination: IpAddress): boolean {
    if (source.isMulticast || source.isMappedV4 || destination.isMappedV4) return true;
    if (source.isUnspecified) return !destination.isMulticast;
    if (isOwn) return false;
    return source.isLoopback || destination.isLoopback || this.#parts.addresses.isLocal(source);
  }

  #isForUs(iface: NetInterface, destination: IpAddress): boolean {
    if (destination.isMulticast) return iface.groups.has(destination);
    // A link-local address is one of this link only.
    const isAnywhere =
      iface.isLoopback || (this.#parts.config.hostModel === "weak" && !destination.isLinkLocal);
    return this.#parts.addresses.isLocal(destination, isAnywhere ? undefined : iface.index);
  }

  /** §4: the extension headers, in the order in which they stand. */
  #walk(packet: PacketBuffer, isReassembled: boolean): DropReason | undefined {
    const chain = this.#chain;
    const problem = chain.read(this.#header, packet.bytes, packet.network, packet.end);
    if (problem !== undefined) {
      this.#reportChain(packet);
      return problem;
    }
    packet.transport = chain.offset;
    if (chain.fragmentAt < 0 || chain.fragment.isAtomic) return this.#deliver(packet);
    // Fragments of fragments have no honest use.
    return isReassembled ? "ip-bad-extension-header" : this.#reassemble(packet);
  }

  #reportChain(packet: PacketBuffer): void {
    const { problemReport, problemCode, problemPointer } = this.#chain;
    if (problemReport === "never") return;
    if (problemReport === "unless-multicast" && this.#header.destination.isMulticast) return;
    this.#refuse(packet, ICMPV6_TYPE.parameterProblem, problemCode, problemPointer);
  }

  #reassemble(packet: PacketBuffer): DropReason | undefined {
    this.#counters.fragmentsReceived++;
    const chain = this.#chain;
    const fragment = this.#fragment;
    fragment.source = this.#header.source;
    fragment.destination = this.#header.destination;
    fragment.protocol = chain.fragment.nextHeader;
    fragment.identification = chain.fragment.identification;
    fragment.offset = chain.fragment.offset;
    fragment.more = chain.fragment.moreFragments;
    fragment.interfaceIndex = this.#delivery.interfaceIndex;
    fragment.payload = chain.offset;
    fragment.nextHeaderAt = announcementOf(chain.fragmentAt, packet);
    const whole = this.#reassembly.receive(packet, fragment, this.#parts.context.now);
    if (whole === undefined) return undefined;
    if (typeof whole === "string") {
      this.#reportFragment(packet, whole);
      return whole;
    }
    this.#counters.reassembled++;
    const malformed = this.#header.read(whole.bytes, whole.network, whole.end);
    if (malformed !== undefined) return malformed;
    this.#delivery.trafficClass = this.#header.trafficClass;
    return this.#walk(whole, true);
  }

  /** §4.5, RFC 7112 §5. */
  #reportFragment(packet: PacketBuffer, reason: DropReason): void {
    const { parameterProblem } = ICMPV6_TYPE;
    const { erroneousField, incompleteHeaderChain } = ICMPV6_PARAMETER_PROBLEM;
    const fragmentAt = this.#chain.fragmentAt - packet.network;
    if (reason === "fragment-malformed") {
      this.#refuse(packet, parameterProblem, erroneousField, PAYLOAD_LENGTH_AT);
    } else if (reason === "fragment-too-big") {
      this.#refuse(packet, parameterProblem, erroneousField, fragmentAt + FRAGMENT_OFFSET_AT);
    } else if (reason === "ip-bad-extension-header") {
      this.#refuse(packet, parameterProblem, incompleteHeaderChain, 0);
    }
  }

  #deliver(packet: PacketBuffer): DropReason | undefined {
    const { protocol, nextHeaderAt } = this.#chain;
    if (protocol === IP_PROTOCOL.noNextHeader) return undefined;
    const delivery = this.#delivery;
    delivery.protocol = protocol;
    const transport = this.#parts.transports.get(protocol);
    if (transport === undefined) {
      const { unknownNextHeader } = ICMPV6_PARAMETER_PROBLEM;
      const pointer = nextHeaderAt - packet.network;
      this.#refuse(packet, ICMPV6_TYPE.parameterProblem, unknownNextHeader, pointer);
      return "ip-unknown-protocol";
    }
    this.#counters.delivered++;
    const dropped = transport.receive(packet, delivery);
    if (isUnclaimed(dropped) && this.#parts.context.unclaimed?.(packet) === true) return undefined;
    if (dropped === "udp-no-port") {
      this.#refuse(packet, ICMPV6_TYPE.destinationUnreachable, ICMPV6_UNREACHABLE.port);
    }
    return dropped;
  }

  #refuse(packet: PacketBuffer, type: number, code: number, parameter = 0): void {
    const { isGroup, interfaceIndex } = this.#delivery;
    this.#icmp.sendError(packet, type, code, isGroup, interfaceIndex, parameter);
  }

  /** RFC 4443 §3.3: only when the first fragment, which can be quoted, had come. */
  #reassemblyTimedOut(first: PacketBuffer, interfaceIndex: number): void {
    const { timeExceeded } = ICMPV6_TYPE;
    this.#icmp.sendError(first, timeExceeded, ICMP_TIME_EXCEEDED.reassembly, false, interfaceIndex);
  }

  #fillDelivery(iface: NetInterface, isGroup: boolean): void {
    const header = this.#header;
    const delivery = this.#delivery;
    delivery.source = header.source;
    delivery.destination = header.destination;
    delivery.hopLimit = header.hopLimit;
    delivery.trafficClass = header.trafficClass;
    delivery.isGroup = isGroup;
    delivery.interfaceIndex = iface.index;
  }
}

/**
 * Where the octet stands that names the header at `at`, which the packet's chain has been found to reach.
 */
function announcementOf(at: number, { bytes, network }: PacketBuffer): number {
  let nextHeaderAt = network + 6;
  let next = network + IPV6_HEADER_SIZE;
  while (next < at) {
    const isFragment = bytes[nextHeaderAt] === IP_PROTOCOL.fragment;
    nextHeaderAt = next;
    next += isFragment ? FRAGMENT_HEADER_SIZE : 8 * ((bytes[next + 1] as number) + 1);
  }
  return nextHeaderAt;
}
