/** What is wrong with a trace: in which line, of which kind, and as the end of an English sentence. */
export interface TraceFault {
  readonly kind:
    | "too-long"
    | "not-json"
    | "empty"
    | "no-header"
    | "other-version"
    | "bad-header"
    /** A line that is no event. */
    | "bad-event";
  readonly what: string;
}

/** One sentence with the number of the line. */
export class TraceError extends Error {
  override readonly name = "TraceError";
  readonly line: number;
  readonly fault: TraceFault;

  constructor(line: number, kind: TraceFault["kind"], what: string) {
    super(`line ${line} of the trace ${what}`);
    this.line = line;
    this.fault = { kind, what };
  }
}
