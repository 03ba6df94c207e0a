/**
 * The datagrams that wait for their reader, bounded in bytes. Each counts its payload and a share for the
 * objects that hold it, so that empty datagrams are bounded too.
 */
import type { Instant } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";

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
}

const DATAGRAM_COST = 128;

export class ReceiveQueue {
  /** Bytes at most; what waits already stays when it is lowered. */
  limit: number;
  readonly #datagrams: Datagram[] = [];
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.#datagrams.length;
  }

  /**
   * An empty queue takes any datagram: as in Linux, the limit is crossed once rather than nothing ever
   * received.
   */
  hasRoom(payload: number): boolean {
    return this.#used === 0 || this.#used + payload + DATAGRAM_COST <= this.limit;
  }

  push(datagram: Datagram): void {
    this.#datagrams.push(datagram);
    this.#used += datagram.bytes.length + DATAGRAM_COST;
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
