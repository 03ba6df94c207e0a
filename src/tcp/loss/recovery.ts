/**
 * The congestion states, with Linux's names (tcpi_ca_state), and how long each lasts. At most one reduction
 * of the congestion window for the losses of one window of data: a reduction lasts until what was sent before
 * it began is acknowledged (RFC 5681 §4.3, RFC 6582 §3.2, RFC 6675 §5, RFC 3168 §6.1.2).
 *
 * - `open`: nothing unusual.
 * - `disorder`: reports or duplicate acknowledgments, and nothing is held for lost yet.
 * - `cwr`: the window is being reduced because of a sign of congestion without a loss.
 * - `recovery`: the window is being reduced and losses are repaired: fast recovery.
 * - `loss`: after a retransmission timeout.
 */
import { flagAt, numberAt, type Row } from "../../base/fold.ts";
import { type Seq, seq, seqAfter, seqAtOrAfter } from "../../base/seq.ts";

export type CongestionState = "open" | "disorder" | "cwr" | "recovery" | "loss";

export class Recovery {
  /** In Loss without a timeout: what goes out again was too long, and nothing is wrong with the network. */
  isOfSize = false;
  #state: CongestionState = "open";
  #point: Seq = seq(0);

  get state(): CongestionState {
    return this.#state;
  }

  /** Nothing is being repaired, and the window is not being reduced. */
  get isOpen(): boolean {
    return this.#state === "open" || this.#state === "disorder";
  }

  /** The window is being reduced step by step. */
  get isReducing(): boolean {
    return this.#state === "cwr" || this.#state === "recovery";
  }

  get isRepairing(): boolean {
    return this.#state === "recovery" || this.#state === "loss";
  }

  /** RecoveryPoint: the highest sequence number sent when the state began. */
  get point(): Seq {
    return this.#point;
  }

  entered(state: CongestionState, nxt: Seq): void {
    this.#state = state;
    this.#point = nxt;
    this.isOfSize = false;
  }

  /** From CWR: the reduction goes on, and with it its point. */
  lossFound(): void {
    this.#state = "recovery";
  }

  /** What was to be repaired is. */
  opened(): void {
    this.#state = "open";
  }

  /** Everything sent before the state began is acknowledged. */
  isOver(una: Seq): boolean {
    return seqAtOrAfter(una, this.#point);
  }

  /** As `isOver`, and something sent later is acknowledged too. */
  isLongOver(una: Seq): boolean {
    return seqAfter(una, this.#point);
  }

  /** While nothing is unusual. */
  fold(row: Row, at: number): number {
    row[at] = this.isOfSize ? 1 : 0;
    row[at + 1] = this.#point;
    return at + 2;
  }

  unfold(row: Row, at: number): number {
    this.isOfSize = flagAt(row, at);
    this.#point = numberAt(row, at + 1);
    return at + 2;
  }
}
