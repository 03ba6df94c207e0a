/**
 * A socket's error queue (MSG_ERRQUEUE): ICMP errors for who asked for them (IP_RECVERR), transmission
 * timestamps (SO_TIMESTAMPING) and completions of MSG_ZEROCOPY, each as a struct sock_extended_err.
 */
import type { Instant } from "../../base/time.ts";
import { type Domain, type Endpoint, sockaddr } from "./addresses.ts";
import {
  SO_EE_CODE_ZEROCOPY_COPIED,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_ZEROCOPY,
} from "./constants.ts";
import { ERRNO, type Errno } from "./errno.ts";

export interface ExtendedError {
  readonly errno: Errno | undefined;
  readonly origin: number;
  readonly type: number;
  readonly code: number;
  readonly info: number;
  data: number;
  /** What caused it: the data that the reader gets; only its length is known when there is none. */
  readonly payload: Uint8Array;
  /** Where the datagram in question was sent. */
  readonly destination: Endpoint | undefined;
  /** Who reported it. */
  readonly offender: Endpoint | undefined;
  readonly timestamp: Instant | undefined;
}

/** More than this is not kept: sk_rcvbuf bounds Linux's queue likewise. */
const LIMIT = 256;
const ERROR_SIZE = 16;

export class ErrorQueue {
  readonly #entries: ExtendedError[] = [];

  get length(): number {
    return this.#entries.length;
  }

  push(entry: ExtendedError): void {
    if (this.#entries.length < LIMIT) this.#entries.push(entry);
  }

  take(): ExtendedError | undefined {
    return this.#entries.shift();
  }

  /** The error that becomes pending when the one before it has been read. */
  get nextIcmpError(): Errno | undefined {
    const next = this.#entries[0];
    return next !== undefined && isIcmp(next) ? next.errno : undefined;
  }

  /** Call `id` with MSG_ZEROCOPY is done; neighbours in the queue become one range. */
  zerocopyDone(id: number): void {
    const last = this.#entries.at(-1);
    if (last?.origin === SO_EE_ORIGIN_ZEROCOPY && last.data === id - 1) {
      last.data = id;
      return;
    }
    this.push({
      errno: undefined,
      origin: SO_EE_ORIGIN_ZEROCOPY,
      type: 0,
      code: SO_EE_CODE_ZEROCOPY_COPIED,
      info: id,
      data: id,
      payload: new Uint8Array(0),
      destination: undefined,
      offender: undefined,
      timestamp: undefined,
    });
  }
}

export function isIcmp(entry: ExtendedError): boolean {
  return entry.origin === SO_EE_ORIGIN_ICMP || entry.origin === SO_EE_ORIGIN_ICMP6;
}

/**
 * struct sock_extended_err and the offender's address behind it, as IP_RECVERR's control message has them.
 */
export function extendedErrorBytes(domain: Domain, entry: ExtendedError): Uint8Array {
  const offender =
    entry.offender === undefined
      ? new Uint8Array(sockaddr(domain).length)
      : sockaddr(domain, { address: entry.offender.address });
  const bytes = new Uint8Array(ERROR_SIZE + offender.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, entry.errno === undefined ? 0 : ERRNO[entry.errno], true);
  bytes[4] = entry.origin;
  bytes[5] = entry.type;
  bytes[6] = entry.code;
  view.setUint32(8, entry.info, true);
  view.setUint32(12, entry.data, true);
  bytes.set(offender, ERROR_SIZE);
  return bytes;
}

/** Where an ICMP error comes from: RFC 792's or RFC 4443's. */
export function icmpOrigin(family: 4 | 6): number {
  return family === 4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6;
}
