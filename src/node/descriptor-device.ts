/**
 * A network device of the kernel behind a file descriptor, each read and write of which is one frame: TUN and
 * TAP devices (node/tun) and packet sockets (node/packet-socket). With offloads each frame has a virtio
 * header before it.
 *
 * A wake-up reads up to 64 frames within one round of the driver, which then polls the hosts: a burst is
 * processed whole before anything is answered. What is sent in a round leaves at its end, up to 64 frames in
 * one call; super-segments leave one by one and at once, as what they hold takes longer than the call.
 */
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import { Coalescer } from "../link/coalescing.ts";
import {
  type FrameSink,
  fitsMtu,
  type Medium,
  type NetDevice,
  newDeviceCounters,
  type Offload,
} from "../link/net-device.ts";
import { VIRTIO_NET_HEADER_SIZE } from "../wire/virtio-net.ts";
import { DeviceError } from "./device-error.ts";
import type { FrameLoop } from "./driver.ts";
import { EAGAIN, EINTR, type Libc, type Ready, type Watch } from "./ffi.ts";
import { FrameBatch } from "./frame-batch.ts";
import { GatheredWrite } from "./gathered-write.ts";
import { OffloadFraming } from "./offload-framing.ts";
import { OutgoingBatch } from "./outgoing-batch.ts";

const FRAMES_PER_WAKE = 64;
const FRAMES_PER_WRITE = 64;
/** From so many on, frames are read together. */
const WORTH_A_BATCH = 4;
/** A burst of super-segments ends sooner: what was read is to be in the processor's cache when it is used. */
const BYTES_PER_WAKE = 512 * 1_024;
/** The largest frame: 64 KiB − 1 of IP behind an Ethernet header and a VLAN tag. */
const READ_SIZE = 65_535 + 18 + VIRTIO_NET_HEADER_SIZE;

export interface OpenedInterface {
  /** Non-blocking; a read gives one frame, a write takes one. */
  readonly descriptor: number;
  readonly name: string;
  readonly medium: Medium;
  readonly mtu: number;
  /** What the kernel grants; with offload of checksums, frames have a virtio header before them. */
  readonly offload: Offload;
  /** Why that is not all that was asked for: sentences for the user. */
  readonly notes?: readonly string[];
  /** It has room for whatever is written, always. */
  readonly isBoundless?: boolean;
}

export interface DescriptorDeviceOptions {
  /** The driver: it runs the reads, and polls the hosts after them. */
  readonly scheduler: FrameLoop;
  /** The device was taken away (`ip link del`). It is closed by then. */
  readonly onLost?: ((error: DeviceError) => void) | undefined;
}

export class DescriptorDevice implements NetDevice {
  readonly name: string;
  readonly medium: "ethernet" | "ip";
  readonly mtu: number;
  readonly offload: Offload;
  readonly counters = newDeviceCounters();
  /** Why the device has fewer offloads than it was asked for: sentences for the user. */
  readonly notes: readonly string[];

  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #scheduler: FrameLoop;
  readonly #onLost: ((error: DeviceError) => void) | undefined;
  readonly #watch: Watch;

  /** Undefined: no virtio headers. */
  readonly #framing: OffloadFraming | undefined;
  readonly #frame = new PacketBuffer(HEADROOM + READ_SIZE);
  readonly #storage = this.#frame.bytes;
  /** Frames are read so that the IP header lies at `HEADROOM`, whatever comes before it. */
  readonly #readAt: number;
  readonly #readInto: Uint8Array;
  /** What comes segment by segment is put together here; a kernel with offloads has done that. */
  readonly #coalescer: Coalescer | undefined;
  /** Undefined, these two: frames are read, or written, one by one. */
  #batch: FrameBatch | undefined;
  readonly #outgoing: OutgoingBatch | undefined;
  readonly #gathered: GatheredWrite;

  readonly #source = { read: () => this.#readBurst() };
  /**
   * How many frames are read before they are answered. It follows what came before: a lone request is
   * answered before the device is asked for another.
   */
  #burst = 1;

  #sink: FrameSink | undefined;
  #isFull = false;
  #isClosed = false;

