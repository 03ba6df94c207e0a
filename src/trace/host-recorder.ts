/**
 * One host's probe that makes trace events of what it is shown. Events that a segment causes are held back
 * until what became of it is known, and then follow it.
 */
import type { DropReason } from "../base/drop-reason.ts";
import { type Seq, seqDiff } from "../base/seq.ts";
import { type Instant, NEVER } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import type { Listener } from "../tcp/handshake/listener.ts";
import type { AckNews } from "../tcp/loss/ack-news.ts";
import type { CongestionState } from "../tcp/loss/recovery.ts";
import type { Segment } from "../tcp/segment.ts";
import type { StateCause, TcpState } from "../tcp/states.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import {
  causeIn,
  type FourTuple,
  type RetransmissionCause,
  type SegmentPurpose,
  type SentSegment,
  type TcpEnd,
  type TcpProbe,
  type Verdict,
} from "../tcp/tcp-probe.ts";
import { metricsOf, sameMetrics } from "./connection-metrics.ts";
import type { EventData, EventName, TimerName, TraceEvent } from "./event.ts";
import { openedEvent } from "./opened-event.ts";
import type { TraceRecorderOptions } from "./recorder.ts";
import { reasonIn, segmentEvent } from "./segment-event.ts";
import { TimerChanges } from "./timer-changes.ts";
import { type TracedEnd, TracedEnds } from "./traced-end.ts";

/** Of no connection. */
const NONE = 0;

export class HostRecorder implements TcpProbe {
  readonly #host: Host;
  readonly #options: TraceRecorderOptions;
  readonly #nextNumber: () => number;
  readonly #ends: TracedEnds;
  /** What a segment that goes down has met on its wire already, and comes behind it. */
  #isSending = false;
  readonly #met: TraceEvent[] = [];
  /** While a segment is processed: what it has caused, and the end that it has opened. */
  #isArriving = false;
  readonly #caused: TraceEvent[] = [];
  #opened: TcpEnd | undefined = undefined;
  /** Of the segment as it came: processing trims it. */
  #length = 0;
  #segments = 1;
  #isOver = false;
  /** The host will count the segment as dropped for this, which its verdict has told. */
  #told: string | undefined = undefined;

  constructor(host: Host, options: TraceRecorderOptions, nextNumber: () => number) {
    this.#host = host;
    this.#ends = new TracedEnds(tuple => host.tcp.recordOf(tuple));
    this.#options = options;
    this.#nextNumber = nextNumber;
  }

  numberOf(record: TcpEnd): number {
    return this.#ends.numberOf(record);
  }

