/**
 * The story of one end of a connection, as views draw it: built up from trace events, in bounded memory.
 */
import type { TcpState } from "../tcp/states.ts";
import type { EventOf, LossCause, Metrics, SendReason, TimerName } from "../trace/event.ts";

/** A segment that this end sent or got. */
export interface StorySegment {
  readonly direction: "sent" | "received";
  /** When it left its sender, and when it came to its receiver; undefined: not known, or it never came. */
  readonly sentAt: number | undefined;
  readonly receivedAt: number | undefined;
  /** The wire took it, or a part of it. */
  readonly lost: boolean;
  readonly flags: string;
  /** Relative to the initial sequence number of its sender, and of its receiver; they do not wrap. */
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly length: number;
  readonly window: number;
  readonly segments: number;
  /** Relative as the acknowledgment is. */
  readonly sack: ReadonlyArray<readonly [number, number]>;
  readonly duplicate: boolean;
  /** TSval, of RFC 7323: it tells a sending from the next one of the same text. */
  readonly timestamp: number | undefined;
  readonly reason: SendReason | undefined;
  /** It was sent again, because of this. */
  readonly cause: LossCause | undefined;
  readonly verdict: string | undefined;
}

export interface StoryState {
  readonly time: number;
  readonly from: TcpState;
  readonly to: TcpState;
  readonly cause: string;
}

export interface StoryMetrics extends Metrics {
  readonly time: number;
}

export interface StoryAcknowledgment {
  readonly time: number;
  /** SND.UNA, relative to ISS; it does not wrap. */
  readonly acknowledgment: number;
  readonly bytes: number;
  readonly rtt: number | undefined;
}

export interface StoryLoss {
  readonly time: number;
  readonly sequence: number;
  readonly length: number;
  readonly cause: LossCause;
}

/** From one change of the recovery state to the next. */
export interface StoryRecovery {
  readonly kind: "recovery" | "loss" | "cwr" | "disorder";
  readonly from: number;
  readonly to: number | undefined;
  readonly undone: boolean;
}

export interface StoryTimer {
  readonly time: number;
  readonly timer: TimerName;
  readonly change: "set" | "fired" | "cancelled";
  readonly at: number | undefined;
}

/** What numbers are relative to: a number on the wire that counts as 0. */
export interface StoryOrigin {
  readonly sequence: number;
  /** It is the SYN's; else the beginning was not seen, and it is the first number that was. */
  readonly isInitial: boolean;
}

/** In the order of time, the oldest first; the oldest are forgotten when there are too many. */
export interface Story {
  readonly connection: number;
  readonly host: string;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  readonly role: "active" | "passive" | undefined;
  readonly congestionControl: string | undefined;
  /** Of what this end sends, and of what it receives; undefined: no such number has been seen. */
  readonly sendOrigin: StoryOrigin | undefined;
  readonly receiveOrigin: StoryOrigin | undefined;
  readonly segments: readonly StorySegment[];
  readonly acknowledgments: readonly StoryAcknowledgment[];
  readonly losses: readonly StoryLoss[];
  readonly recoveries: readonly StoryRecovery[];
  readonly states: readonly StoryState[];
  readonly metrics: readonly StoryMetrics[];
  readonly timers: readonly StoryTimer[];
  readonly findings: readonly EventOf<"analysis:finding">[];
  /** The end has left, and what its user heard. */
  readonly ended: { readonly time: number; readonly error: string | undefined } | undefined;
  /** Events told so far: a story whose count has not changed has not changed. */
  readonly events: number;
  /** When the last event was, in µs. */
  readonly lastTime: number;
  /** Segments before `segments[0]` that were known once. */
  readonly forgottenSegments: number;
  /** Events that are not here: too many of them, or too old. */
  readonly skipped: number;
}
