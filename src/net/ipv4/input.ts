/**
 * A packet has arrived: RFC 791 §3.2 (unknown options are skipped, RFC 9293 §3.9.2, MUST-50), RFC 1122
 * §3.2.1 and §3.3, RFC 1812 §5.2. It is checked, and then it is for us, to be forwarded, or dropped; what is
 * for us is put together if it was cut and handed to its protocol.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { PacketBuffer } from "../../base/packet-buffer.ts";
import { ANY_V4, type IpAddress } from "../../wire/address.ts";
import { ICMP_TIME_EXCEEDED } from "../../wire/icmp-header.ts";
import { ICMPV4_PARAMETER_PROBLEM, ICMPV4_TYPE, ICMPV4_UNREACHABLE } from "../../wire/icmpv4.ts";
import { IPV4_HEADER_SIZE, Ipv4Header, ipv4ChecksumIsGood } from "../../wire/ipv4.ts";
import { Ipv4Options } from "../../wire/ipv4-options.ts";
import type { Addresses } from "../addresses.ts";
import type { Forward } from "../forward.ts";
import type { Icmpv4 } from "../icmp/icmpv4.ts";
import type { NetInterface } from "../interface.ts";
import type { NetConfig, NetContext } from "../net-context.ts";
import type { IpCounters } from "../net-counters.ts";
import { type Fragment, Reassembly } from "../reassembly.ts";
import { type Delivery, isUnclaimed } from "../transport.ts";
import type { Transports } from "../transports.ts";

export interface IpInputParts {
  readonly context: NetContext;
  readonly config: NetConfig;
  readonly addresses: Addresses;
  readonly transports: Transports;
  readonly forward: Forward;
}

export class Ipv4Input {
  readonly #parts: IpInputParts;
  readonly #icmp: Icmpv4;
  readonly #counters: IpCounters;
  readonly #header = new Ipv4Header();
  readonly #options = new Ipv4Options();
  readonly #reassembly: Reassembly;
  readonly #delivery: Delivery = {
    source: ANY_V4,
    destination: ANY_V4,
    protocol: 0,
    hopLimit: 0,
    trafficClass: 0,
    isGroup: false,
    interfaceIndex: 0,
  };
  readonly #fragment: Fragment = {
    source: ANY_V4,
    destination: ANY_V4,
    protocol: 0,
    identification: 0,
    offset: 0,
    more: false,
    interfaceIndex: 0,
    payload: 0,
    nextHeaderAt: -1,
  };

  constructor(parts: IpInputParts, icmp: Icmpv4, counters: IpCounters) {
    this.#parts = parts;
    this.#icmp = icmp;
    this.#counters = counters;
    this.#reassembly = new Reassembly({
      family: 4,
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
    const { addresses } = this.#parts;
    const header = this.#header;
    const { bytes, start } = packet;
    const malformed = header.read(bytes, start, packet.end);
    if (malformed !== undefined) return malformed;
    if (!ipv4ChecksumIsGood(bytes, start, header.headerLength)) return "ip-bad-checksum";
    packet.network = start;
    packet.end = start + header.totalLength;
    packet.transport = start + header.headerLength;

    const { destination } = header;
    const isGroup = destination.isMulticast || addresses.isBroadcast(destination, iface.index);
    // RFC 1122 §3.3.6: what came to everybody on the link must also be meant for many.
    if (isLinkGroup && !isGroup) return "ip-not-for-us";
    if (this.#isMartian(isOwn, header.source, destination, isGroup)) return "ip-bad-source";
    this.#fillDelivery(iface, isGroup);
    const refused = header.headerLength > IPV4_HEADER_SIZE ? this.#checkOptions(packet) : undefined;
    if (refused !== undefined) return refused;

    if (!this.#isForUs(iface, destination, isGroup)) {
      return this.#parts.forward.ipv4(packet, iface, header, isGroup);
    }
    const isFragment = header.moreFragments || header.fragmentOffset > 0;
    return isFragment ? this.#reassemble(packet) : this.#deliver(packet);
  }

  /**
   * RFC 1812 §5.3.7, RFC 1122 §3.2.1.3: a source is one host, and neither us nor a loopback address out on a
   * wire.
   */
  #isMartian(isOwn: boolean, source: IpAddress, destination: IpAddress, isGroup: boolean): boolean {
    if (source.isMulticast || source.w3 >>> 28 === 0xf) return true;
    // Without an address yet one may only speak to all: RFC 1122 §3.2.1.3 (a).
    if (source.w3 >>> 24 === 0) return !(source.isUnspecified && isGroup);
    if (this.#parts.addresses.isBroadcast(source)) return true;
    if (isOwn) return false;
    return source.isLoopback || destination.isLoopback || this.#parts.addresses.isLocal(source);
  }

  /** RFC 1122 §3.2.1.8: source routes are refused; malformed options are told of. */
  #checkOptions(packet: PacketBuffer): DropReason | undefined {
    const options = this.#options;
    const { optionsStart, optionsEnd } = this.#header;
    if (options.read(packet.bytes, optionsStart, optionsEnd) === undefined) {
      return options.sourceRouteAt >= 0 ? "ip-source-route" : undefined;
    }
    const pointer = options.malformedAt - packet.network;
    const { parameterProblem } = ICMPV4_TYPE;
    this.#refuse(packet, parameterProblem, ICMPV4_PARAMETER_PROBLEM.pointer, pointer << 24);
    return "ip-bad-options";
  }

  #isForUs(iface: NetInterface, destination: IpAddress, isGroup: boolean): boolean {
    if (destination.isMulticast) return iface.groups.has(destination);
    if (isGroup) return true;
    const isAnywhere = iface.isLoopback || this.#parts.config.hostModel === "weak";
    return this.#parts.addresses.isLocal(destination, isAnywhere ? undefined : iface.index);
  }

  #reassemble(packet: PacketBuffer): DropReason | undefined {
    this.#counters.fragmentsReceived++;
    const header = this.#header;
    const fragment = this.#fragment;
    fragment.source = header.source;
    fragment.destination = header.destination;
    fragment.protocol = header.protocol;
    fragment.identification = header.identification;
    fragment.offset = header.fragmentOffset;
    fragment.more = header.moreFragments;
    fragment.interfaceIndex = this.#delivery.interfaceIndex;
    fragment.payload = packet.transport;
    const whole = this.#reassembly.receive(packet, fragment, this.#parts.context.now);
    if (whole === undefined || typeof whole === "string") return whole;
    this.#counters.reassembled++;
    this.#delivery.trafficClass = whole.bytes[whole.network + 1] as number;
    return this.#deliver(whole);
  }

  #deliver(packet: PacketBuffer): DropReason | undefined {
    const delivery = this.#delivery;
    const transport = this.#parts.transports.get(delivery.protocol);
    const { destinationUnreachable } = ICMPV4_TYPE;
    if (transport === undefined) {
      this.#refuse(packet, destinationUnreachable, ICMPV4_UNREACHABLE.protocol);
      return "ip-unknown-protocol";
    }
    this.#counters.delivered++;
    const dropped = transport.receive(packet, delivery);
    if (isUnclaimed(dropped) && this.#parts.context.unclaimed?.(packet) === true) return undefined;
    if (dropped === "udp-no-port") this.#refuse(packet, destinationUnreachable, ICMPV4_UNREACHABLE.port);
    return dropped;
  }

  #refuse(packet: PacketBuffer, type: number, code: number, parameter = 0): void {
    const { isGroup, interfaceIndex } = this.#delivery;
    this.#icmp.sendError(packet, type, code, isGroup, interfaceIndex, parameter);
  }

  /** RFC 792: only when the first fragment, which can be quoted, had come. */
  #reassemblyTimedOut(first: PacketBuffer, interfaceIndex: number): void {
    this.#icmp.sendError(
      first,
      ICMPV4_TYPE.timeExceeded,
      ICMP_TIME_EXCEEDED.reassembly,
      false,
      interfaceIndex,
    );
  }

  #fillDelivery(iface: NetInterface, isGroup: boolean): void {
    const header = this.#header;
    const delivery = this.#delivery;
    delivery.source = header.source;
    delivery.destination = header.destination;
    delivery.protocol = header.protocol;
    delivery.hopLimit = header.hopLimit;
    delivery.trafficClass = header.trafficClass;
    delivery.isGroup = isGroup;
    delivery.interfaceIndex = iface.index;
  }
}
