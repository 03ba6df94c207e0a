/**
 * A passive open: RFC 9293 §3.10.1 and state LISTEN; with two queues, as every Unix has them: half-open
 * connections (SYN-RECEIVED) and established ones that wait to be accepted.
 */
import type { IpAddress } from "../../wire/address.ts";
import type { PortListener } from "../demux.ts";
import type { TcpConnection } from "../tcp-connection.ts";

export interface ListenerObserver {
  /** A connection waits in the accept queue. Called after the pump. */
  acceptable(listener: Listener): void;
}

export class Listener implements PortListener {
  readonly address: IpAddress | undefined;
  readonly port: number;
  readonly families: "both" | 4 | 6;
  /** The most established connections that wait to be accepted. */
  backlog: number;
  /** The most half-open ones. */
  readonly synBacklog: number;
  observer: ListenerObserver | undefined = undefined;
  isClosed = false;
  /** Half-open connections now. */
  halfOpen = 0;
  readonly #accepted: TcpConnection[] = [];

  constructor(claim: PortListener, backlog: number, synBacklog: number) {
    this.address = claim.address;
    this.port = claim.port;
    this.families = claim.families;
    this.backlog = backlog;
    this.synBacklog = synBacklog;
  }

  get waiting(): number {
    return this.#accepted.length;
  }

  /** Linux's sk_acceptq_is_full: a backlog of n takes n + 1. */
  get acceptQueueIsFull(): boolean {
    return this.#accepted.length > this.backlog;
  }

  get synQueueIsFull(): boolean {
    return this.halfOpen >= this.synBacklog;
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
}
