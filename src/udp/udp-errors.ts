/**
 * What an endpoint hears of ICMP errors: RFC 1122 §4.1.3.3, RFC 8085 §5.2.
 *
 * A connected endpoint reports a hard error once, with its next operation. Every endpoint keeps the last
 * errors with all that is known of them, for those who ask (a traceroute does).
 */
import { readUint16 } from "../base/bytes.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { IpAddress } from "../wire/address.ts";
import type { IcmpError } from "./udp-context.ts";

const LIMIT = 64;

export interface QueuedError {
  readonly kind: string;
  readonly code: ErrorCode;
  readonly type: number;
  readonly icmpCode: number;
  /** The next hop's MTU if the error tells it, else 0. */
  readonly mtu: number;
  readonly reporter: IpAddress;
  /** Where the datagram in question was sent from and to. */
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
}

export class UdpErrors {
  readonly #queue: QueuedError[] = [];
  #pending: ErrorCode | undefined;

  /** The oldest error gives way when there are too many. */
  received(error: IcmpError, isConnected: boolean, dontFragment: boolean): void {
    if (this.#queue.length >= LIMIT) this.#queue.shift();
    this.#queue.push({
      kind: error.kind,
      code: error.code,
      type: error.type,
      icmpCode: error.icmpCode,
      mtu: error.mtu,
      reporter: error.reporter,
      local: error.local,
      localPort: readUint16(error.quote, 0),
      remote: error.remote,
      remotePort: readUint16(error.quote, 2),
    });
    if (isConnected && isHard(error.kind, dontFragment)) this.#pending = error.code;
  }

  /** The pending error, which is thereby no longer pending. */
  takePending(): ErrorCode | undefined {
    const error = this.#pending;
    this.#pending = undefined;
    return error;
  }

  take(): QueuedError | undefined {
    return this.#queue.shift();
  }

  clear(): void {
    this.#queue.length = 0;
    this.#pending = undefined;
  }
}

/**
 * Routes come back, so an unreachable network or host is no reason to give up; nor is a packet that lived
 * too short.
 */
function isHard(kind: string, dontFragment: boolean): boolean {
  switch (kind) {
    case "port-unreachable":
    case "protocol-unreachable":
    case "prohibited":
    case "parameter-problem":
      return true;
    case "packet-too-big":
      return dontFragment;
    default:
      return false;
  }
}
