/**
 * What happened in a run: the frames on its links and notes, in order. All of it goes into one hash, by
 * which two runs are compared; the last entries are kept, to look at when something went wrong.
 */
import { hex } from "../base/bytes.ts";
import type { Clock, Instant } from "../base/time.ts";
import type { FrameDirection, FrameObserver } from "../link/tap.ts";
import { secondsText } from "./failure.ts";
import { Fnv64 } from "./fnv.ts";

export type TraceEntry = FrameEntry | NoteEntry;

export interface FrameEntry {
  readonly kind: "frame";
  readonly at: Instant;
  /** The place where it was seen. */
  readonly link: string;
  readonly direction: FrameDirection;
  readonly bytes: Uint8Array;
}

export interface NoteEntry {
  readonly kind: "note";
  readonly at: Instant;
  readonly text: string;
}

export interface TraceOptions {
  /** Entries to keep. */
  readonly keep?: number | undefined;
}

const DEFAULT_KEEP = 1_000;
const NOTE = 0;
const IN = 1;
const OUT = 2;

export class Trace {
  readonly #clock: Clock;
  readonly #keep: number;
  readonly #hash = new Fnv64();
  /** A ring once it is full: the oldest entry is at `#count % #keep`. */
  readonly #entries: TraceEntry[] = [];
  #count = 0;

  constructor(clock: Clock, options: TraceOptions = {}) {
    this.#clock = clock;
    this.#keep = options.keep ?? DEFAULT_KEEP;
  }

  /** Entries so far, forgotten ones included. */
  get count(): number {
    return this.#count;
  }

  /** Of all entries so far, in 16 digits. */
  get hash(): string {
    return this.#hash.hex;
  }

  /** For `tap`: puts the frames of a device into the trace. */
  observer(link: string): FrameObserver {
    return {
      frame: (direction, frame) => {
        const at = this.#clock.now();
        this.#hash.add(direction === "in" ? IN : OUT);
        this.#hash.addInteger(at);
        this.#hash.addText(link);
        this.#hash.addBytes(frame.bytes, frame.start, frame.end);
        this.#add(
          this.#keep > 0 ? { kind: "frame", at, link, direction, bytes: frame.view().slice() } : undefined,
        );
      },
    };
  }

  note(text: string): void {
    const at = this.#clock.now();
    this.#hash.add(NOTE);
    this.#hash.addInteger(at);
    this.#hash.addText(text);
    this.#add({ kind: "note", at, text });
  }

  /** The last entries, the oldest first. */
  entries(): TraceEntry[] {
    if (this.#count <= this.#keep) return [...this.#entries];
    const oldest = this.#count % this.#keep;
    return [...this.#entries.slice(oldest), ...this.#entries.slice(0, oldest)];
  }

  /** The last entries, a line each. */
  toString(): string {
    return this.entries().map(lineOf).join("\n");
  }

  #add(entry: TraceEntry | undefined): void {
    if (entry !== undefined && this.#keep > 0) this.#entries[this.#count % this.#keep] = entry;
    this.#count++;
  }
}

const SHOWN_BYTES = 48;

function lineOf(entry: TraceEntry): string {
  const time = secondsText(entry.at);
  if (entry.kind === "note") return `${time} ${entry.text}`;
  const { link, direction, bytes } = entry;
  const more = bytes.length > SHOWN_BYTES ? "…" : "";
  return `${time} ${link} ${direction} ${bytes.length} ${hex(bytes.subarray(0, SHOWN_BYTES))}${more}`;
}
