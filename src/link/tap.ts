/**
 * A decorator that shows every frame of a device to an observer: captures, traces, the inspector. (Not the
 * kernel's TAP device: that is `node/`.) The observer knows its own clock: a trace wants virtual time, a
 * capture the time of day.
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { DeviceCounters, FrameSink, Medium, NetDevice, Offload } from "./net-device.ts";

/** `in`: the device received it. `out`: the device was given it to transmit, and took it. */
export type FrameDirection = "in" | "out";

export interface FrameObserver {
  /** The frame is borrowed for the call, and not to be changed. */
  frame(direction: FrameDirection, frame: PacketBuffer): void;
}

export function tap(device: NetDevice, observer: FrameObserver): NetDevice {
  return new TappedDevice(device, observer);
}

class TappedDevice implements NetDevice, FrameSink {
  readonly name: string;
  readonly medium: Medium;
  readonly mtu: number;
  readonly offload: Offload;
  readonly #device: NetDevice;
  readonly #observer: FrameObserver;
  #sink: FrameSink | undefined;

  constructor(device: NetDevice, observer: FrameObserver) {
    this.name = device.name;
    this.medium = device.medium;
    this.mtu = device.mtu;
    // Who looks at a frame wants it whole.
    this.offload = { ...device.offload, gathers: false };
    this.#device = device;
    this.#observer = observer;
  }

  get counters(): Readonly<DeviceCounters> {
    return this.#device.counters;
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
    this.#device.attach(this);
  }

  /** A frame that the device is too full for will come again: it is shown when it is taken. */
  transmit(frame: PacketBuffer): boolean {
    if (!this.#device.transmit(frame)) return false;
    this.#observer.frame("out", frame);
    return true;
  }

  close(): void {
    this.#device.close();
  }

  receive(frame: PacketBuffer): void {
    this.#observer.frame("in", frame);
    this.#sink?.receive(frame);
  }

  writable(): void {
    this.#sink?.writable();
  }
}
