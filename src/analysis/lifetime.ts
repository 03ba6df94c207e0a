/**
 * The states of both ends as far as segments show them (RFC 9293 §3.3.2), and when a connection opened and
 * closed. An end is held to be where the segments that passed the capture would have brought it.
 */
import { type Seq, seqAfter, seqAtOrAfter } from "../base/seq.ts";
import { EDGES, type StateCause, type TcpState } from "../tcp/states.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import type { CapturedSegment } from "./captured-segment.ts";

export type Side = 0 | 1;

/** How a connection stood when the capture had no more of it. */
export type Outcome =
  | "open"
  /** Both ends said FIN, and heard that it came. */
  | "closed"
  /** One end said FIN. */
  | "half-closed"
  | "reset"
  /** A SYN was answered with RST. */
  | "refused"
  /** A SYN was not answered. */
  | "unanswered"
  /** A SYN was answered, and that not acknowledged. */
  | "half-open";

export interface StateChange {
  readonly side: Side;
  readonly from: TcpState;
  readonly to: TcpState;
  readonly cause: string;
}

interface EndLife {
  state: TcpState;
  /** Behind the SYN, and behind the FIN. */
  afterSyn: Seq | undefined;
  afterFin: Seq | undefined;
  finIsAcknowledged: boolean;
}

export class Lifetime {
  readonly #ends: readonly [EndLife, EndLife] = [newLife(), newLife()];
  readonly #changed: (change: StateChange) => void;
  /** µs; undefined: not seen. */
  synAt: number | undefined;
  synAckAt: number | undefined;
  establishedAt: number | undefined;
  firstFinAt: number | undefined;
  closedAt: number | undefined;
  resetAt: number | undefined;
  resetBy: Side | undefined;
  syns = 0;
  synAcks = 0;
  #isRefused = false;
  #lastSynAt = 0;

  constructor(changed: (change: StateChange) => void) {
    this.#changed = changed;
  }

  state(side: Side): TcpState {
    return this.#ends[side].state;
  }

  segment(side: Side, segment: CapturedSegment): void {
    const { flags } = segment;
    if ((flags & TCP_FLAG.rst) !== 0) this.#reset(side, segment);
    else if ((flags & TCP_FLAG.syn) !== 0) this.#syn(side, segment);
    else {
      if ((flags & TCP_FLAG.ack) !== 0) this.#ack(side, segment);
      if ((flags & TCP_FLAG.fin) !== 0) this.#fin(side, segment);
    }
  }

  get outcome(): Outcome {
    if (this.#isRefused) return "refused";
    if (this.resetAt !== undefined) return "reset";
    if (this.synAt !== undefined && this.establishedAt === undefined) {
      return this.synAcks > 0 ? "half-open" : "unanswered";
    }
    const [one, other] = this.#ends;
    if (one.finIsAcknowledged && other.finIsAcknowledged) return "closed";
    return one.afterFin === undefined && other.afterFin === undefined ? "open" : "half-closed";
  }

  /** Nothing but repetitions can follow. */
  get isOver(): boolean {
    const { outcome } = this;
    return outcome === "closed" || outcome === "reset" || outcome === "refused";
  }

  /** From the first SYN to the ACK that ended the handshake; undefined: not seen whole. */
  get handshakeTime(): number | undefined {
    if (this.synAt === undefined || this.synAckAt === undefined) return undefined;
    return this.establishedAt === undefined ? undefined : this.establishedAt - this.synAt;
  }

  /** From the first FIN to the acknowledgment of the last. */
  get closingTime(): number | undefined {
    if (this.firstFinAt === undefined || this.closedAt === undefined) return undefined;
    return this.closedAt - this.firstFinAt;
  }

  /** Round trips from the capture to the end that listens, and to the one that opened. */
  get handshakeRoundTrips(): readonly [number, number] | undefined {
    const { synAckAt, establishedAt } = this;
    if (this.synAt === undefined || synAckAt === undefined || establishedAt === undefined) return undefined;
    return [synAckAt - this.#lastSynAt, establishedAt - synAckAt];
  }

  /** Takes an edge, if there is one: for this cause, or for the first that the edge has. */
  #go(side: Side, to: TcpState, cause?: StateCause): void {
    const end = this.#ends[side];
    const from = end.state;
    const edge = EDGES.find(each => each.from === from && each.to === to);
    if (edge === undefined) return;
    end.state = to;
    const why = edge.causes.find(each => each === cause) ?? edge.causes[0] ?? edge.cause;
    this.#changed({ side, from, to, cause: why });
  }

  #syn(side: Side, { time, flags, sequence }: CapturedSegment): void {
    const end = this.#ends[side];
    end.afterSyn = ((sequence + 1) | 0) as Seq;
    if ((flags & TCP_FLAG.ack) === 0) {
      this.synAt ??= time;
      this.syns++;
      if (this.synAckAt === undefined) this.#lastSynAt = time;
      this.#go(side, "SYN-SENT");
      return;
    }
    this.synAckAt ??= time;
    this.synAcks++;
    // Somebody must have listened.
    if (end.state === "CLOSED") end.state = "LISTEN";
    this.#go(side, "SYN-RECEIVED");
  }

