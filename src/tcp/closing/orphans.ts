/**
 * Orphans: connections whose user is gone and whose peer has not acknowledged our FIN. A host keeps so many
 * of them at most, and each gives up earlier than R2 allows: a peer that has stopped answering, or keeps its
 * window closed, must not fill our memory. Beyond RFC 9293; Linux's tcp_max_orphans and tcp_orphan_retries.
 */

/** What "some" is when `orphanRetries` is 0: more than 100 s with the least RTO. */
const SAFE_RETRIES = 8;

export class Orphans {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** A user has gone. False: there are too many, and this connection is to be reset. */
  add(limit: number): boolean {
    this.#count++;
    return this.#count <= limit;
  }

  remove(): void {
    this.#count--;
  }
}

/**
 * How often an orphan's segments and probes go out again.
 *
 * @param isAlive the timeout has not grown to its maximum
 * @param isTroubled an ICMP error has said that something is wrong
 */
export function orphanRetries(configured: number, isAlive: boolean, isTroubled: boolean): number {
  if (isTroubled && !isAlive) return 0;
  return configured === 0 && isAlive ? SAFE_RETRIES : configured;
}
