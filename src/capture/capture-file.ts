/** Opens a capture of any format that we read, by its first four bytes. */
import { BIG_ENDIAN } from "./byte-order.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { CapturedPacket, CaptureError, CapturePackets } from "./captured-packet.ts";
import { PcapReader, pcapFormat } from "./pcap.ts";
import { BLOCK } from "./pcapng-blocks.ts";
import { PcapngReader } from "./pcapng-reader.ts";

export class CaptureFileReader implements CapturePackets {
  readonly #head = new ByteQueue();
  #reader: CapturePackets | undefined;
  #error: CaptureError | undefined;

  get error(): CaptureError | undefined {
    return this.#error ?? this.#reader?.error;
  }

  push(chunk: Uint8Array): CapturedPacket[] {
    if (this.#reader !== undefined) return this.#reader.push(chunk);
    if (this.#error !== undefined) return [];
    const head = this.#head;
    head.push(chunk);
    if (head.length < 4) return [];
    this.#reader = readerFor(BIG_ENDIAN.uint32(head.bytes, head.start));
    if (this.#reader === undefined) {
      this.#error = { kind: "unknown-format", message: "neither a pcap nor a pcapng file", offset: 0 };
      head.clear();
      return [];
    }
    const packets = this.#reader.push(head.bytes.subarray(head.start, head.start + head.length));
    head.clear();
    return packets;
  }

  end(): void {
    if (this.#reader !== undefined) this.#reader.end();
    else this.#error ??= { kind: "truncated", message: "the file is too short for a capture", offset: 0 };
  }
}

function readerFor(magic: number): CapturePackets | undefined {
  if (magic === BLOCK.section) return new PcapngReader();
  return pcapFormat(magic) === undefined ? undefined : new PcapReader();
}

/** All packets of a whole capture; those before the error when it has one. */
export function readCapture(bytes: Uint8Array): {
  readonly packets: readonly CapturedPacket[];
  readonly error: CaptureError | undefined;
} {
  const reader = new CaptureFileReader();
  const packets = reader.push(bytes);
  reader.end();
  return { packets, error: reader.error };
}
