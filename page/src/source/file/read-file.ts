/** Opens a file of any format that the page shows, by its first bytes. */
import { analyzeCapture } from "../../../../src/analysis/analysis.ts";
import type { Problem } from "../../../../src/inspect/problem.ts";
import { captureContents } from "./capture-contents.ts";
import type { FileContents } from "./file-contents.ts";
import { readTraceFile } from "./read-trace-file.ts";

export type Pieces = AsyncIterable<Uint8Array>;

/** What the file has; or why that cannot be shown. `progress` hears of bytes. */
export async function readFile(
  name: string,
  stream: ReadableStream<Uint8Array>,
  progress: (done: number) => void,
): Promise<FileContents | Problem> {
  const pieces = counted(stream, progress);
  try {
    const first = await pieces.next();
    if (first.done === true) return { kind: "empty-file", file: name };
    const all = withFirst(first.value, pieces);
    return await (isText(first.value) ? readTraceFile(name, all) : readCaptureFile(name, all));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "unreadable-file", file: name, reason };
  }
}

async function readCaptureFile(name: string, pieces: Pieces): Promise<FileContents | Problem> {
  const reading = await analyzeCapture(pieces);
  if (reading.error?.kind !== "unknown-format") return captureContents(name, reading);
  return { kind: "unknown-format", file: name };
}

/** A trace is JSON, perhaps after a byte order mark; captures begin otherwise. */
function isText(bytes: Uint8Array): boolean {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return bytes[start] === 0x7b;
}

/** Not all browsers let one iterate over a stream. */
async function* counted(
  stream: ReadableStream<Uint8Array>,
  progress: (done: number) => void,
): AsyncGenerator<Uint8Array, undefined> {
  const reader = stream.getReader();
  let done = 0;
  for (;;) {
    const piece = await reader.read();
    if (piece.done) return undefined;
    done += piece.value.length;
    progress(done);
    yield piece.value;
  }
}

async function* withFirst(first: Uint8Array, rest: Pieces): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
