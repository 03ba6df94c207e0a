/** Reads a capture from a file or from standard input, packet by packet, and says what is wrong with it. */
import { createReadStream, statSync } from "node:fs";
import { CaptureFileReader } from "../capture/capture-file.ts";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import { Failure } from "./failure.ts";
import { countText } from "./quantity-text.ts";

const PIECE = 262_144;

/**
 * The packets of each piece that was read. A damaged capture is a Failure behind its last good packet.
 * @param path "-" is standard input.
 */
export async function* capturedPackets(path: string): AsyncGenerator<readonly CapturedPacket[]> {
  // What reading a directory reports does not name it.
  if (path !== "-" && statSync(path).isDirectory()) throw new Failure(`${path} is a directory: give a file.`);
  const reader = new CaptureFileReader();
  const input = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: PIECE });
  for await (const chunk of input as AsyncIterable<Buffer>) {
    yield reader.push(chunk);
    if (reader.error !== undefined) break;
  }
  reader.end();
  if (reader.error === undefined) return;
  const { kind, message, offset } = reader.error;
  if (kind === "unknown-format") throw new Failure(`${path} is ${message}.`);
  throw new Failure(`${path} is damaged: ${message}, at byte ${countText(offset)}.`);
}