  constructor(libc: Libc, opened: OpenedInterface, { scheduler, onLost }: DescriptorDeviceOptions) {
    this.name = opened.name;
    this.mtu = opened.mtu;
    this.medium = opened.medium;
    const hasHeaders = opened.offload.checksum;
    this.offload = { ...opened.offload, gathers: hasHeaders && GatheredWrite.isPossible(libc) };
    this.notes = opened.notes ?? [];
    this.#framing = hasHeaders ? new OffloadFraming(this.medium) : undefined;
    this.#readAt = HEADROOM - (hasHeaders ? VIRTIO_NET_HEADER_SIZE : 0);
    this.#readInto = this.#storage.subarray(this.#readAt);
    this.#libc = libc;
    this.#coalescer = hasHeaders ? undefined : new Coalescer(this.medium, frame => this.#deliver(frame));
    this.#gathered = new GatheredWrite(libc);
    this.#descriptor = opened.descriptor;
    this.#scheduler = scheduler;
    this.#onLost = onLost;
    if (!hasHeaders) {
      const { descriptor, mtu, isBoundless = false } = opened;
      this.#batch = FrameBatch.open(libc, descriptor, mtu, FRAMES_PER_WAKE);
      this.#outgoing = OutgoingBatch.open(libc, descriptor, {
        mtu,
        most: FRAMES_PER_WRITE,
        mayRefuse: !isBoundless,
      });
    }
    this.#watch = libc.watch(opened.descriptor, ready => this.#ready(ready));
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  transmit(frame: PacketBuffer): boolean {
    const isSuper = frame.segmentSize > 0 && this.#framing !== undefined;
    if (this.#isClosed || !(isSuper || fitsMtu(frame, this.medium, this.mtu))) {
      this.counters.dropped++;
      return true;
    }
    if (this.#isFull) return false;
    if (this.#outgoing === undefined) return this.#writeOne(frame);
    this.#queue(frame, this.#outgoing);
    return true;
  }

  lend(): PacketBuffer | undefined {
    return this.#outgoing?.free;
  }

  /** Writes what waited for the end of the round. */
  flush(): void {
    if (this.#outgoing?.flush(this.counters) === false) this.#waitForRoom();
  }

  /** Outside of a round there is nothing to wait for. */
  #queue(frame: PacketBuffer, outgoing: OutgoingBatch): void {
    outgoing.add(frame);
    const isFirst = outgoing.length === 1;
    if (outgoing.free === undefined || (isFirst && !this.#scheduler.leaving(this))) this.flush();
  }

  #writeOne(frame: PacketBuffer): boolean {
    const { length } = frame;
    const framed = this.#framing?.wrap(frame) ?? frame;
    const from = this.#framing === undefined ? framed.start : framed.start - VIRTIO_NET_HEADER_SIZE;
    while (this.#gathered.write(this.#descriptor, framed, from) < 0) {
      const errno = this.#libc.errno();
      if (errno === EINTR) continue;
      if (errno === EAGAIN) {
        this.#waitForRoom();
        return false;
      }
      // EIO: the kernel's side is down. EINVAL: it is no IP packet. Either way the frame is gone.
      this.counters.dropped++;
      return true;
    }
    this.counters.transmittedFrames++;
    this.counters.transmittedBytes += length;
    return true;
  }

  #waitForRoom(): void {
    this.#isFull = true;
    this.#watch.wantWritable(true);
  }

  /** Keeps the process alive while the device is open (so it is at first), or not. */
  ref(): void {
    if (!this.#isClosed) this.#watch.ref();
  }

  unref(): void {
    if (!this.#isClosed) this.#watch.unref();
  }

  /** Removes the interface from the kernel, unless it was made beforehand to persist. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#outgoing?.flush(this.counters);
    this.#watch.close();
    this.#batch?.close();
    this.#outgoing?.close();
    this.#libc.close(this.#descriptor);
  }

  /** Called by the event loop, where nothing may be thrown: the work is left to the scheduler. */
  #ready(ready: Ready): void {
    if (this.#isClosed) return;
    if (ready.failed) {
      this.close();
      const lost = new DeviceError("ENODEV", `The device ${this.name} was removed.`);
      this.#scheduler.schedule(this.#scheduler.now(), () => this.#onLost?.(lost));
      return;
    }
    if (ready.readable) this.#scheduler.arrived(this.#source);
    if (ready.writable && this.#isFull) {
      this.#watch.wantWritable(false);
      this.#scheduler.schedule(this.#scheduler.now(), () => this.#room());
    }
  }

  #room(): void {
    this.#isFull = false;
    this.flush();
    if (!this.#isClosed && !this.#isFull) this.#sink?.writable();
  }

  /** False: there was nothing. */
  #readBurst(): boolean {
    if (this.#isClosed) return false;
    const wanted = this.#burst;
    const batch = wanted < WORTH_A_BATCH ? undefined : this.#batch;
    const frames = batch === undefined ? this.#readEach(wanted) : this.#readTogether(batch, wanted);
    this.#coalescer?.flush();
    if (frames === wanted) this.#burst = Math.min(2 * frames, FRAMES_PER_WAKE);
    else if (frames > 0) this.#burst = frames;
    return frames > 0;
  }

  #readEach(most: number): number {
    let frames = 0;
    for (let bytes = 0; frames < most && bytes < BYTES_PER_WAKE && !this.#isClosed; frames++) {
      const length = this.#libc.read(this.#descriptor, this.#readInto, READ_SIZE);
      // EAGAIN: that was all. Anything else (EBADFD, EIO) shows in the next wake-up.
      if (length <= 0) break;
      bytes += length;
      const frame = this.#frame;
      frame.bytes = this.#storage;
      frame.reset(this.#readAt);
      frame.end += length;
      this.#received(frame);
    }
    return frames;
  }

  #readTogether(batch: FrameBatch, most: number): number {
    let frames = 0;
    for (batch.read(most); batch.next(); frames++) this.#received(batch.frame);
    if (batch.isOver) {
      batch.close();
      this.#batch = undefined;
    }
    return frames;
  }

  #received(frame: PacketBuffer): void {
    if (this.#sink === undefined || this.#framing?.unwrap(frame) === false) {
      this.counters.dropped++;
      return;
    }
    this.counters.receivedFrames++;
    this.counters.receivedBytes += frame.length;
    frame.receivedAt = this.#scheduler.now();
    if (this.#coalescer === undefined) this.#deliver(frame);
    else this.#coalescer.add(frame);
  }

  #deliver(frame: PacketBuffer): void {
    if (!this.#isClosed) this.#sink?.receive(frame);
  }
}
