/**
 * Users of Postel's TCP streams in interop tests: they send seeded pseudo-random bytes, and hash what comes.
 */
import { createHash } from "node:crypto";
import { SeededRandom } from "../../src/base/random.ts";
import type { TcpStream } from "../../src/socket/tcp-stream.ts";

const CHUNK = 1 << 16;

export interface Transferred {
  readonly bytes: number;
  readonly sha256: string;
}

export const NOTHING_SENT: Transferred = { bytes: 0, sha256: createHash("sha256").digest("hex") };

/** Sends the bytes of a seed, and then FIN unless `end` is false. Answers when TCP has taken all of it. */
export async function sendSeeded(
  stream: TcpStream,
  bytes: number,
  seed: number,
  end = true,
): Promise<Transferred> {
  const random = new SeededRandom(seed);
  const hash = createHash("sha256");
  const writer = stream.writable.getWriter();
  for (let left = bytes; left > 0; ) {
    // TCP copies a chunk when it takes it, and the write ends when it has taken all: one buffer would do. A
    // new one each time makes a stack that keeps the user's bytes fail here.
    const chunk = new Uint8Array(Math.min(CHUNK, left));
    random.fill(chunk);
    hash.update(chunk);
    await writer.write(chunk);
    left -= chunk.length;
  }
  if (end) await writer.close();
  writer.releaseLock();
  return { bytes, sha256: hash.digest("hex") };
}

/** Reads to the peer's FIN. */
export async function receiveAll(stream: TcpStream): Promise<Transferred> {
  const hash = createHash("sha256");
  const reader = stream.readable.getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes, sha256: hash.digest("hex") };
    hash.update(value);
    bytes += value.length;
  }
}
