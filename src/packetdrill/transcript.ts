/**
 * What went over the wire, and which calls were made, as the script would write it: for failures and for
 * `-v`.
 */
import { secondsText } from "./time-rules.ts";

export interface TranscriptEntry {
  readonly kind: "in" | "out" | "call" | "other";
  /** Script time, in µs. */
  readonly at: number;
  /** Made when it is asked for: sequence numbers may become known later. */
  readonly text: () => string;
}

export class Transcript {
  readonly #entries: TranscriptEntry[] = [];

  add(kind: TranscriptEntry["kind"], at: number, text: () => string): void {
    this.#entries.push({ kind, at, text });
  }

  get length(): number {
    return this.#entries.length;
  }

  lines(): string[] {
    return this.#entries.map(lineOf);
  }

  /** The last packets, oldest first. */
  lastPackets(count: number): string[] {
    const isPacket = ({ kind }: TranscriptEntry): boolean => kind === "in" || kind === "out";
    return this.#entries.filter(isPacket).slice(-count).map(lineOf);
  }
}

function lineOf({ kind, at, text }: TranscriptEntry): string {
  const sign = kind === "in" ? "< " : kind === "out" ? "> " : "  ";
  return `${secondsText(at).padStart(11)} ${sign}${text()}`;
}
