/**
 * A decorator that shows every frame of a device to an observer: captures, traces, the inspector. (Not the
 * kernel's TAP device: that is `node/`.) The observer knows its own clock: a trace wants virtual time, a
 * capture the time of day. It sees frames as they would be on a wire: who reads a capture takes an unfinished
 * checksum for a wrong one.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { Decorator } from "./decorator.ts";
import { FinishedFrame } from "./finished-frame.ts";
import type { NetDevice } from "./net-device.ts";

/** `in`: the device received it. `out`: the device was given it to transmit, and took it. */
export type FrameDirection = "in" | "out";

export interface FrameObserver {
  /** The frame is borrowed for the call, and not to be changed. */
  frame(direction: FrameDirection, frame: PacketBuffer): void;
}

export function tap(device: NetDevice, observer: FrameObserver): NetDevice {
  return new TappedDevice(device, observer);
}

class TappedDevice extends Decorator {
  readonly #observer: FrameObserver;
  readonly #finished = new FinishedFrame();

  constructor(device: NetDevice, observer: FrameObserver) {
    // Who looks at a frame wants it whole.
    super(device, { ...device.offload, gathers: false });
    this.#observer = observer;
  }

  /** A frame that the device is too full for will come again: it is shown when it is taken. */
  override transmit(frame: PacketBuffer): boolean {
    if (!this.device.transmit(frame)) return false;
    this.#observer.frame("out", this.#finished.of(frame));
    return true;
  }

  override receive(frame: PacketBuffer): void {
    this.#observer.frame("in", this.#finished.of(frame));
    this.sink?.receive(frame);
  }
}
