/**
 * A captured connection as trace events, so that it is shown as a live one is. Both its ends are there, each
 * named by its address. A segment is `tcp:sent` of one end and `tcp:received` of the other, both at the time
 * when it passed the capture: no other time is known, unless the capture was taken at both ends. What stays
 * inside of an end (windows of congestion, timers, what its user does) is absent.
 */
import { seqText } from "../base/seq.ts";
import type { EventData, EventName, SegmentEvent, TraceEvent } from "../trace/event.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import { type CapturedConnection, type ConnectionObserver, endNames } from "./connection.ts";
import { FINDING_SEVERITY, type FindingCode, type FindingValues } from "./findings.ts";
import type { Side, StateChange } from "./lifetime.ts";
import { MARK, type Verdict } from "./marks.ts";
import { type Passage, Sightings } from "./sightings.ts";

/** The number of an end in a trace. */
export function endNumber(connection: number, side: Side): number {
  return 2 * connection - 1 + side;
}

/** A finding of one kind is not told more often. */
const MOST_OF_ONE_KIND = 200;
/** Each is two events or three. */
const MOST_SEGMENTS = 200_000;

/** Which part of a long connection. Of the rest, a `trace:skipped` counts the segments. */
export interface TracePart {
  /** µs after the first packet of the capture. */
  readonly after?: number | undefined;
  readonly segments?: number | undefined;
}

type Told =
  | { readonly kind: "segment"; readonly segment: CapturedSegment; readonly verdict: Verdict }
  | { readonly kind: "state"; readonly time: number; readonly change: StateChange }
  | {
      readonly kind: "finding";
      readonly time: number;
      readonly code: FindingCode;
      readonly side: Side;
      readonly values: FindingValues;
    };

/** Listens to a connection; verdicts may change until its last segment, so events are made at the end. */
export class TraceEvents implements ConnectionObserver {
  readonly #told: Told[] = [];
  readonly #counts = new Map<string, number>();
  readonly #after: number;
  readonly #most: number;
  #segments = 0;
  #skipped = 0;
  readonly #sightings = new Sightings();
  /** States change because of a segment, and are told after it. */
  #changes: Told[] = [];

  constructor({ after = 0, segments = MOST_SEGMENTS }: TracePart = {}) {
    this.#after = after;
    this.#most = segments;
  }

