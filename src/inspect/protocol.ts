/**
 * What an inspector and its page say to each other: plain data, a message each, JSON on a WebSocket, as they
 * are to a worker. An inspector speaks of a live host, of a simulation, or of a file; the page shows all
 * three in the same way. Whatever a message carries is bounded, and tells what was left out.
 */
import type { FindingCode, FindingValues, Severity } from "../analysis/findings.ts";
import type { Mark } from "../analysis/marks.ts";
import type { TcpState } from "../tcp/states.ts";
import type { Metrics, TimerName, TraceEvent } from "../trace/event.ts";
import type { Problem } from "./problem.ts";

export const PROTOCOL_VERSION = 1;

export interface HostDescription {
  readonly name: string;
  readonly interfaces: ReadonlyArray<{
    readonly name: string;
    readonly mtu: number;
    readonly addresses: readonly string[];
  }>;
}

/** A wire whose faults the page may change. Directions are named after their sender. */
export interface LinkDescription {
  readonly name: string;
  readonly directions: readonly LinkDirection[];
}

export interface LinkDirection {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly loss: number;
  /** µs */
  readonly delay: number;
  readonly jitter: number;
  /** 0: no bound. */
  readonly rateBytesPerSecond: number;
  readonly isCut: boolean;
  /** A single segment can be meant: the next one dropped, or delayed. Undefined: it cannot. */
  readonly hasGate?: boolean;
}

/** What the page may do. */
export interface Abilities {
  /** Time is simulated: pause, step, speed, replay. */
  readonly time: boolean;
  /** Wires are simulated: loss, delay, rate, drop and delay of the next segment. */
  readonly links: boolean;
}

export interface Hello {
  readonly type: "hello";
  readonly version: number;
  readonly kind: "live" | "simulation" | "file";
  readonly title: string;
  readonly hosts: readonly HostDescription[];
  readonly abilities: Abilities;
  /** Instant 0 of the clock, in µs since 1970; undefined: virtual time. */
  readonly epoch?: number;
  /** Of a scene: its id and the seed of this run. */
  readonly scene?: string;
  readonly seed?: number;
}

/** Judgements on a connection, in a word. */
export type Verdict =
  | "idle"
  | "application-limited"
  | "congestion-limited"
  | "peer-window-limited"
  | "send-buffer-limited"
  | "zero-window"
  | "reader-slow"
  | "losing"
  | "reordering"
  | "in-recovery"
  | "retrying"
  | "half-open"
  | "reset";

/** A row of the table of connections. Rates are bytes per second, over the last second or so. */
export interface ConnectionRow {
  readonly connection: number;
  readonly host: string;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  readonly state: TcpState;
  readonly role: "active" | "passive";
  readonly congestionControl: string;
  readonly openedAt: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly sendRate: number;
  readonly receiveRate: number;
  readonly srtt: number;
  readonly retransmissions: number;
  readonly verdicts: readonly Verdict[];
  readonly error?: string;
}

/** Rows that are new or have changed, and connections to be forgotten. */
export interface Rows {
  readonly type: "rows";
  readonly time: number;
  readonly rows: readonly ConnectionRow[];
  readonly gone: readonly number[];
  /** So many connections have no row: there are too many of them. Undefined: none. */
  readonly hidden?: number;
}

/** Of the connections that the page watches, in order; and those of no connection. */
export interface Events {
  readonly type: "events";
  readonly events: readonly TraceEvent[];
}

/** Text of the send queue, in bytes from SND.UNA on; `end` is not part of it. */
export interface SentPiece {
  readonly start: number;
  readonly end: number;
  readonly fate: "in-flight" | "sacked" | "lost" | "sent-again";
}

export type BlockedBy =
  | "nothing-to-send"
  | "peer-window"
  | "congestion-window"
  | "nagle"
  | "cork"
  | "pacing"
  | "silly-window"
  | "handshake"
  | "nothing";

export interface ArmedTimer {
  readonly timer: TimerName;
  readonly setAt: number;
  readonly at: number;
}

/** A connection at one instant. Positions are bytes from SND.UNA, or from RCV.NXT. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly connection: number;
  readonly time: number;
  readonly state: TcpState;
  readonly metrics: Metrics;
  readonly send: {
    /** SND.UNA and ISS, as on the wire. */
    readonly unacknowledged: number;
    readonly initial: number;
    readonly next: number;
    /** The right edges: of the peer's window, of the congestion window, of what the user has written. */
    readonly windowEnd: number;
    readonly congestionEnd: number;
    readonly written: number;
    readonly capacity: number;
    readonly pieces: readonly SentPiece[];
    readonly blockedBy: BlockedBy;
  };
  readonly receive: {
    /** RCV.NXT and IRS, as on the wire. */
    readonly next: number;
    readonly initial: number;
    /** In order, and not read yet: it ends at RCV.NXT. */
    readonly readable: number;
    readonly windowEnd: number;
    readonly capacity: number;
    /** Beyond a hole. */
    readonly islands: ReadonlyArray<readonly [number, number]>;
  };
  readonly timers: readonly ArmedTimer[];
}

