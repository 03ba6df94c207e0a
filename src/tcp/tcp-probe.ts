/**
 * A window into TCP for traces, inspectors and tests. Every method is optional; a probe must not call back
 * into TCP. All that it is shown is borrowed for the call: the segments are one scratch object each, and a
 * connection goes on changing.
 */
import type { DropReason } from "../base/drop-reason.ts";
import type { Seq } from "../base/seq.ts";
import type { Instant } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";
import type { TcpHeader } from "../wire/tcp.ts";
import type { TcpOptions } from "../wire/tcp-options.ts";
import type { TimeWait } from "./closing/time-wait.ts";
import type { Listener } from "./handshake/listener.ts";
import type { SynEntry } from "./handshake/syn-entry.ts";
import type { AckNews } from "./loss/ack-news.ts";
import type { CongestionState } from "./loss/recovery.ts";
import type { Segment } from "./segment.ts";
import type { StateCause, TcpState } from "./states.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/**
 * The four numbers that name a connection. A listener's remote half is the unspecified address and port 0.
 */
export interface FourTuple {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
}

/** What stands for one end of a connection, from a SYN that a listener keeps to the end of TIME-WAIT. */
export type TcpEnd = TcpConnection | SynEntry | TimeWait;

/** Why a segment was sent again, or text is held for lost. */
const CAUSES = ["syn", "timeout", "fast", "rack", "tlp", "size"] as const;
export type RetransmissionCause = (typeof CAUSES)[number];

/** Why a segment was sent. */
export type SendReason =
  | "handshake"
  | "text"
  | "retransmission"
  | "ack"
  | "delayed-ack"
  | "duplicate-ack"
  | "window-update"
  | "window-probe"
  | "keepalive"
  | "mtu-probe"
  | "tail-loss-probe"
  | "challenge-ack"
  | "fin"
  | "reset"
  | "time-wait"
  | "syn-cookie";

export type TimerName =
  | "retransmit"
  | "tail-loss-probe"
  | "reordering"
  | "persist"
  | "delayed-ack"
  | "compressed-ack"
  | "keepalive"
  | "pacing"
  | "fin-wait-2"
  | "time-wait"
  | "syn-ack";

/** One that was sent again names the cause; so does the tail's last segment, sent again as a probe. */
export type SegmentPurpose = SendReason | RetransmissionCause;

/** Undefined: it was not sent again. */
export function causeIn(why: SegmentPurpose): RetransmissionCause | undefined {
  return CAUSES.find(cause => cause === why);
}

/** A segment that has just been handed to IP. */
export interface SentSegment {
  readonly header: TcpHeader;
  readonly options: TcpOptions;
  readonly textLength: number;
  /** The text of each of the segments that it is to be cut into; 0: it is one. */
  readonly segmentSize: number;
}

/** What became of an arriving segment, if not the usual. */
export type Verdict = DropReason | "duplicate" | "out-of-order";

export interface TcpProbe {
  /** An end is there: by an active OPEN, or by a SYN that a listener keeps. */
  opened?(end: TcpEnd): void;
  /** Another record stands for an end: what was SYN-RECEIVED is a connection, or a connection TIME-WAIT. */
  continued?(before: TcpEnd, after: TcpEnd): void;
  stateChanged?(tuple: TcpEnd | FourTuple, from: TcpState, to: TcpState, cause: StateCause): void;
  /** A segment has come, and nothing of it has been processed. */
  arriving?(segment: Segment): void;
  /** It has been processed. `end`: whose it was when it came; undefined: a listener's, or nobody's. */
  arrived?(end: TcpEnd | undefined, segment: Segment, verdict: Verdict | undefined): void;
  /** A segment goes down to IP now; `sent` or `refused` (the device has no room) follows. */
  sending?(tuple: TcpEnd | FourTuple): void;
  refused?(tuple: TcpEnd | FourTuple): void;
  /** @param tuple an end, if it is one's; else the answer is to a stranger */
  sent?(tuple: TcpEnd | FourTuple, segment: SentSegment, why: SegmentPurpose): void;
  /** An acknowledgment was news; `c.sample.rtt` is the round trip that it measured, or 0. */
  acknowledged?(c: TcpConnection, news: AckNews): void;
  /** The numbers from `start` to before `end` are held for lost from now on. */
  lost?(c: TcpConnection, start: Seq, end: Seq, cause: RetransmissionCause): void;
  /** `undone`: the reduction of the window is taken back; the state may go on. */
  recovery?(c: TcpConnection, change: "entered" | "left" | "undone", state: CongestionState): void;
  /**
   * Of connections only what runs out is told, and before it has an effect; what is set and what is not shows
   * in `c.timers` whenever `settled` is called.
   */
  timer?(end: TcpEnd, timer: TimerName, change: "set" | "fired" | "cancelled", at: Instant): void;
  /** All that happened to a connection has been answered: its numbers stand until the next event. */
  settled?(c: TcpConnection): void;
  /** The user gave text, or took some. */
  written?(c: TcpConnection, bytes: number): void;
  read?(c: TcpConnection, bytes: number): void;
  overflowed?(listener: Listener, queue: "syn" | "accept"): void;
  /** `segment`: the SYN that is answered with a cookie, or the one that brings it back. */
  cookie?(listener: Listener, change: "sent" | "accepted" | "refused", segment: Segment): void;
  /** A connection has ended: its numbers are final. It may live on as a TIME-WAIT record. */
  ended?(connection: TcpConnection): void;
  /** Nothing stands for an end any more. */
  left?(end: TcpEnd): void;
}
