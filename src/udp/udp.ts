/**
 * The user datagram protocol: RFC 768, RFC 1122 §4.1, RFC 8200 §8.1. The room's door: datagrams and ICMP
 * errors come in here and go to the endpoint that they are for.
 */
import { readUint16 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { UDP_HEADER_SIZE, UdpHeader, udpChecksumIsGood } from "../wire/udp.ts";
import { datagramsIn } from "./super-datagram.ts";
import type { Delivery, IcmpError, UdpContext } from "./udp-context.ts";
import { newUdpCounters, type UdpCounters } from "./udp-counters.ts";
import { UdpEndpoint, type UdpOptions, type UdpShared } from "./udp-endpoint.ts";
import { UdpOutput } from "./udp-output.ts";
import { UdpTable } from "./udp-table.ts";

export class Udp {
  readonly counters: UdpCounters = newUdpCounters();
  readonly #context: UdpContext;
  readonly #table = new UdpTable<UdpEndpoint>();
  readonly #header = new UdpHeader();
  readonly #shared: UdpShared;
  /** Endpoints with something to tell. */
  readonly #ready: UdpEndpoint[] = [];
  /** Endpoints whose last datagram no device had room for. */
  #refused = new Set<UdpEndpoint>();

  constructor(context: UdpContext) {
    this.#context = context;
    this.#shared = {
      context,
      table: this.#table,
      counters: this.counters,
      output: new UdpOutput(context),
      ready: endpoint => {
        this.#ready.push(endpoint);
        context.wake();
      },
      refused: endpoint => this.#refused.add(endpoint),
    };
  }

  /** An endpoint, not yet bound. */
  open(options: UdpOptions): UdpEndpoint {
    return new UdpEndpoint(this.#shared, options);
  }

  /** The bound endpoints. */
  endpoints(): Iterable<UdpEndpoint> {
    return this.#table.entries();
  }

  /** Takes the datagram at `packet.transport`, or answers why not. */
  receive(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    const header = this.#header;
    const start = packet.transport;
    const problem = header.read(packet.bytes, start, packet.end) ?? this.#checksumProblem(packet, delivery);
    if (problem !== undefined) {
      this.counters.malformed++;
      return problem;
    }
    const { source, destination } = delivery;
    if (destination.isMulticast || (delivery.isGroup && this.#context.isBroadcast(destination))) {
      return this.#receiveForGroup(packet, delivery);
    }
    const endpoint = this.#table.lookup(destination, header.destinationPort, source, header.sourcePort);
    if (endpoint === undefined) {
      // One error answers all of a super-datagram, as from Linux.
      this.counters.noPort += datagramsIn(header.length - UDP_HEADER_SIZE, packet.segmentSize);
      return "udp-no-port";
    }
    const refused = this.#give(endpoint, packet, delivery);
    for (let i = 1; i < refused; i++) this.#context.dropped("udp-buffer-full");
    return refused > 0 ? "udp-buffer-full" : undefined;
  }

  /**
   * True: it was about a datagram of one of our endpoints. RFC 5927 §4.1 would have others ignored
   * everywhere.
   */
  icmpError(error: IcmpError): boolean {
    // RFC 6633 §5: source quench is ignored.
    if (error.kind === "source-quench" || error.quote.length < UDP_HEADER_SIZE) return false;
    const localPort = readUint16(error.quote, 0);
    const remotePort = readUint16(error.quote, 2);
    const endpoint = this.#table.lookup(error.local, localPort, error.remote, remotePort);
    if (endpoint === undefined) return false;
    this.counters.icmpErrors++;
    endpoint.icmpError(error);
    return true;
  }

  /** A device has room again. */
  writable(): void {
    const refused = this.#refused;
    if (refused.size === 0) return;
    this.#refused = new Set();
    for (const endpoint of refused) if (!endpoint.isClosed) endpoint.roomCame();
  }

  /** Calls the users' listeners, after the pump. What they cause is for the next call. */
  deliver(): void {
    for (let count = this.#ready.length; count > 0; count--) this.#ready.shift()?.deliver();
  }

  #checksumProblem(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    // Partial: the sender is on this machine, and the device that was to complete it has been bypassed.
    if (packet.checksum === "partial") return undefined;
    const { source, destination } = delivery;
    if (this.#header.checksum === 0) return source.family === 6 ? "udp-no-checksum" : undefined;
    if (packet.checksum === "valid") return undefined;
    const start = packet.transport;
    const end = start + this.#header.length;
    return udpChecksumIsGood(source, destination, packet.bytes, start, end) ? undefined : "udp-bad-checksum";
  }

  #receiveForGroup(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    const { sourcePort, destinationPort } = this.#header;
    const { source, destination } = delivery;
    const takers = this.#table.all(destination, destinationPort, source, sourcePort);
    const endpoints = takers.filter(endpoint => endpoint.wants(delivery));
    if (endpoints.length === 0) {
      this.counters.noPort += datagramsIn(this.#header.length - UDP_HEADER_SIZE, packet.segmentSize);
      return "udp-no-port";
    }
    for (const endpoint of endpoints) {
      const refused = this.#give(endpoint, packet, delivery);
      for (let i = 0; i < refused; i++) this.#context.dropped("udp-buffer-full");
    }
    return undefined;
  }

  /** Answers how many datagrams found the buffer full. */
  #give(endpoint: UdpEndpoint, packet: PacketBuffer, delivery: Readonly<Delivery>): number {
    const { sourcePort, length } = this.#header;
    const from = packet.transport + UDP_HEADER_SIZE;
    const to = packet.transport + length;
    const refused = endpoint.received(packet, from, to, sourcePort, delivery);
    this.counters.receivedDatagrams += datagramsIn(to - from, packet.segmentSize) - refused;
    this.counters.bufferFull += refused;
    return refused;
  }
}