export interface ListenerState {
  readonly host: string;
  readonly local: string;
  readonly localPort: number;
  readonly halfOpen: number;
  readonly waiting: number;
  readonly backlog: number;
  readonly overflows: number;
  readonly drops: number;
  readonly cookiesSent: number;
  readonly cookiesAccepted: number;
  readonly cookiesRefused: number;
}

/** The queues of all listeners, and what the hosts have dropped so far. */
export interface Queues {
  readonly type: "queues";
  readonly time: number;
  readonly listeners: readonly ListenerState[];
  readonly drops: ReadonlyArray<{ readonly host: string; readonly reason: string; readonly count: number }>;
}

export interface Packet {
  /** From 1. */
  readonly number: number;
  readonly time: number;
  readonly host: string;
  readonly interface: string;
  /** Undefined: a capture does not say. */
  readonly direction?: "in" | "out" | undefined;
  /** Of libpcap. */
  readonly linkType: number;
  /** On the wire; more than there are bytes here if it was cut. */
  readonly length: number;
  /** Base64. */
  readonly bytes: string;
  readonly comment?: string;
  /** What an analysis says of the segment. */
  readonly marks?: readonly Mark[];
}

export interface Packets {
  readonly type: "packets";
  readonly packets: readonly Packet[];
  /** So many before these are not here: there were too many of them. */
  readonly skipped: number;
}

/** The simulated clock. */
export interface Clock {
  readonly type: "clock";
  readonly now: number;
  readonly state: "running" | "paused" | "ended";
  /** Virtual seconds a second. */
  readonly speed: number;
  /** Of the next event; undefined: nothing is left to happen. */
  readonly next?: number;
  readonly events: number;
}

export interface Links {
  readonly type: "links";
  readonly links: readonly LinkDescription[];
}

/** What the analysis of a file holds to be worth a look, the worst first. */
export interface Findings {
  readonly type: "findings";
  readonly findings: readonly FoundOut[];
}

export interface FoundOut {
  readonly severity: Severity;
  readonly code: FindingCode;
  readonly values: FindingValues;
  /** 0: of none. */
  readonly connection: number;
  readonly time: number;
  /** Where it was first seen; undefined: it is no packet's. */
  readonly packet?: number;
}

/** How far the reading of a file is: bytes. */
export interface Progress {
  readonly type: "progress";
  readonly done: number;
  readonly all: number;
}

/** What could not be done, or read. */
export interface Trouble {
  readonly type: "trouble";
  readonly problem: Problem;
  /** The same in English. */
  readonly sentence: string;
}

export type ToPage =
  | Hello
  | Rows
  | Events
  | Snapshot
  | Queues
  | Packets
  | Clock
  | Links
  | Findings
  | Progress
  | Trouble;

/** Which connections the page shows in detail: their past, as far as it is kept, comes at once. */
export interface Watch {
  readonly type: "watch";
  readonly connections: readonly number[];
}

/** `filter`: in tcpdump's language. The past, as far as it is kept, comes at once. */
export interface WatchPackets {
  readonly type: "watch-packets";
  readonly on: boolean;
  readonly filter?: string;
}

export type Control =
  | { readonly type: "control"; readonly action: "pause" | "resume" | "step" }
  | { readonly type: "control"; readonly action: "speed"; readonly speed: number }
  | { readonly type: "control"; readonly action: "replay"; readonly seed: number }
  /** The next segment that goes this way is dropped; or delayed by µs. */
  | { readonly type: "control"; readonly action: "drop-next"; readonly direction: string }
  | {
      readonly type: "control";
      readonly action: "delay-next";
      readonly direction: string;
      readonly delay: number;
    }
  | {
      readonly type: "control";
      readonly action: "impair";
      readonly direction: string;
      readonly loss?: number;
      readonly delay?: number;
      readonly jitter?: number;
      readonly rateBytesPerSecond?: number;
      readonly isCut?: boolean;
    };

export type FromPage = Watch | WatchPackets | Control;

/** One end of the conversation. */
export interface Channel<Sent, Heard> {
  send(message: Sent): void;
  onMessage: ((message: Heard) => void) | undefined;
  /** It has ended, by either end. */
  onClosed: (() => void) | undefined;
  /** Bytes that the other end has not taken yet, where that can be known. */
  readonly waiting?: number;
  close(): void;
}

export type PageChannel = Channel<FromPage, ToPage>;
export type InspectorChannel = Channel<ToPage, FromPage>;
