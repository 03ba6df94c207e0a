/** A trace of JSON lines, read in pieces. What comes before a fault is shown, and the fault is told. */
import type { Problem } from "../../../../src/inspect/problem.ts";
import { TraceCollector } from "../../../../src/trace/json-lines.ts";
import { TraceError } from "../../../../src/trace/trace-error.ts";
import type { FileContents } from "./file-contents.ts";
import { traceContents } from "./trace-contents.ts";

export async function readTraceFile(
  file: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<FileContents | Problem> {
  const trace = new TraceCollector();
  let problem: Problem | undefined;
  try {
    const decoder = new TextDecoder();
    for await (const piece of pieces) trace.push(decoder.decode(piece, { stream: true }));
    trace.push(decoder.decode());
    trace.end();
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    problem = { kind: "bad-trace", file, line: error.line, fault: error.fault };
  }
  const { header, events, leftOut } = trace;
  if (header === undefined) return problem ?? { kind: "no-trace", file };
  if (leftOut > 0) problem ??= { kind: "long-trace", file, leftOut };
  const { title, hosts, epoch } = header;
  return traceContents({ title, hosts, epoch, events, problem });
}
