/**
 * A decorator that shows every frame of a device to an observer: captures, traces, the inspector. (Not the
 * kernel's TAP device: that is `node/`.) The observer knows its own clock: a trace wants virtual time, a
 * capture the time of day.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { Decorator } from "./decorator.ts";
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

  constructor(device: NetDevice, observer: FrameObserver) {
    // Who looks at a frame wants it whole.
    super(device, { ...device.offload, gathers: false });
    this.#observer = observer;
  }

  /** A frame that the device is too full for will come again: it is shown when it is taken. */
  override transmit(frame: PacketBuffer): boolean {
    if (!this.device.transmit(frame)) return false;
    this.#observer.frame("out", frame);
    return true;
  }

  override receive(frame: PacketBuffer): void {
    this.#observer.frame("in", frame);
    this.sink?.receive(frame);
  }
}
