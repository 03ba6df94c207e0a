/**
 * Puts frames into a byte stream, each behind its length: those of a burst are gathered and leave by one
 * write. While the stream is busy with one burst the next is gathered, in the memory of the one before.
 */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { LENGTH_SIZE } from "./stream-frame-reader.ts";

/** What waits when the stream is busy; the kernel's own buffers come on top of it. */
const MOST_GATHERED = 1 << 18;

export class StreamFrameWriter {
  readonly #stream: Duplex;
  readonly #onRoom: () => void;
  /**
   * What a socket has written is the kernel's: its memory is free again. Another stream may have handed it
   * on.
   */
  readonly #givesBack: boolean;
  #gathered = Buffer.allocUnsafeSlow(MOST_GATHERED);
  #written = Buffer.allocUnsafeSlow(MOST_GATHERED);
  #length = 0;
  #owesRoom = false;

  /** @param onRoom called once there is room, after `add` has answered false */
  constructor(stream: Duplex, onRoom: () => void) {
    this.#stream = stream;
    this.#onRoom = onRoom;
    this.#givesBack = stream instanceof Socket;
  }

  /** False: there is no room for it now. */
  add({ bytes, start, end }: PacketBuffer): boolean {
    const size = LENGTH_SIZE + end - start;
    if (this.#length + size > MOST_GATHERED) this.flush();
    if (this.#length + size > MOST_GATHERED) {
      this.#owesRoom = true;
      return false;
    }
    const at = this.#gathered.writeUInt32BE(end - start, this.#length);
    this.#gathered.set(bytes.subarray(start, end), at);
    this.#length += size;
    return true;
  }

  /** Writes what was gathered, unless the stream is busy: then it follows by itself. */
  flush(): void {
    if (this.#length === 0 || this.#stream.writableLength > 0) return;
    const gathered = this.#gathered;
    const burst = gathered.subarray(0, this.#length);
    this.#length = 0;
    this.#gathered = this.#written;
    this.#written = gathered;
    this.#stream.write(this.#givesBack ? burst : Buffer.from(burst), this.#flushed);
  }

  readonly #flushed = (): void => {
    this.flush();
    if (!this.#owesRoom) return;
    this.#owesRoom = false;
    this.#onRoom();
  };
}
