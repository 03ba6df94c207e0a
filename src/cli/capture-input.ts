/** Reads a capture from a file or from standard input, packet by packet, and says what is wrong with it. */
import { constants, createReadStream, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { addAbortSignal, pipeline, type Readable } from "node:stream";
import { createGunzip, constants as zlib } from "node:zlib";
import { CaptureFileReader } from "../capture/capture-file.ts";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import { Failure } from "./failure.ts";
import { countText } from "./quantity-text.ts";

const PIECE = 262_144;
/** RFC 1952 §2.3.1. */
const GZIP = [0x1f, 0x8b] as const;

/**
 * The packets of each piece that was read. A damaged capture is a Failure behind its last good packet.
 * @param path "-" is standard input.
 * @param end Ends it, also while nothing comes.
 */
export async function* capturedPackets(
  path: string,
  end: AbortSignal,
): AsyncGenerator<readonly CapturedPacket[]> {
  const reader = new CaptureFileReader();
  try {
    for await (const chunk of unpacked(addAbortSignal(end, inputOf(path)))) {
      yield reader.push(chunk);
      if (reader.error !== undefined) break;
    }
  } catch (error) {
    if (end.aborted) return;
    if (isOfGzip(error)) throw new Failure(`${path} is damaged: what gzip has packed is not whole.`);
    throw error;
  }
  reader.end();
  if (reader.error === undefined) return;
  const { kind, message, offset } = reader.error;
  if (kind === "unknown-format") throw new Failure(`${path} is ${message}.`);
  throw new Failure(`${path} is damaged: ${message}, at byte ${countText(offset)}.`);
}

function inputOf(path: string): Readable {
  if (path === "-") return process.stdin;
  const stat = statSync(path);
  // What reading a directory reports does not name it.
  if (stat.isDirectory()) throw new Failure(`${path} is a directory: give a file.`);
  // A read of a file waits in a thread, and nobody could end the wait for a writer who is silent.
  if (stat.isFIFO()) return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) });
  return createReadStream(path, { highWaterMark: PIECE });
}

/** What gzip has packed is unpacked on the way. */
async function* unpacked(input: Readable): AsyncGenerator<Buffer> {
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head = Buffer.alloc(0);
  while (head.length < GZIP.length) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  const whole = rejoined(head, chunks);
  if (GZIP.some((byte, index) => head[index] !== byte)) {
    yield* whole;
    return;
  }
  // Of a file that was cut, the capture's own reader says so, behind the packets that are there.
  const gunzip = createGunzip({ chunkSize: PIECE, finishFlush: zlib.Z_SYNC_FLUSH });
  yield* pipeline(whole, gunzip, () => undefined) as AsyncIterable<Buffer>;
}

async function* rejoined(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* { [Symbol.asyncIterator]: () => rest };
}

function isOfGzip(error: unknown): boolean {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("Z_");
}
