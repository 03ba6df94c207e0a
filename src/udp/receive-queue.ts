/**
 * The datagrams that wait for their reader, bounded in bytes. Each counts its payload and a share for the
 * objects that hold it, so that empty datagrams are bounded too. What it takes and refuses it counts.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Instant } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";
import { datagramsIn } from "./super-datagram.ts";
import type { Delivery } from "./udp-context.ts";
import type { UdpEndpointCounters } from "./udp-counters.ts";

/** A received datagram; it belongs to who takes it. IPv4 addresses stay such, on IPv6 endpoints too. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  readonly trafficClass: number;
  readonly interfaceIndex: number;
  readonly receivedAt: Instant;
  /** Above 0: these are several datagrams of so many bytes, the last of what is left (`takesJoined`). */
  readonly segmentSize: number;
}

const DATAGRAM_COST = 128;

export class ReceiveQueue {
  /** Bytes at most; what waits already stays when it is lowered. */
  limit: number;
  readonly #counters: UdpEndpointCounters;
  readonly #datagrams: Datagram[] = [];
  #used = 0;

  constructor(limit: number, counters: UdpEndpointCounters) {
    this.limit = limit;
    this.#counters = counters;
  }

  get length(): number {
    return this.#datagrams.length;
  }

  /**
   * Takes a copy of `packet.bytes[from, to)`: a datagram, or several of `packet.segmentSize` bytes each, kept
   * together if `joined`. Answers how many there was no room for.
   */
  receive(
    packet: PacketBuffer,
    from: number,
    to: number,
    sourcePort: number,
    delivery: Readonly<Delivery>,
    joined: boolean,
  ): number {
    const { segmentSize } = packet;
    if (datagramsIn(to - from, segmentSize) === 1)
      return this.#take(packet, from, to, sourcePort, delivery, 0);
    if (joined) return this.#take(packet, from, to, sourcePort, delivery, segmentSize);
    let refused = 0;
    for (let at = from; at < to; at += segmentSize) {
      refused += this.#take(packet, at, Math.min(at + segmentSize, to), sourcePort, delivery, 0);
    }
    return refused;
  }

  /**
   * An empty queue takes any datagram: as in Linux, the limit is crossed once rather than nothing ever
   * received.
   */
  #hasRoom(payload: number): boolean {
    return this.#used === 0 || this.#used + payload + DATAGRAM_COST <= this.limit;
  }

  #take(
    { bytes, receivedAt }: PacketBuffer,
    from: number,
    to: number,
    sourcePort: number,
    delivery: Readonly<Delivery>,
    segmentSize: number,
  ): number {
    const count = datagramsIn(to - from, segmentSize);
    if (!this.#hasRoom(to - from)) {
      this.#counters.bufferFull += count;
      return count;
    }
    this.#datagrams.push({
      bytes: bytes.slice(from, to),
      source: delivery.source,
      sourcePort,
      destination: delivery.destination,
      hopLimit: delivery.hopLimit,
      trafficClass: delivery.trafficClass,
      interfaceIndex: delivery.interfaceIndex,
      receivedAt,
      segmentSize,
    });
    this.#used += to - from + DATAGRAM_COST;
    this.#counters.receivedDatagrams += count;
    this.#counters.receivedBytes += to - from;
    return 0;
  }

  take(): Datagram | undefined {
    const datagram = this.#datagrams.shift();
    if (datagram !== undefined) this.#used -= datagram.bytes.length + DATAGRAM_COST;
    return datagram;
  }

  clear(): void {
    this.#datagrams.length = 0;
    this.#used = 0;
  }
}
