/**
 * A decorator that makes a device's wire bad, in either direction: see impairment.ts. The impairments may be
 * changed at any time; `{ loss: 1 }` is a cut cable.
 */
import type { Scheduler } from "../base/event-queue.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { type Random, SeededRandom } from "../base/random.ts";
import { ImpairedPath, type Impairment, type ImpairmentCounters } from "./impairment.ts";
import {
  type DeviceCounters,
  type DropListener,
  type FrameSink,
  fitsMtu,
  type Medium,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
} from "./net-device.ts";
import { completeChecksum, SegmentCutter } from "./segmentation.ts";
import type { FrameDirection } from "./tap.ts";
import { type WireFault, WireFaults } from "./wire-faults.ts";

export type { GilbertElliott, Impairment, ImpairmentCounters } from "./impairment.ts";

export interface ImpairOptions {
  readonly scheduler: Scheduler;
  /**
   * Each direction gets its own stream from it, so the traffic of one does not change the fate of the
   * other's.
   */
  readonly random: Random;
  readonly transmit?: Impairment | undefined;
  readonly receive?: Impairment | undefined;
  /** Told of frames that found the rate's queue full. */
  readonly dropped?: DropListener | undefined;
  /** Told of frames that were lost on purpose. */
  readonly lost?: ((frame: PacketBuffer) => void) | undefined;
}

export function impair(device: NetDevice, options: ImpairOptions): ImpairedDevice {
  return new ImpairedDevice(device, options);
}

export class ImpairedDevice implements NetDevice, FrameSink {
  readonly name: string;
  readonly medium: Medium;
  readonly mtu: number;
  /** None: a bit cannot be flipped in a frame whose checksum is still to be computed. */
  readonly offload = NO_OFFLOAD;
  readonly counters: DeviceCounters = newDeviceCounters();
  readonly faults = new WireFaults();
  readonly #device: NetDevice;
  readonly #transmit: ImpairedPath;
  readonly #receive: ImpairedPath;
  readonly #cutter = new SegmentCutter();
  #sink: FrameSink | undefined;
  #owesWritable = false;
  #closed = false;

  constructor(device: NetDevice, options: ImpairOptions) {
    this.name = device.name;
    this.medium = device.medium;
    this.mtu = device.mtu;
    this.#device = device;
    const { scheduler, random } = options;
    this.#transmit = new ImpairedPath(scheduler, new SeededRandom(random.uint32()), {
      deliver: frame => device.transmit(frame),
      happened: (fault, frame) => this.#happened(options, fault, "out", frame),
    });
    this.#receive = new ImpairedPath(scheduler, new SeededRandom(random.uint32()), {
      deliver: frame => this.#deliver(frame),
      happened: (fault, frame) => this.#happened(options, fault, "in", frame),
    });
    this.transmitImpairment = options.transmit ?? {};
    this.receiveImpairment = options.receive ?? {};
  }

  get transmitImpairment(): Impairment {
    return this.#transmit.impairment;
  }

  set transmitImpairment(value: Impairment) {
    this.#transmit.impairment = value;
  }

  get receiveImpairment(): Impairment {
    return this.#receive.impairment;
  }

  set receiveImpairment(value: Impairment) {
    this.#receive.impairment = value;
  }

  get transmitFates(): Readonly<ImpairmentCounters> {
    return this.#transmit.counters;
  }

  get receiveFates(): Readonly<ImpairmentCounters> {
    return this.#receive.counters;
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
    this.#device.attach(this);
  }

  transmit(frame: PacketBuffer): boolean {
    if (this.#closed || !fitsMtu(frame, this.medium, this.mtu)) {
      this.counters.dropped++;
      return true;
    }
    if (!this.#transmit.accept(frame)) {
      this.#owesWritable = true;
      return false;
    }
    this.counters.transmittedFrames++;
    this.counters.transmittedBytes += frame.length;
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#sink = undefined;
    this.#transmit.clear();
    this.#receive.clear();
    this.#device.close();
  }

  /** Segments suffer one by one, and with a checksum that a flipped bit breaks. */
  receive(frame: PacketBuffer): void {
    if (this.#closed) return;
    if (frame.segmentSize > 0) {
      this.#cutter.cut(frame, segment => this.#receive.accept(segment));
      return;
    }
    if (frame.checksum === "partial") completeChecksum(frame);
    this.#receive.accept(frame);
  }

  writable(): void {
    this.#transmit.resume();
    if (this.#transmit.isBlocked || !this.#owesWritable) return;
    this.#owesWritable = false;
    this.#sink?.writable();
  }

  #happened(options: ImpairOptions, fault: WireFault, direction: FrameDirection, frame: PacketBuffer): void {
    if (fault === "lost" || fault === "queue-full") this.counters.dropped++;
    if (fault === "lost") options.lost?.(frame);
    if (fault === "queue-full") options.dropped?.(fault, frame);
    this.faults.happened(fault, direction, frame);
  }

  #deliver(frame: PacketBuffer): boolean {
    this.counters.receivedFrames++;
    this.counters.receivedBytes += frame.length;
    this.#sink?.receive(frame);
    return true;
  }
}
