/**
 * Two devices, the ends of one wire, as a veth pair: what one transmits the other receives, in order, as
 * soon as the scheduler comes to it. One scheduled task carries a whole burst. A full wire answers `false`
 * until it has drained.
 */
import type { Scheduled, Scheduler } from "../base/event-queue.ts";
import { type PacketBuffer, PacketPool } from "../base/packet-buffer.ts";
import {
  type DeviceCounters,
  type FrameSink,
  fitsMtu,
  type Medium,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
  type Offload,
} from "./net-device.ts";
import { FrameQueue } from "./queue.ts";
import { FULL_OFFLOAD } from "./segmentation.ts";

export interface PairOptions {
  readonly medium?: Medium | undefined;
  readonly mtu?: number | undefined;
  readonly names?: readonly [string, string] | undefined;
  /** Frames that wait in one direction. */
  readonly queueLimit?: number | undefined;
  /**
   * Super-segments pass whole, and nobody computes a checksum: the wire is memory. Not for a wire that
   * somebody wants to look at segment by segment.
   */
  readonly offload?: boolean | undefined;
}

export function createPair(scheduler: Scheduler, options: PairOptions = {}): [NetDevice, NetDevice] {
  const pool = new PacketPool();
  const [nameA, nameB] = options.names ?? ["pair0", "pair1"];
  const wire = { ...options, offload: options.offload === true ? FULL_OFFLOAD : NO_OFFLOAD };
  const a = new WireEnd(scheduler, nameA, wire, pool);
  const b = new WireEnd(scheduler, nameB, wire, pool);
  a.connect(b);
  b.connect(a);
  return [a, b];
}

interface WireOptions extends Pick<PairOptions, "medium" | "mtu" | "queueLimit"> {
  readonly offload: Offload;
}

/** One end: owns the queue of the frames that left here. Connected to itself, it is a loopback. */
export class WireEnd implements NetDevice {
  readonly name: string;
  readonly medium: Medium;
  readonly mtu: number;
  readonly offload: Offload;
  readonly counters: DeviceCounters = newDeviceCounters();
  readonly #scheduler: Scheduler;
  readonly #queue: FrameQueue;
  readonly #drain = (): void => this.#drainQueue();
  #peer: WireEnd | undefined;
  #sink: FrameSink | undefined;
  #scheduled: Scheduled | undefined;
  #owesWritable = false;
  #closed = false;

  constructor(scheduler: Scheduler, name: string, options: WireOptions, pool: PacketPool) {
    this.#scheduler = scheduler;
    this.name = name;
    this.medium = options.medium ?? "ethernet";
    this.mtu = options.mtu ?? 1_500;
    this.offload = options.offload;
    this.#queue = new FrameQueue({ frames: options.queueLimit }, pool);
  }

  connect(peer: WireEnd): void {
    this.#peer = peer;
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  transmit(frame: PacketBuffer): boolean {
    if (this.#closed || !this.#carries(frame)) {
      this.counters.dropped++;
      return true;
    }
    if (!this.#queue.push(frame)) {
      this.#owesWritable = true;
      return false;
    }
    this.counters.transmittedFrames++;
    this.counters.transmittedBytes += frame.length;
    this.#scheduled ??= this.#scheduler.schedule(this.#scheduler.now(), this.#drain);
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#scheduled?.cancel();
    this.#scheduled = undefined;
    this.#queue.clear();
    this.#sink = undefined;
  }

  #carries(frame: PacketBuffer): boolean {
    if (this.offload.maxSuperSegment > 0 && frame.segmentSize > 0) return true;
    return fitsMtu(frame, this.medium, this.mtu);
  }

  /**
   * Carries what waits now; frames that join meanwhile are a next burst, so that a storm cannot hold the
   * scheduler.
   */
  #drainQueue(): void {
    this.#scheduled = undefined;
    for (let count = this.#queue.length; count > 0; count--) {
      const frame = this.#queue.shift();
      if (frame === undefined) break;
      this.#peer?.arrived(frame);
      this.#queue.release(frame);
    }
    if (this.#queue.length > 0) {
      this.#scheduled ??= this.#scheduler.schedule(this.#scheduler.now(), this.#drain);
    }
    if (this.#owesWritable) {
      this.#owesWritable = false;
      this.#sink?.writable();
    }
  }

  /** The peer's call: a frame is here. */
  arrived(frame: PacketBuffer): void {
    if (this.#sink === undefined) {
      this.counters.dropped++;
      return;
    }
    this.counters.receivedFrames++;
    this.counters.receivedBytes += frame.length;
    this.#sink.receive(frame);
  }
}
