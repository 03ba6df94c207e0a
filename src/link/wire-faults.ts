/**
 * What a bad wire does to frames, for who looks on: an observer may come at any time, and go again. It is
 * shown the frame as it was before.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { FrameDirection } from "./tap.ts";

/** `queue-full`: the rate's queue had no room for it; `cut`: nothing passes. */
export type WireFault = "lost" | "queue-full" | "cut" | "corrupted" | "duplicated" | "delayed";

/** `direction`: as seen from above the device. The frame is borrowed for the call. */
export type WireFaultObserver = (fault: WireFault, direction: FrameDirection, frame: PacketBuffer) => void;

export class WireFaults {
  #observers: readonly WireFaultObserver[] = [];

  /** The function that it answers ends it. */
  observe(observer: WireFaultObserver): () => void {
    const mine: WireFaultObserver = (fault, direction, frame) => observer(fault, direction, frame);
    this.#observers = [...this.#observers, mine];
    return () => {
      this.#observers = this.#observers.filter(other => other !== mine);
    };
  }

  happened(fault: WireFault, direction: FrameDirection, frame: PacketBuffer): void {
    for (const observer of this.#observers) observer(fault, direction, frame);
  }
}
