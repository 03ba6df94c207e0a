/**
 * What a client remembers of servers: RFC 7413 §4.1.3. By pair of addresses, as Linux has it: the cookie is
 * made from both, and not from the port. The MSS is kept beside it, so that text in a SYN fits before the
 * server has said anything (§4.2.2).
 */
import type { IpAddress } from "../../../wire/address.ts";

/**
 * Servers kept. The one that was not heard of for the longest time goes first: a client that talks to more
 * merely asks again.
 */
const MOST_SERVERS = 1_024;

export interface KnownServer {
  /** The MSS that it announced last; 0: it never did. */
  mss: number;
  cookie: Uint8Array | undefined;
  /** The cookie came in the experimental option (RFC 6994), and is shown in it. */
  isExperimental: boolean;
  /**
   * A server that does not answer the standard request may know only the experimental one: that is tried
   * once, and then the standard one for good.
   */
  requests: "standard" | "try-experimental" | "only-standard";
}

/** What a SYN-ACK told. */
export interface ServerAnswer {
  /** 0: nothing. */
  readonly mss: number;
  /** Borrowed. */
  readonly cookie: Uint8Array | undefined;
  readonly isExperimental: boolean;
  /** The option that our request had, if it was not answered. */
  readonly unanswered: "standard" | "experimental" | undefined;
}

export class CookieCache {
  readonly #servers = new Map<string, KnownServer>();

  get size(): number {
    return this.#servers.size;
  }

  lookup(local: IpAddress, remote: IpAddress): Readonly<KnownServer> | undefined {
    return this.#servers.get(keyOf(local, remote));
  }

  /** A SYN-ACK that answers a Fast Open SYN has come. */
  answered(local: IpAddress, remote: IpAddress, answer: ServerAnswer): void {
    const key = keyOf(local, remote);
    const server = this.#servers.get(key) ?? newServer();
    // Moved to the end: the map's order is that of the latest news.
    this.#servers.delete(key);
    this.#servers.set(key, server);
    if (answer.mss > 0) server.mss = answer.mss;
    if (answer.cookie !== undefined && answer.cookie.length > 0) {
      server.cookie = answer.cookie.slice();
      server.isExperimental = answer.isExperimental;
    } else if (server.cookie === undefined) {
      noteUnanswered(server, answer.unanswered);
    }
    if (this.#servers.size > MOST_SERVERS) this.#forgetOldest();
  }

  clear(): void {
    this.#servers.clear();
  }

  #forgetOldest(): void {
    for (const key of this.#servers.keys()) {
      this.#servers.delete(key);
      return;
    }
  }
}

function noteUnanswered(server: KnownServer, unanswered: ServerAnswer["unanswered"]): void {
  if (unanswered === "experimental") server.requests = "only-standard";
  else if (unanswered === "standard" && server.requests === "standard") server.requests = "try-experimental";
}

function newServer(): KnownServer {
  return { mss: 0, cookie: undefined, isExperimental: false, requests: "standard" };
}

function keyOf(local: IpAddress, remote: IpAddress): string {
  return `${local} ${remote}`;
}
