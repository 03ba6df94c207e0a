/**
 * The Fast Open requests of a listener: connections that may be used although the client has not shown yet
 * that it is where it says. RFC 7413 §5.1: their number is limited, and when the limit is reached SYNs are
 * answered as without Fast Open. Whoever forges addresses with stolen cookies makes the true owner answer
 * with RST, and that would free the place for the next forgery: so such a place stays taken for a minute.
 */
import type { Instant } from "../../../base/time.ts";
import type { FastOpenKeys } from "./server-keys.ts";

/** How long a request that was reset counts: Linux's 60 s. */
const QUARANTINE = 60_000_000; // µs

export class FastOpenRequests {
  /** The most requests at once; 0: no Fast Open here. */
  limit: number;
  /** Text is taken from SYNs without a cookie. */
  withoutCookie = false;
  /** Keys of this listener's own; else the host's. */
  keys: FastOpenKeys | undefined = undefined;
  #pending = 0;
  /** When the places of those that were reset are free again, the earliest first. */
  readonly #quarantine: Instant[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Requests that wait for the end of their handshake, and places in quarantine. */
  get count(): number {
    return this.#pending + this.#quarantine.length;
  }

  /** Whether one more is admitted. */
  hasRoom(now: Instant): boolean {
    if (this.count < this.limit) return true;
    const [oldest] = this.#quarantine;
    if (this.limit === 0 || oldest === undefined || oldest > now) return false;
    this.#quarantine.shift();
    return true;
  }

  admitted(): void {
    this.#pending++;
  }

  /** The handshake is complete, or the connection is over. */
  done(): void {
    this.#pending--;
  }

  /** The client answered with RST. */
  wasReset(now: Instant): void {
    this.#pending--;
    this.#quarantine.push((now + QUARANTINE) as Instant);
  }
}

/** One request: what a connection in SYN-RECEIVED has of it, and keeps as a memory. */
export class FastOpenRequest {
  readonly role = "server";
  readonly #requests: FastOpenRequests;
  #isPending = true;
  /** The first SYN-ACK's option: a new cookie, when the one shown was made with the old key. */
  option: Uint8Array | undefined;
  readonly isExperimental: boolean;
  /** The SYN carried text. */
  readonly tookText: boolean;
  /** The user has it already. */
  isAccepted = false;

  constructor(
    requests: FastOpenRequests,
    option: Uint8Array | undefined,
    isExperimental: boolean,
    tookText: boolean,
  ) {
    this.#requests = requests;
    this.option = option;
    this.isExperimental = isExperimental;
    this.tookText = tookText;
    requests.admitted();
  }

  /** The handshake is not complete. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** The handshake is complete, or nobody waits for that any more. */
  done(): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#requests.done();
  }

  /**
   * The client says that it knows of no such connection. One that nobody has accepted yet keeps its place in
   * the accept queue, which is limit enough.
   */
  wasReset(now: Instant): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    if (this.isAccepted) this.#requests.wasReset(now);
    else this.#requests.done();
  }
}
