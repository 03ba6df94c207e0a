/**
 * The story of one end of a connection, as views draw it: built up from trace events, in bounded memory.
 */
import type { TcpState } from "../tcp/states.ts";
import type { LossCause, Metrics, SendReason } from "../trace/event.ts";

/** A segment that this end sent or got. */
export interface StorySegment {
  readonly direction: "sent" | "received";
  /** When it left its sender, and when it came to its receiver; undefined: not known, or it never came. */
  readonly sentAt: number | undefined;
  readonly receivedAt: number | undefined;
  /** The wire took it. */
  readonly lost: boolean;
  readonly flags: string;
  /** Relative to the initial sequence number of its sender, and of its receiver; they do not wrap. */
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly length: number;
  readonly window: number;
  readonly segments: number;
  readonly sack: ReadonlyArray<readonly [number, number]>;
  readonly duplicate: boolean;
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
