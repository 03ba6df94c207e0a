/**
 * Whether something that was read has the shape of a trace event: what `event.ts` says to the compiler, said
 * to data. docs/trace.schema.json says the same to others.
 */
import { TCP_STATES } from "../tcp/states.ts";
import type { EventData, EventName, LossCause, SegmentEvent, SendReason, TimerName } from "./event.ts";

type Check = (value: unknown) => boolean;

/** A field that may be missing. */
interface Optional {
  readonly optional: Check;
}

type Shape<Data> = {
  readonly [Field in keyof Data]-?: undefined extends Data[Field] ? Optional : Check;
};

const MOST_TEXT = 1_024;
const MOST_RANGES = 4;
const MOST_VALUES = 64;
const LARGEST_NUMBER = 0xffff_ffff;

const text: Check = value => typeof value === "string" && value.length <= MOST_TEXT;
const number: Check = value => typeof value === "number" && Number.isFinite(value);
const size: Check = value => typeof value === "number" && Number.isFinite(value) && value >= 0;
const count: Check = value => Number.isSafeInteger(value) && (value as number) >= 0;
const word: Check = value => count(value) && (value as number) <= LARGEST_NUMBER;
const port: Check = value => count(value) && (value as number) <= 0xffff;
const yes: Check = value => value === true;

function oneOf(...texts: readonly string[]): Check {
  const known = new Set<unknown>(texts);
  return value => known.has(value);
}

function list(most: number, check: Check): Check {
  return value => Array.isArray(value) && value.length <= most && value.every(check);
}

const pair: Check = value => Array.isArray(value) && value.length === 2 && value.every(word);

const values: Check = value => {
  if (!isObject(value)) return false;
  const all = Object.entries(value);
  return all.length <= MOST_VALUES && all.every(([name, one]) => text(name) && (number(one) || text(one)));
};

function optional(check: Check): Optional {
  return { optional: check };
}

const REASONS: Record<SendReason, true> = {
  handshake: true,
  text: true,
  retransmission: true,
  ack: true,
  "delayed-ack": true,
  "duplicate-ack": true,
  "window-update": true,
  "window-probe": true,
  keepalive: true,
  "mtu-probe": true,
  "tail-loss-probe": true,
  "challenge-ack": true,
  fin: true,
  reset: true,
  "time-wait": true,
  "syn-cookie": true,
};

const CAUSES: Record<LossCause, true> = {
  syn: true,
  timeout: true,
  fast: true,
  rack: true,
  tlp: true,
  size: true,
  spurious: true,
};

const TIMERS: Record<TimerName, true> = {
  retransmit: true,
  "tail-loss-probe": true,
  reordering: true,
  persist: true,
  "delayed-ack": true,
  "compressed-ack": true,
  keepalive: true,
  pacing: true,
  "fin-wait-2": true,
  "time-wait": true,
  "syn-ack": true,
};

const state = oneOf(...TCP_STATES);
const cause = oneOf(...Object.keys(CAUSES));

const segment: Shape<SegmentEvent> = {
  sequence: word,
  acknowledgment: word,
  flags: text,
  length: count,
  window: count,
  segments: optional(count),
  mss: optional(port),
  windowScale: optional(count),
  sack: optional(list(MOST_RANGES, pair)),
  duplicate: optional(yes),
  timestamps: optional(pair),
};

const SHAPES: { readonly [Name in EventName]: Shape<EventData[Name]> } = {
  "tcp:opened": {
    local: text,
    localPort: port,
    remote: text,
    remotePort: port,
    role: oneOf("active", "passive"),
    congestionControl: text,
    state: optional(state),
  },
  "tcp:state": { from: state, to: state, cause: text },
  "tcp:sent": { ...segment, reason: oneOf(...Object.keys(REASONS)), cause: optional(cause) },
  "tcp:received": { ...segment, verdict: optional(text) },
  "tcp:acknowledged": { acknowledgment: word, bytes: count, sackedBytes: count, rtt: optional(size) },
  "tcp:lost": { sequence: word, length: count, cause },
  "tcp:recovery": {
    change: oneOf("entered", "left", "undone"),
    kind: oneOf("recovery", "loss", "cwr", "disorder"),
  },
  "tcp:metrics": {
    cwnd: size,
    ssthresh: optional(size),
    inFlight: size,
    sendWindow: size,
    receiveWindow: size,
    srtt: size,
    rttvar: size,
    minRtt: size,
    rto: size,
    pacingRate: optional(size),
  },
  "tcp:timer": {
    timer: oneOf(...Object.keys(TIMERS)),
    change: oneOf("set", "fired", "cancelled"),
    at: optional(number),
  },
  "tcp:written": { bytes: count },
  "tcp:read": { bytes: count },
  "tcp:overflow": { queue: oneOf("syn", "accept"), localPort: port },
  "tcp:cookie": { change: oneOf("sent", "accepted", "refused"), remote: text, remotePort: port },
  "tcp:ended": { error: optional(text) },
  "host:dropped": { reason: text },
  "link:fault": {
    link: text,
    fault: oneOf("lost", "queue-full", "cut", "corrupted", "duplicated", "delayed"),
  },
  "link:lost": { ...segment, link: text, fault: oneOf("lost", "queue-full", "cut") },
  "scene:remark": { remark: count },
  "analysis:finding": {
    severity: oneOf("note", "warning", "error"),
    code: text,
    values: optional(values),
  },
  "trace:skipped": { events: count },
};

export const EVENT_NAMES = Object.keys(SHAPES) as readonly EventName[];

/** What is wrong with it, as the end of a sentence; undefined: it is an event. */
export function faultOfEvent(value: unknown): string | undefined {
  if (!isObject(value)) return "is not an object";
  if (!number(value["time"])) return "has no time";
  if (!text(value["host"])) return "has no host";
  if (!count(value["connection"])) return "has no connection number";
  const { name, data } = value;
  if (typeof name !== "string" || !Object.hasOwn(SHAPES, name)) return "has no name that is known";
  if (!isObject(data)) return "has no data";
  const wrong = wrongField(SHAPES[name as EventName], data);
  return wrong === undefined ? undefined : `(${name}) has no good "${wrong}"`;
}

function wrongField(
  shape: Readonly<Record<string, Check | Optional>>,
  data: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const [field, check] of Object.entries(shape)) {
    const value = data[field];
    if (typeof check === "function" ? !check(value) : value !== undefined && !check.optional(value)) {
      return field;
    }
  }
  return undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
