/**
 * What a trace is made of: one event for each thing that happened to a host, a connection, a wire or a
 * simulation. Events are plain data, the same in memory, in a trace file (`json-lines`) and on their way to
 * the inspector's page; their shape follows qlog (draft-ietf-quic-qlog-main-schema): a time, a name
 * `category:event`, and data.
 *
 * Times are µs. Sequence numbers are those of the wire, 0 to 2^32 - 1. Windows are scaled, in bytes.
 */
import type { TcpState } from "../tcp/states.ts";
import type { RetransmissionCause, SendReason, TimerName } from "../tcp/tcp-probe.ts";

export type { SendReason, TimerName } from "../tcp/tcp-probe.ts";

/** Why a segment was sent again, or text held for lost. In captures `spurious` is a guess from outside. */
export type LossCause = RetransmissionCause | "spurious";

/** The header of a segment, as far as one looks at it. */
export interface SegmentEvent {
  readonly sequence: number;
  /** 0 without the ACK flag. */
  readonly acknowledgment: number;
  /** Of `FIN SYN RST PSH ACK URG ECE CWR`, with a space between. */
  readonly flags: string;
  /** Bytes of text. */
  readonly length: number;
  readonly window: number;
  /** It stands for so many segments on a wire: a unit that is cut or was joined below TCP. */
  readonly segments?: number;
  readonly mss?: number;
  readonly windowScale?: number;
  readonly sack?: ReadonlyArray<readonly [number, number]>;
  /** The first range of `sack` reports a duplicate: RFC 2883. */
  readonly duplicate?: boolean;
  readonly timestamps?: readonly [number, number];
}

/** The numbers that steer a connection. Rates are bytes per second. */
export interface Metrics {
  readonly cwnd: number;
  /** Undefined: none yet. */
  readonly ssthresh?: number;
  readonly inFlight: number;
  /** The peer's, as told last. */
  readonly sendWindow: number;
  readonly receiveWindow: number;
  /** 0 before the first sample. */
  readonly srtt: number;
  readonly rttvar: number;
  readonly minRtt: number;
  readonly rto: number;
  /** Undefined: not paced. */
  readonly pacingRate?: number;
}

export interface EventData {
  /** An end of a connection is there: by an OPEN, or by a SYN that a listener keeps. */
  "tcp:opened": {
    readonly local: string;
    readonly localPort: number;
    readonly remote: string;
    readonly remotePort: number;
    readonly role: "active" | "passive";
    readonly congestionControl: string;
    /** It was there before the trace began, in this state. */
    readonly state?: TcpState;
  };
  "tcp:state": { readonly from: TcpState; readonly to: TcpState; readonly cause: string };
  "tcp:sent": SegmentEvent & { readonly reason: SendReason; readonly cause?: LossCause };
  /** `verdict`: what became of it, if not the usual: `duplicate`, `out-of-order`, a drop reason. */
  "tcp:received": SegmentEvent & { readonly verdict?: string };
  /** An acknowledgment was news: SND.UNA now, and what it added. `rtt`: the sample it gave. */
  "tcp:acknowledged": {
    readonly acknowledgment: number;
    readonly bytes: number;
    readonly sackedBytes: number;
    readonly rtt?: number;
  };
  "tcp:lost": { readonly sequence: number; readonly length: number; readonly cause: LossCause };
  "tcp:recovery": {
    readonly change: "entered" | "left" | "undone";
    readonly kind: "recovery" | "loss" | "cwr" | "disorder";
  };
  "tcp:metrics": Metrics;
  /** `at`: when it will run out, of `set`. */
  "tcp:timer": {
    readonly timer: TimerName;
    readonly change: "set" | "fired" | "cancelled";
    readonly at?: number;
  };
  /** The user gave text, or took some. */
  "tcp:written": { readonly bytes: number };
  "tcp:read": { readonly bytes: number };
  "tcp:overflow": { readonly queue: "syn" | "accept"; readonly localPort: number };
  "tcp:cookie": {
    readonly change: "sent" | "accepted" | "refused";
    readonly remote: string;
    readonly remotePort: number;
  };
  /**
   * The end has left, with the error that its user heard: its last event, but for what comes too late
   * (segments for it, and the answers to them) and for text that its user still reads.
   */
  "tcp:ended": { readonly error?: string };
  /** A packet that the host did not want. */
  "host:dropped": { readonly reason: string };
  /** A frame that a simulated wire took, damaged or doubled. */
  "link:fault": {
    readonly link: string;
    readonly fault: "lost" | "queue-full" | "cut" | "corrupted" | "duplicated" | "delayed";
  };
  /** A segment of a connection that a wire lost on its way from this end. */
  "link:lost": SegmentEvent & { readonly link: string; readonly fault: "lost" | "queue-full" | "cut" };
  /** What a scene tells at this moment: the number of one of its remarks. */
  "scene:remark": { readonly remark: number };
  /** What an analysis of a capture holds to be worth a look. */
  "analysis:finding": {
    readonly severity: "note" | "warning" | "error";
    readonly code: string;
    readonly values?: Readonly<Record<string, number | string>>;
  };
  /** So many events are not here: there were too many of them. */
  "trace:skipped": { readonly events: number };
}

export type EventName = keyof EventData;

/** What all events have. */
export interface EventHead {
  /** µs, on the clock of the trace. */
  readonly time: number;
  /** The name of the host. */
  readonly host: string;
  /** Which end of a connection, numbered through the trace from 1; 0: of none. */
  readonly connection: number;
}

export type TraceEvent = {
  [Name in EventName]: EventHead & { readonly name: Name; readonly data: EventData[Name] };
}[EventName];

export type EventOf<Name extends EventName> = Extract<TraceEvent, { readonly name: Name }>;
