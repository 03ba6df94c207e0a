/**
 * Builds the story of one end of a connection, event by event. What it keeps is bounded, an event costs the
 * same however long the story is, and the lists of the story are the same arrays from first to last.
 */
import type { EventData, EventOf, SegmentEvent, TraceEvent } from "../trace/event.ts";
import type {
  Story,
  StoryAcknowledgment,
  StoryLoss,
  StoryMetrics,
  StoryRecovery,
  StorySegment,
  StoryState,
  StoryTimer,
} from "./story.ts";
import { StoryList } from "./story-list.ts";
import { StoryNumbers } from "./story-numbers.ts";

/** How many of each a story remembers at least; up to a quarter more. */
export interface StoryLimits {
  readonly segments: number;
  readonly acknowledgments: number;
  readonly metrics: number;
  readonly timers: number;
  /** Of losses, recoveries, states and findings each. */
  readonly others: number;
}

export const STORY_LIMITS: StoryLimits = {
  segments: 200_000,
  acknowledgments: 100_000,
  metrics: 100_000,
  timers: 20_000,
  others: 20_000,
};

/** A wire tells of a loss soon after the sending; so many segments back it is looked for. */
const LOSS_SEARCH = 1_024;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export class StoryBuilder {
  readonly #story: Writable<Story>;
  readonly #segments: StoryList<Writable<StorySegment>>;
  readonly #acknowledgments: StoryList<StoryAcknowledgment>;
  readonly #losses: StoryList<StoryLoss>;
  readonly #recoveries: StoryList<Writable<StoryRecovery>>;
  readonly #states: StoryList<StoryState>;
  readonly #metrics: StoryList<StoryMetrics>;
  readonly #timers: StoryList<StoryTimer>;
  readonly #findings: StoryList<EventOf<"analysis:finding">>;
  readonly #sent = new StoryNumbers();
  readonly #received = new StoryNumbers();
  #toldSkipped = 0;

  constructor(connection: number, limits: StoryLimits = STORY_LIMITS) {
    this.#segments = new StoryList(limits.segments);
    this.#acknowledgments = new StoryList(limits.acknowledgments);
    this.#losses = new StoryList(limits.others);
    this.#recoveries = new StoryList(limits.others);
    this.#states = new StoryList(limits.others);
    this.#metrics = new StoryList(limits.metrics);
    this.#timers = new StoryList(limits.timers);
    this.#findings = new StoryList(limits.others);
    this.#story = {
      connection,
      ...{ host: "", local: "", localPort: 0, remote: "", remotePort: 0 },
      ...{ role: undefined, congestionControl: undefined, sendOrigin: undefined, receiveOrigin: undefined },
      segments: this.#segments.items,
      acknowledgments: this.#acknowledgments.items,
      losses: this.#losses.items,
      recoveries: this.#recoveries.items,
      states: this.#states.items,
      metrics: this.#metrics.items,
      timers: this.#timers.items,
      findings: this.#findings.items,
      ended: undefined,
      ...{ events: 0, lastTime: 0, forgottenSegments: 0, skipped: 0 },
    };
  }

  /** One object that grows. */
  get story(): Story {
    return this.#story;
  }

  /** Events of other connections are passed over. */
  apply(event: TraceEvent): void {
    const isOurs = event.connection === this.#story.connection;
    if (!isOurs && !(event.connection === 0 && event.name === "trace:skipped")) return;
    this.#story.events++;
    this.#story.lastTime = event.time;
    if (isOurs) this.#story.host = event.host;
    this.#tell(event);
    this.#story.sendOrigin = this.#sent.origin;
    this.#story.receiveOrigin = this.#received.origin;
    this.#story.forgottenSegments = this.#segments.forgotten;
    this.#story.skipped = this.#toldSkipped + this.#forgotten();
  }

  #tell(event: TraceEvent): void {
    const { time } = event;
    switch (event.name) {
      case "tcp:opened":
        this.#opened(event.data);
        break;
      case "tcp:state":
        this.#states.push({ ...event.data, time });
        break;
      case "tcp:sent":
        this.#segments.push(this.#segmentSent(event));
        break;
      case "tcp:received":
        this.#segments.push(this.#segmentReceived(event));
        break;
      case "tcp:acknowledged":
        this.#acknowledgments.push({
          time,
          acknowledgment: this.#sent.advance(event.data.acknowledgment),
          bytes: event.data.bytes,
          rtt: event.data.rtt,
        });
        break;
      case "tcp:lost":
        this.#losses.push({ ...event.data, time, sequence: this.#sent.relative(event.data.sequence) });
        break;
      case "tcp:recovery":
        this.#recoveryChanged(event);
        break;
      case "tcp:metrics":
        this.#metrics.push({ ...event.data, time });
        break;
      case "tcp:timer":
        this.#timers.push({ ...event.data, time, at: event.data.at });
        break;
      case "tcp:ended":
        this.#story.ended = { time, error: event.data.error };
        break;
      case "link:lost":
        this.#wireLost(event.data);
        break;
      case "analysis:finding":
        this.#findings.push(event);
        break;
      case "trace:skipped":
        this.#toldSkipped += event.data.events;
        break;
    }
  }

  #opened({ local, localPort, remote, remotePort, role, congestionControl }: EventData["tcp:opened"]): void {
    Object.assign(this.#story, { local, localPort, remote, remotePort, role, congestionControl });
  }

  #segmentSent({ time, data }: EventOf<"tcp:sent">): Writable<StorySegment> {
    const isSyn = isFlagged(data, "SYN");
    this.#sent.startAt(data.sequence, isSyn);
    if (isFlagged(data, "ACK")) {
      // The first acknowledgment of a connection whose beginning we saw is that of the peer's SYN.
      const begins = this.#sent.origin?.isInitial === true;
      this.#received.startAt(data.acknowledgment - (begins ? 1 : 0), begins);
    }
    return {
      direction: "sent",
      sentAt: time,
      receivedAt: undefined,
      lost: false,
      sequence: this.#sent.advance(data.sequence),
      acknowledgment: isFlagged(data, "ACK") ? this.#received.advance(data.acknowledgment) : 0,
      sack: relativeRanges(data, this.#received),
      reason: data.reason,
      cause: data.cause,
      verdict: undefined,
      ...plain(data),
    };
  }

  /** What comes in may be anybody's: only what was taken says where the numbers stand. */
  #segmentReceived({ time, data }: EventOf<"tcp:received">): Writable<StorySegment> {
    const { verdict } = data;
    const isTaken = verdict === undefined || verdict === "out-of-order";
    if (isTaken) this.#received.startAt(data.sequence, isFlagged(data, "SYN"));
    if (isTaken && isFlagged(data, "ACK")) this.#sent.startAt(data.acknowledgment, false);
    return {
      direction: "received",
      sentAt: undefined,
      receivedAt: time,
      lost: false,
      sequence: isTaken ? this.#received.advance(data.sequence) : this.#received.relative(data.sequence),
      acknowledgment: isFlagged(data, "ACK") ? this.#sent.relative(data.acknowledgment) : 0,
      sack: relativeRanges(data, this.#sent),
      reason: undefined,
      cause: undefined,
      verdict,
      ...plain(data),
    };
  }

  #recoveryChanged({ time, data }: EventOf<"tcp:recovery">): void {
    const open = this.#recoveries.last;
    if (open !== undefined && open.to === undefined) {
      open.to = time;
      open.undone = data.change === "undone";
    }
    if (data.change !== "entered") return;
    this.#recoveries.push({ kind: data.kind, from: time, to: undefined, undone: false });
  }

  /** The newest sending of these bytes, or of a unit that they were cut from, is the one that was lost. */
  #wireLost(data: SegmentEvent): void {
    const sequence = this.#sent.relative(data.sequence);
    const { items } = this.#segments;
    for (let i = items.length - 1; i >= Math.max(0, items.length - LOSS_SEARCH); i--) {
      const sent = items[i];
      if (sent === undefined || sent.direction !== "sent" || !covers(sent, sequence, data)) continue;
      if (sent.lost && sent.segments === 1) continue;
      sent.lost = true;
      return;
    }
  }

  #forgotten(): number {
    const lists = [this.#acknowledgments, this.#losses, this.#recoveries, this.#states, this.#metrics];
    const more = [this.#timers, this.#findings, this.#segments];
    let sum = 0;
    for (const list of lists) sum += list.forgotten;
    for (const list of more) sum += list.forgotten;
    return sum;
  }
}

function plain({ flags, length, window, segments = 1, duplicate = false, timestamps }: SegmentEvent) {
  return { flags, length, window, segments, duplicate, timestamp: timestamps?.[0] };
}

function isFlagged({ flags }: SegmentEvent, flag: string): boolean {
  return flags.includes(flag);
}

const NO_RANGES: StorySegment["sack"] = [];

function relativeRanges({ sack }: SegmentEvent, numbers: StoryNumbers): StorySegment["sack"] {
  if (sack === undefined || sack.length === 0) return NO_RANGES;
  return sack.map(([start, end]) => [numbers.relative(start), numbers.relative(end)] as const);
}

function covers(sent: StorySegment, sequence: number, lost: SegmentEvent): boolean {
  if (sent.timestamp !== lost.timestamps?.[0]) return false;
  if (lost.length === 0) return sent.sequence === sequence && sent.length === 0 && sent.flags === lost.flags;
  return sequence >= sent.sequence && sequence + lost.length <= sent.sequence + sent.length;
}