  #ack(side: Side, { time, acknowledgment }: CapturedSegment): void {
    const end = this.#ends[side];
    const peer = this.#ends[side === 0 ? 1 : 0];
    const other: Side = side === 0 ? 1 : 0;
    if (end.state === "CLOSED" || end.state === "LISTEN") {
      if (end.afterSyn === undefined && !end.finIsAcknowledged && this.resetAt === undefined) {
        this.#changed({ side, from: end.state, to: "ESTABLISHED", cause: MID_CONNECTION });
        end.state = "ESTABLISHED";
      }
      return;
    }
    const hasSyn = peer.afterSyn !== undefined && seqAtOrAfter(acknowledgment, peer.afterSyn);
    if (end.state === "SYN-SENT" && hasSyn) this.#go(side, "ESTABLISHED");
    if (peer.state === "SYN-RECEIVED" && hasSyn) {
      this.#go(other, "ESTABLISHED");
      this.establishedAt ??= time;
    }
    if (peer.afterFin === undefined || peer.finIsAcknowledged) return;
    if (!seqAtOrAfter(acknowledgment, peer.afterFin)) return;
    peer.finIsAcknowledged = true;
    this.#finArrived(side, other);
    if (end.finIsAcknowledged) this.closedAt = time;
  }

  /** The end `to` has the FIN of `from`, and has said so. */
  #finArrived(to: Side, from: Side): void {
    const { state } = this.#ends[to];
    if (state === "ESTABLISHED") this.#go(to, "CLOSE-WAIT");
    else if (state === "FIN-WAIT-1") this.#go(to, "CLOSING");
    else if (state === "FIN-WAIT-2") this.#go(to, "TIME-WAIT");
    const sender = this.#ends[from].state;
    const cause = "ACK of our FIN received";
    if (sender === "FIN-WAIT-1") this.#go(from, "FIN-WAIT-2", cause);
    else if (sender === "CLOSING") this.#go(from, "TIME-WAIT", cause);
    else if (sender === "LAST-ACK") this.#go(from, "CLOSED", cause);
  }

  #fin(side: Side, { time, sequence, length }: CapturedSegment): void {
    const end = this.#ends[side];
    const after = ((sequence + length + 1) | 0) as Seq;
    if (end.afterFin !== undefined && !seqAfter(after, end.afterFin)) return;
    end.afterFin = after;
    this.firstFinAt ??= time;
    this.#go(side, end.state === "CLOSE-WAIT" ? "LAST-ACK" : "FIN-WAIT-1");
  }

  #reset(side: Side, { time }: CapturedSegment): void {
    const other: Side = side === 0 ? 1 : 0;
    // What comes after a close answers latecomers.
    if (this.resetAt !== undefined || this.outcome === "closed") return;
    this.#isRefused = this.#ends[other].state === "SYN-SENT" && this.#ends[side].state === "CLOSED";
    this.resetAt = time;
    this.resetBy = side;
    this.#go(side, "CLOSED", "ABORT");
    this.#go(other, this.#ends[other].state === "SYN-RECEIVED" ? "LISTEN" : "CLOSED", "RST received");
  }
}

/** The cause of the one change that RFC 9293 does not know. */
export const MID_CONNECTION = "the capture begins in mid-connection";

function newLife(): EndLife {
  return { state: "CLOSED", afterSyn: undefined, afterFin: undefined, finIsAcknowledged: false };
}
