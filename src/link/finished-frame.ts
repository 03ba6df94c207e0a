/**
 * Frames as they would be on a wire, for who looks at them on their way: a checksum that a device is still to
 * complete would look wrong, and text that lies apart from its headers (base/packet-tail) would be missing.
 */
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import { copyFrame } from "./queue.ts";
import { completeChecksum } from "./segmentation.ts";

export class FinishedFrame {
  readonly #copy = new PacketBuffer(HEADROOM);

  /** The frame itself if nothing is left to be done; else a copy, good until the next call. */
  of(frame: PacketBuffer): PacketBuffer {
    if (frame.checksum !== "partial") return frame;
    copyFrame(frame, this.#copy);
    completeChecksum(this.#copy);
    return this.#copy;
  }
}
