/**
 * One packet on its way to one line of text. The printers of the layers append to it, outermost first.
 */
import type { FlowTable } from "./flow-table.ts";

export interface LineOptions {
  /** Absent: absolute sequence numbers. */
  readonly flows: FlowTable | undefined;
  readonly verifyChecksums: boolean;
}

export class Line {
  readonly bytes: Uint8Array;
  readonly options: LineOptions;
  /** Nothing from here on is read: the captured bytes end, or the length field of an outer layer says so. */
  end: number;
  /** IP in IP in IP …: how deep we are. */
  depth = 0;
  text = "";
  #notes = "";

  constructor(bytes: Uint8Array, end: number, options: LineOptions) {
    this.bytes = bytes;
    this.end = end;
    this.options = options;
  }

  add(text: string): this {
    this.text += text;
    return this;
  }

  /** Whether `count` bytes at `at` may be read. */
  has(at: number, count: number): boolean {
    return at + count <= this.end;
  }

  /** The packet, or what was captured of it, ends within this protocol's header. */
  truncated(protocol: string): this {
    return this.add(` [|${protocol}]`);
  }

  badChecksum(protocol: string, found: number, right: number): void {
    this.#notes += ` (bad cksum ${protocol} 0x${hex16(found)}, should be 0x${hex16(right)})`;
  }

  finish(): string {
    return this.text + this.#notes;
  }
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, "0");
}
