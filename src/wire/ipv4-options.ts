/**
 * IPv4 options. RFC 791 §3.1; router alert is RFC 2113. Those that record on the way are updated in place.
 */
import { readUint16, readUint32, writeUint32 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { IpAddress } from "./address.ts";

export const IPV4_OPTION = {
  end: 0,
  noOperation: 1,
  recordRoute: 7,
  timestamp: 68,
  looseSourceRoute: 131,
  strictSourceRoute: 137,
  routerAlert: 148,
} as const;

/** What a timestamp option records: times; addresses and times; times of the hosts that the sender listed. */
export const IPV4_TIMESTAMP_FLAG = { only: 0, withAddress: 1, prespecified: 3 } as const;

/** The pointer of an option counts from 1: the first address of a route stands at 4, the first time at 5. */
const ROUTE_POINTER = 4;
const TIMESTAMP_POINTER = 5;

/** Where the options of one header lie: offsets of their type octets in `bytes`, or −1. */
export class Ipv4Options {
  recordRouteAt = -1;
  timestampAt = -1;
  sourceRouteAt = -1;
  sourceRouteIsStrict = false;
  /** The router alert's value, or −1. */
  routerAlert = -1;
  /** The octet at fault after `read` has answered "ip-bad-options". */
  malformedAt = -1;

  clear(): void {
    this.recordRouteAt = -1;
    this.timestampAt = -1;
    this.sourceRouteAt = -1;
    this.sourceRouteIsStrict = false;
    this.routerAlert = -1;
    this.malformedAt = -1;
  }

  /**
   * Unknown options are skipped (RFC 1122 §3.2.1.8). One of a kind that may appear once is refused the second
   * time.
   */
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    this.clear();
    let at = start;
    while (at < end) {
      const type = bytes[at] as number;
      if (type === IPV4_OPTION.end) return undefined;
      if (type === IPV4_OPTION.noOperation) {
        at++;
        continue;
      }
      const length = at + 1 < end ? (bytes[at + 1] as number) : 0;
      if (length < 2 || length > end - at) {
        this.malformedAt = Math.min(at + 1, end - 1);
        return "ip-bad-options";
      }
      this.malformedAt = this.#readOption(type, length, bytes, at);
      if (this.malformedAt >= 0) return "ip-bad-options";
      at += length;
    }
    return undefined;
  }

  /** Answers the offset of the octet at fault, or −1. */
  #readOption(type: number, length: number, bytes: Uint8Array, at: number): number {
    switch (type) {
      case IPV4_OPTION.recordRoute:
        if (this.recordRouteAt >= 0) return at;
        this.recordRouteAt = at;
        return faultInRoute(length, bytes, at);
      case IPV4_OPTION.looseSourceRoute:
      case IPV4_OPTION.strictSourceRoute:
        if (this.sourceRouteAt >= 0) return at;
        this.sourceRouteAt = at;
        this.sourceRouteIsStrict = type === IPV4_OPTION.strictSourceRoute;
        return faultInRoute(length, bytes, at);
      case IPV4_OPTION.timestamp:
        if (this.timestampAt >= 0) return at;
        this.timestampAt = at;
        return faultInTimestamp(length, bytes, at);
      case IPV4_OPTION.routerAlert:
        if (length !== 4) return at + 1;
        this.routerAlert = readUint16(bytes, at + 2);
        return -1;
      default:
        return -1;
    }
  }
}

/** Type, length, pointer, and whole addresses. */
function faultInRoute(length: number, bytes: Uint8Array, at: number): number {
  if (length < 3 || length % 4 !== 3) return at + 1;
  const pointer = bytes[at + 2] as number;
  return pointer < ROUTE_POINTER || pointer % 4 !== 0 ? at + 2 : -1;
}

/** Type, length, pointer, overflow and flag, and whole entries. */
function faultInTimestamp(length: number, bytes: Uint8Array, at: number): number {
  if (length < 4) return at + 1;
  const pointer = bytes[at + 2] as number;
  const entry = timestampEntrySize(bytes, at);
  if (entry === 0) return at + 3;
  if (length % entry !== 4 % entry) return at + 1;
  return pointer < TIMESTAMP_POINTER || (pointer - TIMESTAMP_POINTER) % entry !== 0 ? at + 2 : -1;
}

/** 4 or 8; 0 for an unknown flag. */
function timestampEntrySize(bytes: Uint8Array, at: number): number {
  switch ((bytes[at + 3] as number) & 0xf) {
    case IPV4_TIMESTAMP_FLAG.only:
      return 4;
    case IPV4_TIMESTAMP_FLAG.withAddress:
    case IPV4_TIMESTAMP_FLAG.prespecified:
      return 8;
    default:
      return 0;
  }
}

/**
 * The addresses of a record-route or source-route option at `at` that lie before its pointer: the way so far.
 */
export function recordedRoute(bytes: Uint8Array, at: number): IpAddress[] {
  const end = at + Math.min((bytes[at + 2] as number) - 1, bytes[at + 1] as number);
  const route: IpAddress[] = [];
  for (let next = at + 3; next + 4 <= end; next += 4) route.push(IpAddress.read(4, bytes, next));
  return route;
}

/** Whether a source route at `at` has been walked to its end, so that the packet is for its destination. */
export function sourceRouteIsDone(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + 2] as number) > (bytes[at + 1] as number);
}

/**
 * Adds our address to the record-route option at `at`, if there is room. The header's checksum is the
 * caller's.
 */
export function recordAddress(bytes: Uint8Array, at: number, address: IpAddress): void {
  const pointer = bytes[at + 2] as number;
  if (pointer + 3 > (bytes[at + 1] as number)) return;
  address.write(bytes, at + pointer - 1);
  bytes[at + 2] = pointer + 4;
}

/**
 * Adds the time, in milliseconds since midnight UT, to the timestamp option at `at`. Without room the
 * overflow counter goes up; false: that counter has overflowed too, and the packet is to be dropped with a
 * parameter problem.
 */
export function recordTimestamp(bytes: Uint8Array, at: number, address: IpAddress, timeMs: number): boolean {
  const pointer = bytes[at + 2] as number;
  const flag = (bytes[at + 3] as number) & 0xf;
  const entry = timestampEntrySize(bytes, at);
  const next = at + pointer - 1;
  if (pointer - 1 + entry > (bytes[at + 1] as number)) {
    const overflow = (bytes[at + 3] as number) >>> 4;
    if (overflow === 15) return false;
    bytes[at + 3] = ((overflow + 1) << 4) | flag;
    return true;
  }
  if (flag === IPV4_TIMESTAMP_FLAG.prespecified && readUint32(bytes, next) !== address.w3 >>> 0) return true;
  if (entry === 8) address.write(bytes, next);
  writeUint32(bytes, next + entry - 4, timeMs);
  bytes[at + 2] = pointer + entry;
  return true;
}
