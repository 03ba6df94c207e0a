/** A trace of JSON lines, read in pieces. What comes before a fault is shown, with a sentence about it. */
import type { TraceEvent } from "../../../../src/trace/event.ts";
import { TraceError, TraceReader } from "../../../../src/trace/json-lines.ts";
import type { FileContents } from "./file-contents.ts";
import { traceContents } from "./trace-contents.ts";

/** Memory for more is not to be had in every browser. */
const MOST_EVENTS = 2_000_000;

export async function readTraceFile(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<FileContents | string> {
  const events: TraceEvent[] = [];
  let leftOut = 0;
  const reader = new TraceReader(event => {
    if (events.length < MOST_EVENTS) events.push(event);
    else leftOut++;
  });
  let trouble: string | undefined;
  try {
    const decoder = new TextDecoder();
    for await (const piece of pieces) reader.push(decoder.decode(piece, { stream: true }));
    reader.push(decoder.decode());
    reader.end();
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    trouble = `${name}: ${error.message}.`;
  }
  const { header } = reader;
  if (header === undefined) return trouble ?? `${name} is no trace.`;
  if (leftOut > 0) trouble ??= `${name} has ${leftOut} events more than the page keeps.`;
  const { title, hosts, epoch } = header;
  return traceContents({ title, hosts, epoch, events, trouble });
}
