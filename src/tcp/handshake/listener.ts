/**
 * A passive open: RFC 9293 §3.10.1 and state LISTEN; with two queues, as every Unix has them: half-open
 * connections (SYN-RECEIVED) and established ones that wait to be accepted. As on Linux one number, the
 * backlog, limits each of them.
 */
import type { Instant } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Signatures } from "../md5-signatures.ts";
import { changedConfig, type TcpConfig } from "../tcp-config.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import { FastOpenRequests } from "./fast-open/requests.ts";

/** What listens on a port. */
export interface PortClaim {
  /** The address listened on, or undefined for all of them. */
  readonly address: IpAddress | undefined;
  readonly port: number;
  /** With no address: which families. */
  readonly families: "both" | 4 | 6;
  /** SO_REUSEPORT: whoever has it too may share the claim. */
  readonly reusePort: boolean;
}

export interface ListenerObserver {
  /** A connection waits in the accept queue. Called after the pump. */
  acceptable(listener: Listener): void;
}

/** What happened to a listener's handshakes. */
export class ListenerCounters {
  /** SYNs and third ACKs that found the accept queue full. */
  overflows = 0;
  /** SYNs and third ACKs that were dropped, whatever the reason. */
  drops = 0;
  cookiesSent = 0;
  cookiesReceived = 0;
  cookiesFailed = 0;
}

export class Listener implements PortClaim {
  readonly address: IpAddress | undefined;
  readonly port: number;
  readonly families: "both" | 4 | 6;
  readonly reusePort: boolean;
  /** Among several on one port: drawn at random, it decides which four-tuples are this one's. */
  readonly share: number;
  /** So many established connections wait to be accepted, and so many half-open ones; one more each. */
  backlog: number;
  /** TCP_DEFER_ACCEPT: so many timeouts of the SYN-ACK long a bare ACK does not complete the handshake. */
  deferAccept = 0;
  /** TCP_SAVE_SYN: its connections keep the headers of their SYN. */
  saveSyn = false;
  observer: ListenerObserver | undefined = undefined;
  isClosed = false;
  /** Half-open connections now, and those of them whose SYN-ACK has not timed out yet. */
  halfOpen = 0;
  young = 0;
  readonly counters = new ListenerCounters();
  /** When the half-open queue last overflowed: an ACK may be a SYN cookie's for some time after. */
  overflowedAt = Number.NEGATIVE_INFINITY as Instant;
  /** What it admits of Fast Open; undefined: nothing, so far. */
  fastOpen: FastOpenRequests | undefined = undefined;
  #changes: Partial<TcpConfig>;
  #config: TcpConfig;
  readonly #host: TcpConfig;
  readonly #accepted: TcpConnection[] = [];

  constructor(
    claim: PortClaim,
    settings: { readonly backlog: number; readonly share: number },
    host: TcpConfig,
    changes: Partial<TcpConfig> = {},
  ) {
    this.address = claim.address;
    this.port = claim.port;
    this.families = claim.families;
    this.reusePort = claim.reusePort;
    this.backlog = settings.backlog;
    this.share = settings.share;
    this.#host = host;
    this.#changes = changes;
    this.#config = changedConfig(host, changes);
  }

  /** What its connections are configured with. */
  get config(): TcpConfig {
    return this.#config;
  }

  /** RFC 2385: the keys of its user. */
  get signatures(): Signatures | undefined {
    return this.#config.signatures;
  }

  /** The differences from the host's configuration. */
  get changes(): Partial<TcpConfig> {
    return this.#changes;
  }

  /** New differences, for connections from now on. */
  configure(changes: Partial<TcpConfig>): void {
    this.#config = changedConfig(this.#host, changes);
    this.#changes = changes;
  }

  get waiting(): number {
    return this.#accepted.length;
  }

  /** Linux's sk_acceptq_is_full: a backlog of n takes n + 1. */
  get acceptQueueIsFull(): boolean {
    return this.#accepted.length > this.backlog;
  }

  get synQueueIsFull(): boolean {
    return this.halfOpen > this.backlog;
  }

  enqueue(connection: TcpConnection): void {
    this.#accepted.push(connection);
  }

  /**
   * The connection that waits longest, or undefined. One that was reset while it waited is still handed out.
   */
  accept(): TcpConnection | undefined {
    return this.#accepted.shift();
  }

  /** Fast Open (RFC 7413), created on first need. */
  allowFastOpen(limit: number): FastOpenRequests {
    this.fastOpen ??= new FastOpenRequests(limit);
    this.fastOpen.limit = limit;
    return this.fastOpen;
  }
}
