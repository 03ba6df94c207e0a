/**
 * Traces as files: JSON lines (one JSON text a line), the first of them a header, each other an event.
 * docs/trace.md has an example, docs/trace.schema.json the schema.
 */
import type { TraceEvent } from "./event.ts";
import { faultOfEvent, isObject } from "./event-shape.ts";
import { TraceError } from "./trace-error.ts";

export const TRACE_FORMAT = "postel-trace";
export const TRACE_VERSION = 1;

/** What a trace says of itself. */
export interface TraceTitle {
  readonly title: string;
  /** The names of the hosts. */
  readonly hosts: readonly string[];
  /** Instant 0 of the clock, in µs since 1970; not given: virtual time. */
  readonly epoch?: number | undefined;
}

export interface TraceHeader extends TraceTitle {
  readonly format: typeof TRACE_FORMAT;
  readonly version: typeof TRACE_VERSION;
  /** Of all times: microseconds. */
  readonly clock: "us";
}

/** Lines are handed on in chunks of about so many characters. */
const CHUNK = 65_536;

export class TraceWriter {
  readonly #sink: (chunk: string) => void;
  #chunk: string;

  constructor(sink: (chunk: string) => void, { title, hosts, epoch }: TraceTitle) {
    const header: TraceHeader = {
      format: TRACE_FORMAT,
      version: TRACE_VERSION,
      title,
      clock: "us",
      ...(epoch === undefined ? {} : { epoch }),
      hosts,
    };
    this.#sink = sink;
    this.#chunk = `${JSON.stringify(header)}\n`;
  }

  event(event: TraceEvent): void {
    this.#chunk += `${JSON.stringify(event)}\n`;
    if (this.#chunk.length >= CHUNK) this.flush();
  }

  /** Hands on what has been collected. */
  flush(): void {
    if (this.#chunk === "") return;
    const chunk = this.#chunk;
    this.#chunk = "";
    this.#sink(chunk);
  }
}

/** The longest line of our own has some 2 kB. */
const LONGEST_LINE = 65_536;

/** Reads a trace that comes in pieces. Throws a `TraceError` for what is none. */
export class TraceReader {
  readonly #event: (event: TraceEvent) => void;
  #header: TraceHeader | undefined = undefined;
  #lines = 0;
  #rest = "";

  constructor(event: (event: TraceEvent) => void) {
    this.#event = event;
  }

  /** Undefined before its line has come. */
  get header(): TraceHeader | undefined {
    return this.#header;
  }

  push(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
    if (this.#rest.length > LONGEST_LINE) throw new TraceError(this.#lines + 1, "too-long", "is too long");
  }

  /** The trace ends here, with or without a line feed. */
  end(): TraceHeader {
    if (this.#rest.trim() !== "") this.#line(this.#rest);
    this.#rest = "";
    if (this.#header === undefined)
      throw new TraceError(1, "empty", "is missing: there is nothing in the file");
    return this.#header;
  }

  #line(line: string): void {
    this.#lines++;
    if (line.length > LONGEST_LINE) throw new TraceError(this.#lines, "too-long", "is too long");
    if (this.#header === undefined) {
      this.#header = headerIn(line, this.#lines);
      return;
    }
    if (line.trim() === "") return;
    const value = parse(line, this.#lines);
    const fault = faultOfEvent(value);
    if (fault !== undefined) throw new TraceError(this.#lines, "bad-event", fault);
    this.#event(value as TraceEvent);
  }
}

/** Memory for more events is not to be had in every browser. */
const MOST_EVENTS = 2_000_000;

/** Keeps the events of a trace that comes in pieces, also of one that turns out to be bad further on. */
export class TraceCollector extends TraceReader {
  readonly events: readonly TraceEvent[];
  #leftOut = 0;

  constructor(most: number = MOST_EVENTS) {
    const events: TraceEvent[] = [];
    super(event => {
      if (events.length < most) events.push(event);
      else this.#leftOut++;
    });
    this.events = events;
  }

  /** So many more were there than are kept. */
  get leftOut(): number {
    return this.#leftOut;
  }
}

export interface ReadTrace {
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
  readonly leftOut: number;
}

/** A whole trace. Throws a `TraceError`. */
export function readTrace(text: string, most?: number): ReadTrace {
  const collector = new TraceCollector(most);
  collector.push(text);
  const header = collector.end();
  return { header, events: collector.events, leftOut: collector.leftOut };
}

function headerIn(line: string, at: number): TraceHeader {
  // A byte order mark, if somebody's editor has put one there.
  const value = parse(line.replace(/^\ufeff/, ""), at);
  if (!isObject(value) || value["format"] !== TRACE_FORMAT) {
    throw new TraceError(at, "no-header", `is not the header of a trace ("format": "${TRACE_FORMAT}")`);
  }
  if (value["version"] !== TRACE_VERSION) {
    throw new TraceError(
      at,
      "other-version",
      `has a version that is not known; this reads version ${TRACE_VERSION}`,
    );
  }
  const { title, hosts, epoch, clock } = value;
  const areNames = Array.isArray(hosts) && hosts.every(host => typeof host === "string");
  if (typeof title !== "string" || !areNames)
    throw new TraceError(at, "bad-header", "lacks a title or the hosts' names");
  if (clock !== "us")
    throw new TraceError(at, "bad-header", 'does not count in microseconds ("clock": "us")');
  if (epoch !== undefined && !Number.isFinite(epoch))
    throw new TraceError(at, "bad-header", "has an epoch that is no number");
  return value as unknown as TraceHeader;
}

function parse(line: string, at: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new TraceError(at, "not-json", "is not JSON");
  }
}
