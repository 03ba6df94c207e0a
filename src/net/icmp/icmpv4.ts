/**
 * ICMP: RFC 792, RFC 1122 §3.2.2. Echo requests are answered, replies and errors go to those they are for,
 * and the other parts of the layer send their errors through here. Redirects are not followed: routes are
 * configured.
 */
import { writeUint16 } from "../../base/bytes.ts";
import type { DropReason } from "../../base/drop-reason.ts";
import { PacketBuffer } from "../../base/packet-buffer.ts";
import { IpAddress } from "../../wire/address.ts";
import { ICMP_HEADER_SIZE } from "../../wire/icmp-header.ts";
import { ICMPV4_TYPE, icmpv4Checksum } from "../../wire/icmpv4.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import type { Addresses } from "../addresses.ts";
import type { NetContext } from "../net-context.ts";
import type { IcmpCounters } from "../net-counters.ts";
import type { Paths } from "../path.ts";
import type { Delivery, IcmpError, Transport } from "../transport.ts";
import type { ErrorDelivery } from "./error-delivery.ts";
import { mayAnswerIpv4, writeIcmpv4Error } from "./error-messages.ts";
import type { Pings } from "./ping.ts";
import type { IcmpRateLimit } from "./rate-limit.ts";
import { readIcmpv4Error } from "./received-errors.ts";

export interface IcmpParts {
  readonly context: NetContext;
  readonly addresses: Addresses;
  readonly paths: Paths;
  readonly errors: ErrorDelivery;
  readonly pings: Pings;
  readonly limit: IcmpRateLimit;
}

/** RFC 1812 §4.3.2.5: errors go with precedence 6, internetwork control. */
const ERROR_TRAFFIC_CLASS = 0xc0;
/** DSCP without ECN. */
const DSCP = 0xfc;

export class Icmpv4 implements Transport {
  readonly #parts: IcmpParts;
  readonly #counters: IcmpCounters;
  readonly #scratch = new PacketBuffer(2_048);

  constructor(parts: IcmpParts, counters: IcmpCounters) {
    this.#parts = parts;
    this.#counters = counters;
  }

  receive(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    const { bytes, transport, end } = packet;
    this.#counters.received++;
    if (end - transport < ICMP_HEADER_SIZE) return "icmp-truncated";
    if (icmpv4Checksum(bytes, transport, end) !== 0) return "icmp-bad-checksum";
    switch (bytes[transport]) {
      case ICMPV4_TYPE.echoRequest:
        return this.#answerEcho(packet, delivery);
      case ICMPV4_TYPE.echoReply:
        return this.#parts.pings.received(packet, delivery);
      case ICMPV4_TYPE.destinationUnreachable:
      case ICMPV4_TYPE.sourceQuench:
      case ICMPV4_TYPE.timeExceeded:
      case ICMPV4_TYPE.parameterProblem:
        return this.#receiveError(packet, delivery);
      default:
        return "icmp-unknown-type";
    }
  }

  icmpError(error: IcmpError): boolean {
    return this.#parts.pings.icmpError(error);
  }

  /**
   * Tells the sender of `offending` (IPv4 header at `network`, arrived at the interface) what was wrong with
   * it.
   * @param parameter The second word of the message: the next hop's MTU, or the pointer shifted by 24.
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
    if (!mayAnswerIpv4(offending, isGroup)) return;
    const to = IpAddress.read(4, offending.bytes, offending.network + 12);
    const meant = IpAddress.read(4, offending.bytes, offending.network + 16);
    // RFC 1812 §4.3.2.4: from the address that was meant if it is ours, else from where the packet came in.
    const from = addresses.isLocal(meant) ? meant : addresses.firstOf(interfaceIndex, 4)?.address;
    const path = paths.to(to, from);
    if (typeof path === "string") return;
    if (!limit.allow(to, context.now)) {
      context.dropped("icmp-rate-limited");
      return;
    }
    writeIcmpv4Error(this.#scratch, offending, type, code, parameter);
    path.trafficClass = ERROR_TRAFFIC_CLASS;
    path.dontFragment = false;
    this.#counters.sent++;
    this.#counters.errorsSent++;
    path.send(this.#scratch, IP_PROTOCOL.icmpv4);
  }

  /** RFC 1122 §3.2.2.6: from the address that was asked, with the same data; one to many is not answered. */
  #answerEcho(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    if (delivery.isGroup) return "ip-not-for-us";
    const path = this.#parts.paths.to(delivery.source, delivery.destination);
    if (typeof path === "string") return "ip-no-route";
    path.trafficClass = delivery.trafficClass & DSCP;
    path.dontFragment = false;
    const reply = this.#scratch;
    reply.fill(packet.bytes, packet.transport, packet.end);
    reply.bytes[reply.start] = ICMPV4_TYPE.echoReply;
    writeUint16(reply.bytes, reply.start + 2, 0);
    writeUint16(reply.bytes, reply.start + 2, icmpv4Checksum(reply.bytes, reply.start, reply.end));
    this.#counters.sent++;
    this.#counters.echoesAnswered++;
    path.send(reply, IP_PROTOCOL.icmpv4);
    return undefined;
  }

  #receiveError(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    this.#counters.errorsReceived++;
    if (delivery.isGroup) return "icmp-malformed";
    const error = readIcmpv4Error(packet.bytes, packet.transport, packet.end, delivery.source);
    return typeof error === "string" ? error : this.#parts.errors.deliver(error);
  }
}
