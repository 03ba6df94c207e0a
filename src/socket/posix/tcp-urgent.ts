/**
 * Urgent data as Linux has it: the pointer names one byte, which is taken out of the stream (MSG_OOB reads
 * it) unless SO_OOBINLINE is set. Reading stops in front of it; reading on from there passes over it. RFC
 * 9293 §3.8.5, RFC 6093.
 */
import { type Seq, seqAdd, seqAfter, seqAtOrAfter, seqBefore, seqDiff } from "../../base/seq.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";

export class UrgentByte {
  readonly #connection: TcpConnection;
  #at: Seq | undefined = undefined;
  /** MSG_OOB has had it; it still parts the stream. */
  #isRead = false;
  #isTold = true;

  constructor(connection: TcpConnection) {
    this.#connection = connection;
  }

  get copied(): Seq {
    return this.#connection.copied;
  }

  /**
   * The peer's urgent pointer has moved. A byte that the reader stands in front of gives way to the new one.
   */
  arrived(isInline: boolean): void {
    const at = seqAdd(this.#connection.tcb.rcv.up, -1);
    if (seqBefore(at, this.copied) || (this.#at !== undefined && !seqAfter(at, this.#at))) return;
    if (this.distance === 0 && !isInline) this.#connection.receive(new Uint8Array(1));
    this.#at = at;
    this.#isRead = false;
    this.#isTold = false;
  }

  /** Whether the byte has come since the last time it was asked. */
  takeNews(): boolean {
    if (this.#isTold || !this.isReadable) return false;
    this.#isTold = true;
    return true;
  }

  /** How far it is to the byte; undefined when there is none to come. */
  get distance(): number | undefined {
    if (this.#at === undefined) return undefined;
    const distance = seqDiff(this.#at, this.copied);
    return distance < 0 ? undefined : distance;
  }

  /** The byte is here: POLLPRI. */
  get isReadable(): boolean {
    if (this.#at === undefined || this.#isRead || this.distance === undefined) return false;
    const { tcb, receiveClosed } = this.#connection;
    return seqAtOrAfter(seqAdd(tcb.rcv.nxt, receiveClosed ? -1 : 0), seqAdd(this.#at, 1));
  }

  /** There is an urgent byte that MSG_OOB could have, now or later. */
  get isExpected(): boolean {
    return this.distance !== undefined && !this.#isRead;
  }

  read(): void {
    this.#isRead = true;
  }

  /** The user's reading has gone past it. */
  passed(): void {
    if (this.#at !== undefined && seqAfter(this.copied, this.#at)) this.#at = undefined;
  }
}
