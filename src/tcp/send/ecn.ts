/**
 * Explicit congestion notification, once both ends have agreed on it: RFC 3168 §6.1 (RFC 9293 §3.8.2,
 * SHLD-8). A router that would drop marks instead (CE); the receiver echoes that with ECE in every segment
 * until it sees CWR; the sender reduces its window once a round trip as for a loss, and says so with CWR.
 *
 *    sender  --- ECT(0) --> router --- CE --> receiver
 *            <------------- ECE --------------
 *            ------------ CWR, ECT(0) ------->
 */

/** The two low bits of the IP header's traffic class: §5. */
export const ECN_FIELD = { mask: 3, notEct: 0, ect1: 1, ect0: 2, ce: 3 } as const;

/** net.ipv4.tcp_ecn. */
export const ECN_MODE = { off: 0, request: 1, accept: 2 } as const;

export class Ecn {
  /** As receiver: CE was seen, and CWR has not come since (§6.1.3). */
  #echoes = false;
  /** As sender: the window was reduced, and the peer does not know yet (§6.1.2). */
  #owesCwr = false;
  #seen = false;
  /** Segments of text that carried CE. */
  receivedCe = 0;
  /** Segments delivered by acknowledgments that said ECE. */
  deliveredCe = 0;

  /** Every segment has ECE. */
  get echoes(): boolean {
    return this.#echoes;
  }

  /** The next new text has CWR. */
  get owesCwr(): boolean {
    return this.#owesCwr;
  }

  /** The peer's segments have been marked as capable. */
  get seen(): boolean {
    return this.#seen;
  }

  /**
   * A segment of text has arrived that is taken. True: the sender should hear of it soon. §6.1.3; a segment
   * without mark after others that had one is one that was sent again (§6.1.5).
   */
  textArrived(trafficClass: number, hasCwr: boolean): boolean {
    const field = trafficClass & ECN_FIELD.mask;
    if (hasCwr) this.#echoes = false;
    if (field === ECN_FIELD.notEct) return this.#seen || hasCwr;
    this.#seen = true;
    if (field !== ECN_FIELD.ce) return hasCwr;
    this.receivedCe++;
    const isNews = !this.#echoes;
    this.#echoes = true;
    return isNews || hasCwr;
  }

  /** For whatever reason: §6.1.2. */
  windowReduced(): void {
    this.#owesCwr = true;
  }

  /** The reduction was needless, and is taken back. */
  windowRestored(): void {
    this.#owesCwr = false;
  }

  cwrSent(): void {
    this.#owesCwr = false;
  }
}