  recordFor<Name extends EventName>(
    tuple: FourTuple,
    name: Name,
    data: (end: TracedEnd) => EventData[Name],
  ): boolean {
    const end = this.#ends.between(tuple);
    if (end === undefined) return false;
    if (this.#wants(end.number, name)) this.#emit(end.number, name, data(end));
    return true;
  }

  record<Name extends EventName>(place: string, name: Name, data: EventData[Name]): void {
    if (this.#wants(NONE, name)) this.#emit(NONE, name, data, place);
  }

  /** What is there already when recording begins. */
  announce(): void {
    const { tcp } = this.#host;
    for (const entry of tcp.halfOpen()) this.#announce(entry, "SYN-RECEIVED");
    for (const c of tcp.connections()) {
      const number = this.#announce(c, c.state);
      // Who looks at every connection does not wake them all.
      if (!c.isResting) this.#look(c, number);
    }
    for (const record of tcp.timeWaits()) this.#announce(record, "TIME-WAIT");
  }

  /** Also what is held back is told no more: whoever hears an event may end it. */
  end(): void {
    this.#isOver = true;
  }

  // --- an end's life

  opened(record: TcpEnd): void {
    this.#announce(record, undefined);
    if (this.#isArriving) this.#opened = record;
  }

  #announce(record: TcpEnd, state: TcpState | undefined): number {
    const number = this.#nextNumber();
    this.#ends.add(record, number);
    if (this.#wants(number, "tcp:opened")) this.#emit(number, "tcp:opened", openedEvent(record, state));
    return number;
  }

  continued(before: TcpEnd, after: TcpEnd): void {
    this.#ends.of(before)?.learnScales(before);
    this.#ends.moved(before, after);
  }

  stateChanged(record: TcpEnd | FourTuple, from: TcpState, to: TcpState, cause: StateCause): void {
    const number = this.#ends.numberOf(record);
    if (number !== NONE && this.#wants(number, "tcp:state"))
      this.#emit(number, "tcp:state", { from, to, cause });
  }

  ended(c: TcpConnection): void {
    const number = this.numberOf(c);
    this.#ends.told(c)?.timers?.stop((timer, at) => this.#timer(number, timer, at));
  }

  left(record: TcpEnd): void {
    const number = this.numberOf(record);
    if (number === NONE) return;
    this.#ends.left(record);
    if (!this.#wants(number, "tcp:ended")) return;
    const error = record.kind === "connection" ? record.error : undefined;
    this.#emit(number, "tcp:ended", error === undefined ? {} : { error });
  }

  // --- segments

  sending(): void {
    this.#isSending = true;
  }

  refused(): void {
    this.#isSending = false;
  }

  sent(from: TcpEnd | FourTuple, segment: SentSegment, why: SegmentPurpose): void {
    this.#isSending = false;
    this.#tellSent(from, segment, why);
    if (this.#met.length > 0) for (const event of this.#met.splice(0)) this.#put(event);
  }

  #tellSent(from: TcpEnd | FourTuple, segment: SentSegment, why: SegmentPurpose): void {
    let number = this.#ends.numberOf(from);
    const late = number === NONE && why !== "syn-cookie" ? this.#ends.between(from) : undefined;
    number = late?.number ?? number;
    if (!this.#wants(number, "tcp:sent")) return;
    const end = late ?? this.#ends.of(from);
    if ("kind" in from) end?.learnScales(from);
    const { header, options, textLength, segmentSize } = segment;
    const segments = segmentSize === 0 ? 1 : Math.ceil(textLength / segmentSize);
    const event = segmentEvent(header, options, textLength, end?.receiveScale ?? 0, segments);
    const cause = causeIn(why);
    const told = cause === undefined ? {} : { cause };
    this.#emit(number, "tcp:sent", { ...event, reason: reasonIn(why), ...told });
  }

  arriving(segment: Segment): void {
    this.#isArriving = true;
    this.#opened = undefined;
    this.#told = undefined;
    this.#length = segment.textLength;
    this.#segments = segment.pieces;
  }

  arrived(record: TcpEnd | undefined, segment: Segment, verdict: Verdict | undefined): void {
    this.#isArriving = false;
    const receiver = this.#opened ?? record;
    const late = receiver === undefined ? this.#lateReceiver(segment) : undefined;
    const number = receiver === undefined ? (late?.number ?? NONE) : this.numberOf(receiver);
    if (this.#wants(number, "tcp:received")) {
      const end = late ?? (receiver === undefined ? undefined : this.#ends.of(receiver));
      if (record !== undefined) end?.learnScales(record);
      const { header, options } = segment;
      const event = segmentEvent(header, options, this.#length, end?.sendScale ?? 0, this.#segments);
      this.#emit(number, "tcp:received", verdict === undefined ? event : { ...event, verdict });
    }
    if (this.#caused.length > 0) for (const event of this.#caused.splice(0)) this.#put(event);
    this.#told = verdict === "duplicate" ? "tcp-out-of-window" : verdict;
  }

  /** What comes too late for an end is still shown as its; a SYN begins something new. */
  #lateReceiver(segment: Segment): TracedEnd | undefined {
    return segment.isSyn && !segment.isAck ? undefined : this.#ends.between(segment.tuple);
  }

  dropped(reason: DropReason): void {
    const isTold = reason === this.#told;
    this.#told = undefined;
    if (!isTold && this.#wants(NONE, "host:dropped")) this.#emit(NONE, "host:dropped", { reason });
  }

  // --- acknowledgments, losses and recovery

  acknowledged(c: TcpConnection, { advanced, sacked }: AckNews): void {
    const number = this.numberOf(c);
    if (number === NONE || !this.#wants(number, "tcp:acknowledged")) return;
    const { rtt } = c.sample;
    const data = { acknowledgment: c.tcb.snd.una >>> 0, bytes: advanced, sackedBytes: sacked };
    this.#emit(number, "tcp:acknowledged", rtt > 0 ? { ...data, rtt } : data);
  }

  lost(c: TcpConnection, start: Seq, end: Seq, cause: RetransmissionCause): void {
    const number = this.numberOf(c);
    if (number === NONE || !this.#wants(number, "tcp:lost")) return;
    this.#emit(number, "tcp:lost", { sequence: start >>> 0, length: seqDiff(end, start), cause });
  }

  recovery(c: TcpConnection, change: "entered" | "left" | "undone", state: CongestionState): void {
    const end = this.#ends.of(c);
    if (end === undefined) return;
    if (state !== "open" && state !== "disorder") end.recovery = state;
    const isLate = change === "undone" && state !== end.recovery;
    const kind = isLate || state === "open" ? end.recovery : state;
    if (this.#wants(end.number, "tcp:recovery")) this.#emit(end.number, "tcp:recovery", { change, kind });
  }

  // --- numbers and timers

  settled(c: TcpConnection): void {
    const number = this.numberOf(c);
    if (number !== NONE && c.state !== "CLOSED") this.#look(c, number);
  }

  /** What is not wanted is not kept either: told again, it is told whole. */
  #look(c: TcpConnection, number: number): void {
    if (this.#wants(number, "tcp:timer")) this.#lookAtTimers(c, number);
    else this.#ends.told(c)?.forgetTimers();
    if (this.#wants(number, "tcp:metrics")) this.#lookAtMetrics(c, number);
    else this.#ends.told(c)?.forgetMetrics();
  }

  #lookAtTimers(c: TcpConnection, number: number): void {
    const end = this.#ends.of(c);
    if (end === undefined) return;
    end.timers ??= new TimerChanges();
    end.timers.look(c.timers, (timer, at) => this.#timer(number, timer, at));
  }

  #lookAtMetrics(c: TcpConnection, number: number): void {
    const end = this.#ends.of(c);
    if (end === undefined) return;
    const metrics = metricsOf(c);
    if (end.metrics !== undefined && sameMetrics(metrics, end.metrics)) return;
    end.metrics = metrics;
    this.#emit(number, "tcp:metrics", metrics);
  }

  timer(record: TcpEnd, timer: TimerName, change: "set" | "fired" | "cancelled", at: Instant): void {
    const number = this.numberOf(record);
    if (number === NONE) return;
    if (record.kind === "connection") this.#ends.told(record)?.timers?.fired(timer);
    if (!this.#wants(number, "tcp:timer")) return;
    this.#emit(number, "tcp:timer", change === "set" ? { timer, change, at } : { timer, change });
  }

  #timer(number: number, timer: TimerName, at: Instant): void {
    const change =
      at === NEVER ? ({ timer, change: "cancelled" } as const) : ({ timer, change: "set", at } as const);
    this.#emit(number, "tcp:timer", change);
  }

  // --- users and listeners

  written(c: TcpConnection, bytes: number): void {
    const number = this.numberOf(c);
    if (number !== NONE && this.#wants(number, "tcp:written")) this.#emit(number, "tcp:written", { bytes });
  }

  read(c: TcpConnection, bytes: number): void {
    const number = this.numberOf(c);
    if (number !== NONE && this.#wants(number, "tcp:read")) this.#emit(number, "tcp:read", { bytes });
  }

  overflowed({ port }: Listener, queue: "syn" | "accept"): void {
    if (this.#wants(NONE, "tcp:overflow")) this.#emit(NONE, "tcp:overflow", { queue, localPort: port });
  }

  cookie(_listener: Listener, change: "sent" | "accepted" | "refused", segment: Segment): void {
    if (!this.#wants(NONE, "tcp:cookie")) return;
    const { remote, remotePort } = segment.tuple;
    this.#emit(NONE, "tcp:cookie", { change, remote: remote.toString(), remotePort });
  }

  // --- events out

  #wants(connection: number, name: EventName): boolean {
    return this.#options.wants?.(connection, name, this.#host.now) ?? true;
  }

  #emit<Name extends EventName>(
    connection: number,
    name: Name,
    data: EventData[Name],
    host: string = this.#host.name,
  ): void {
    const { now } = this.#host;
    // Name and data belong together, which a type of two parameters cannot say.
    const event = { time: now, host, connection, name, data } as unknown as TraceEvent;
    if (this.#isSending) this.#met.push(event);
    else this.#put(event);
  }

  #put(event: TraceEvent): void {
    if (this.#isArriving) this.#caused.push(event);
    else if (!this.#isOver) this.#options.sink(event);
  }
}
