/**
 * Echo requests and what comes back for them: RFC 792, RFC 1122 §3.2.2.6, RFC 4443 §4. Each user has an
 * identifier of its own; errors about its requests (a router where the hop limit ran out) find it by the
 * quoted header.
 */
import { writeUint16 } from "../../base/bytes.ts";
import type { DropReason } from "../../base/drop-reason.ts";
import type { ErrorCode } from "../../base/errors.ts";
import { HEADROOM, PacketBuffer } from "../../base/packet-buffer.ts";
import { below, type Random } from "../../base/random.ts";
import type { IpAddress, IpFamily } from "../../wire/address.ts";
import { ICMP_HEADER_SIZE, IcmpHeader } from "../../wire/icmp-header.ts";
import { ICMPV4_TYPE, icmpv4Checksum } from "../../wire/icmpv4.ts";
import { ICMPV6_TYPE, icmpv6Checksum } from "../../wire/icmpv6.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import type { Paths } from "../path.ts";
import type { Delivery, IcmpError } from "../transport.ts";

export interface PingReply {
  readonly source: IpAddress;
  readonly sequence: number;
  /** Borrowed for the call. */
  readonly payload: Uint8Array;
  readonly hopLimit: number;
}

export interface PingListener {
  reply(reply: PingReply): void;
  /** An ICMP error about the request with that sequence number. */
  error(error: IcmpError, sequence: number): void;
}

export interface PingOptions {
  /** 0 or undefined: the default. */
  readonly hopLimit?: number | undefined;
  readonly trafficClass?: number | undefined;
  readonly dontFragment?: boolean | undefined;
  readonly source?: IpAddress | undefined;
  /** Needed for link-local destinations when there are several interfaces. */
  readonly interfaceIndex?: number | undefined;
}

export interface Ping {
  readonly identifier: number;
  /** Answers why the request could not be sent, as `NetPath.send` does. */
  send(
    destination: IpAddress,
    sequence: number,
    payload: Uint8Array,
    options?: PingOptions,
  ): ErrorCode | undefined;
  close(): void;
}

const IDENTIFIERS = 0x1_0000;
const MAX_PAYLOAD = 65_535 - 20 - ICMP_HEADER_SIZE;

export class Pings {
  readonly #paths: Paths;
  readonly #random: Random;
  readonly #open: Record<IpFamily, Map<number, PingListener>> = { 4: new Map(), 6: new Map() };
  readonly #header = new IcmpHeader();
  #scratch = new PacketBuffer(2_048);

  constructor(paths: Paths, random: Random) {
    this.#paths = paths;
    this.#random = random;
  }

  /** Undefined when all 65,536 identifiers are taken. */
  open(family: IpFamily, listener: PingListener): Ping | undefined {
    const open = this.#open[family];
    if (open.size >= IDENTIFIERS) return undefined;
    let identifier = below(this.#random, IDENTIFIERS);
    while (open.has(identifier)) identifier = (identifier + 1) % IDENTIFIERS;
    open.set(identifier, listener);
    return {
      identifier,
      send: (destination, sequence, payload, options = {}) => {
        if (destination.family !== family) return "EAFNOSUPPORT";
        return this.#send(identifier, destination, sequence, payload, options);
      },
      close: () => {
        if (open.get(identifier) === listener) open.delete(identifier);
      },
    };
  }

  /** An echo reply, its checksum verified. */
  received(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    const header = this.#header;
    const problem = header.read(packet.bytes, packet.transport, packet.end);
    if (problem !== undefined) return problem;
    const listener = this.#open[delivery.source.family].get(header.identifier);
    if (listener === undefined) return "icmp-no-socket";
    listener.reply({
      source: delivery.source,
      sequence: header.sequence,
      payload: packet.bytes.subarray(packet.transport + ICMP_HEADER_SIZE, packet.end),
      hopLimit: delivery.hopLimit,
    });
    return undefined;
  }

  /** An ICMP error that quotes an ICMP message of ours; or none that we know of, and the answer is false. */
  icmpError(error: IcmpError): boolean {
    const header = this.#header;
    const { family } = error.local;
    const request = family === 4 ? ICMPV4_TYPE.echoRequest : ICMPV6_TYPE.echoRequest;
    if (header.read(error.quote, 0, error.quote.length) !== undefined || header.type !== request) {
      return false;
    }
    const listener = this.#open[family].get(header.identifier);
    listener?.error(error, header.sequence);
    return listener !== undefined;
  }

  #send(
    identifier: number,
    destination: IpAddress,
    sequence: number,
    payload: Uint8Array,
    options: PingOptions,
  ): ErrorCode | undefined {
    if (payload.length > MAX_PAYLOAD) return "EMSGSIZE";
    const path = this.#paths.to(destination, options.source, options.interfaceIndex);
    if (typeof path === "string") return path;
    path.hopLimit = options.hopLimit ?? 0;
    path.trafficClass = options.trafficClass ?? 0;
    path.dontFragment = options.dontFragment ?? false;
    const isV4 = destination.family === 4;
    const header = this.#header;
    header.type = isV4 ? ICMPV4_TYPE.echoRequest : ICMPV6_TYPE.echoRequest;
    header.code = 0;
    header.checksum = 0;
    header.identifier = identifier;
    header.sequence = sequence;
    const packet = this.#emptied(payload.length);
    header.write(packet.bytes, packet.append(ICMP_HEADER_SIZE));
    packet.bytes.set(payload, packet.append(payload.length));
    const { bytes, start, end } = packet;
    const sum = isV4
      ? icmpv4Checksum(bytes, start, end)
      : icmpv6Checksum(path.local, destination, bytes, start, end);
    writeUint16(bytes, start + 2, sum);
    return path.send(packet, isV4 ? IP_PROTOCOL.icmpv4 : IP_PROTOCOL.icmpv6);
  }

  #emptied(payloadLength: number): PacketBuffer {
    const capacity = HEADROOM + ICMP_HEADER_SIZE + payloadLength;
    if (this.#scratch.bytes.length < capacity) this.#scratch = new PacketBuffer(capacity);
    this.#scratch.reset();
    return this.#scratch;
  }
}