  segment(segment: CapturedSegment, verdict: Verdict): void {
    if (segment.time < this.#after || this.#segments >= this.#most) this.#skipped++;
    else {
      this.#segments++;
      this.#told.push({ kind: "segment", segment, verdict });
    }
    this.#told.push(...this.#changes);
    this.#changes = [];
  }

  elsewhere(segment: CapturedSegment, side: Side): void {
    if (segment.time >= this.#after && this.#segments < this.#most) this.#sightings.elsewhere(segment, side);
  }

  state(time: number, change: StateChange): void {
    this.#changes.push({ kind: "state", time, change });
  }

  finding(time: number, code: FindingCode, side: Side | undefined, values: FindingValues): void {
    const key = `${code} ${side ?? ""}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count <= MOST_OF_ONE_KIND) this.#told.push({ kind: "finding", time, code, side: side ?? 0, values });
  }

  /** In the order of time. */
  events(connection: CapturedConnection): TraceEvent[] {
    const writer = new EventWriter(connection);
    const passages = this.#passages(writer);
    for (const told of this.#told) {
      if (told.kind === "segment") writer.segment(told.segment, told.verdict, passages.get(told.segment));
      else if (told.kind === "state") {
        const { side, ...change } = told.change;
        writer.add(told.time, side, "tcp:state", change);
      } else {
        writer.finding(told.time, told.side, told.code, told.values);
      }
    }
    if (this.#skipped > 0) {
      writer.add(connection.lastTime, 0, "trace:skipped", { events: this.#skipped });
    }
    return writer.events.sort((a, b) => a.time - b.time);
  }

  /** When each segment left and came. Those that were lost before they were counted are told at once. */
  #passages(writer: EventWriter): Map<CapturedSegment, Passage> {
    const all = new Map<CapturedSegment, Passage>();
    for (const side of [0, 1] as const) {
      const counted = this.#told.flatMap(told =>
        told.kind === "segment" && told.verdict.side === side ? [told.segment] : [],
      );
      const { passages, lost } = this.#sightings.passages(side, counted);
      for (const [i, segment] of counted.entries()) all.set(segment, passages[i] as Passage);
      for (const segment of lost) writer.lost(segment, side);
    }
    return all;
  }
}

class EventWriter {
  readonly events: TraceEvent[] = [];
  readonly #connection: CapturedConnection;
  readonly #names: readonly [string, string];
  readonly #hasOpened: [boolean, boolean] = [false, false];

  constructor(connection: CapturedConnection) {
    this.#connection = connection;
    const [one, other] = connection.ends;
    this.#names = [one.address.toString(), other.address.toString()];
  }

  add<Name extends EventName>(time: number, side: Side, name: Name, data: EventData[Name]): void {
    const host = this.#names[side];
    const connection = endNumber(this.#connection.number, side);
    this.events.push({ time, host, connection, name, data } as TraceEvent);
  }

  finding(time: number, side: Side, code: FindingCode, values: FindingValues): void {
    const [end, peer] = endNames(this.#connection, side);
    const data = { severity: FINDING_SEVERITY[code], code, values: { count: 1, end, peer, ...values } };
    this.add(time, side, "analysis:finding", data);
  }

  segment(segment: CapturedSegment, verdict: Verdict, passage: Passage | undefined): void {
    const { sentAt, receivedAt } = passage ?? { sentAt: segment.time, receivedAt: segment.time };
    const { side, reason, cause, marks } = verdict;
    const other: Side = side === 0 ? 1 : 0;
    const header = segmentEvent(segment, this.#window(segment, side), (marks & MARK.duplicateSack) !== 0);
    if (sentAt !== undefined) {
      this.#opened(sentAt, side);
      const why = (marks & MARK.spurious) !== 0 ? "spurious" : cause;
      this.add(sentAt, side, "tcp:sent", { ...header, reason, ...(why === undefined ? {} : { cause: why }) });
    }
    if (receivedAt === undefined) return;
    this.#opened(receivedAt, other);
    const arrival = arrivalOf(marks);
    const verdictOf = arrival === undefined ? {} : { verdict: arrival };
    this.add(receivedAt, other, "tcp:received", { ...header, ...verdictOf });
    if (verdict.acknowledged === 0 && verdict.sackedBytes === 0) return;
    this.add(receivedAt, other, "tcp:acknowledged", {
      acknowledgment: header.acknowledgment,
      bytes: verdict.acknowledged,
      sackedBytes: verdict.sackedBytes,
      ...(verdict.rtt === undefined ? {} : { rtt: verdict.rtt }),
    });
  }

  /** Only its sender's place has seen it. */
  lost(segment: CapturedSegment, side: Side): void {
    const reason = segment.length > 0 ? "text" : "ack";
    const header = segmentEvent(segment, this.#window(segment, side), false);
    this.add(segment.time, side, "tcp:sent", { ...header, reason });
  }

  #opened(time: number, side: Side): void {
    if (this.#hasOpened[side]) return;
    this.#hasOpened[side] = true;
    const { ends } = this.#connection;
    const me = ends[side];
    const peer = ends[side === 0 ? 1 : 0];
    this.add(time, side, "tcp:opened", {
      local: me.address.toString(),
      localPort: me.port,
      remote: peer.address.toString(),
      remotePort: peer.port,
      role: side === 0 ? "active" : "passive",
      congestionControl: "",
    });
  }

  /** RFC 7323 §2.2: the window of a SYN is not scaled. */
  #window({ window, flags }: CapturedSegment, side: Side): number {
    const [one, other] = this.#connection.ends;
    const isScaled = one.windowScale >= 0 && other.windowScale >= 0 && (flags & TCP_FLAG.syn) === 0;
    return isScaled ? window * 2 ** this.#connection.ends[side].windowScale : window;
  }
}

function segmentEvent(segment: CapturedSegment, window: number, isDuplicate: boolean): SegmentEvent {
  const { flags, length, sack } = segment;
  return {
    sequence: seqText(segment.sequence),
    acknowledgment: (flags & TCP_FLAG.ack) === 0 ? 0 : seqText(segment.acknowledgment),
    flags: flagNames(flags),
    length,
    window,
    ...(segment.mss < 0 ? {} : { mss: segment.mss }),
    ...(segment.windowScale < 0 ? {} : { windowScale: segment.windowScale }),
    ...(sack.length === 0
      ? {}
      : { sack: sack.map(([start, end]) => [seqText(start), seqText(end)] as const) }),
    ...(isDuplicate ? { duplicate: true } : {}),
    ...(segment.hasTimestamps
      ? { timestamps: [segment.timestampValue >>> 0, segment.timestampEcho >>> 0] as const }
      : {}),
  };
}

const FLAG_NAMES = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;

function flagNames(flags: number): string {
  return FLAG_NAMES.filter((_, bit) => (flags & (1 << bit)) !== 0).join(" ");
}

function arrivalOf(marks: number): string | undefined {
  if ((marks & (MARK.spurious | MARK.copy)) !== 0) return "duplicate";
  return (marks & (MARK.outOfOrder | MARK.gapBefore)) === 0 ? undefined : "out-of-order";
}
