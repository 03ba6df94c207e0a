/**
 * ICMPv6: RFC 4443. Echo requests are answered, replies and errors go to those they are for, neighbor
 * discovery to its own file, and the other parts of the layer send their errors through here.
 */
import { writeUint16 } from "../../base/bytes.ts";
import type { DropReason } from "../../base/drop-reason.ts";
import { PacketBuffer } from "../../base/packet-buffer.ts";
import { IpAddress } from "../../wire/address.ts";
import { ICMP_HEADER_SIZE } from "../../wire/icmp-header.ts";
import { ICMPV6_TYPE, icmpv6Checksum } from "../../wire/icmpv6.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import type { Ndp } from "../ndp.ts";
import type { IcmpCounters } from "../net-counters.ts";
import type { Delivery, IcmpError, Transport } from "../transport.ts";
import { mayAnswerIpv6, writeIcmpv6Error } from "./error-messages.ts";
import type { IcmpParts } from "./icmpv4.ts";
import { readIcmpv6Error } from "./received-errors.ts";

/** DSCP without ECN. */
const DSCP = 0xfc;

export class Icmpv6 implements Transport {
  readonly #parts: IcmpParts;
  readonly #ndp: Ndp;
  readonly #counters: IcmpCounters;
  readonly #scratch = new PacketBuffer(2_048);

  constructor(parts: IcmpParts, ndp: Ndp, counters: IcmpCounters) {
    this.#parts = parts;
    this.#ndp = ndp;
    this.#counters = counters;
  }

  receive(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    const { bytes, transport, end } = packet;
    this.#counters.received++;
    if (end - transport < ICMP_HEADER_SIZE) return "icmp-truncated";
    if (icmpv6Checksum(delivery.source, delivery.destination, bytes, transport, end) !== 0) {
      return "icmp-bad-checksum";
    }
    switch (bytes[transport]) {
      case ICMPV6_TYPE.echoRequest:
        return this.#answerEcho(packet, delivery);
      case ICMPV6_TYPE.echoReply:
        return this.#parts.pings.received(packet, delivery);
      case ICMPV6_TYPE.routerSolicitation:
      case ICMPV6_TYPE.routerAdvertisement:
      case ICMPV6_TYPE.neighborSolicitation:
      case ICMPV6_TYPE.neighborAdvertisement:
      case ICMPV6_TYPE.redirect:
        return this.#ndp.receive(packet, delivery);
      case ICMPV6_TYPE.destinationUnreachable:
      case ICMPV6_TYPE.packetTooBig:
      case ICMPV6_TYPE.timeExceeded:
      case ICMPV6_TYPE.parameterProblem:
        return this.#receiveError(packet, delivery);
      default:
        return "icmp-unknown-type";
    }
  }

  icmpError(error: IcmpError): boolean {
    return this.#parts.pings.icmpError(error);
  }

  /**
   * Tells the sender of `offending` (IPv6 header at `network`, arrived at the interface) what was wrong with
   * it.
   * @param parameter The second word of the message: the MTU or the pointer.
   */
  sendError(
    offending: PacketBuffer,
    type: number,
    code: number,
    isGroup: boolean,
    interfaceIndex: number,
    parameter = 0,
  ): void {
    const { context, addresses, paths, limit } = this.#parts;
    if (!mayAnswerIpv6(offending, isGroup, type, code)) return;
    const to = IpAddress.read(6, offending.bytes, offending.network + 8);
    const meant = IpAddress.read(6, offending.bytes, offending.network + 24);
    // RFC 4443 §2.2: from the address that was meant if it is ours, else from one that suits the way back.
    const from = addresses.isLocal(meant) ? meant : undefined;
    const path = paths.to(to, from, to.isLinkLocal ? interfaceIndex : 0);
    if (typeof path === "string") return;
    if (!limit.allow(to, context.now)) {
      context.dropped("icmp-rate-limited");
      return;
    }
    writeIcmpv6Error(this.#scratch, offending, type, code, parameter, path.local, to);
    path.dontFragment = false;
    this.#counters.sent++;
    this.#counters.errorsSent++;
    path.send(this.#scratch, IP_PROTOCOL.icmpv6);
  }

  /** RFC 4443 §4.2: also when it was asked by multicast, then from an address of the interface. */
  #answerEcho(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    const { source, destination, interfaceIndex } = delivery;
    const from = destination.isMulticast ? undefined : destination;
    const isScoped = destination.isMulticast || source.isLinkLocal;
    const path = this.#parts.paths.to(source, from, isScoped ? interfaceIndex : 0);
    if (typeof path === "string") return "ip-no-route";
    path.trafficClass = delivery.trafficClass & DSCP;
    path.dontFragment = false;
    const reply = this.#scratch;
    reply.fill(packet.bytes, packet.transport, packet.end);
    const { bytes, start, end } = reply;
    bytes[start] = ICMPV6_TYPE.echoReply;
    writeUint16(bytes, start + 2, 0);
    writeUint16(bytes, start + 2, icmpv6Checksum(path.local, source, bytes, start, end));
    this.#counters.sent++;
    this.#counters.echoesAnswered++;
    path.send(reply, IP_PROTOCOL.icmpv6);
    return undefined;
  }

  #receiveError(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    this.#counters.errorsReceived++;
    if (delivery.isGroup) return "icmp-malformed";
    const error = readIcmpv6Error(packet.bytes, packet.transport, packet.end, delivery.source);
    return typeof error === "string" ? error : this.#parts.errors.deliver(error);
  }
}
