/**
 * An Ethernet device on a byte stream, as QEMU's `-netdev stream` and `-netdev socket` have it: each frame
 * behind its length, 32 bits in network order. The stream is given; who opens it says what ends it.
 */
import type { Duplex } from "node:stream";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import {
  type FrameSink,
  fitsMtu,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
} from "../link/net-device.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import type { FrameDrain, FrameLoop } from "./driver.ts";
import { LARGEST_FRAME, StreamFrameReader } from "./stream-frame-reader.ts";
import { StreamFrameWriter } from "./stream-frame-writer.ts";

const DEFAULT_MTU = 1_500;
/** Bytes that have come and are not read yet, before no more are asked for. */
const MOST_WAITING = 1 << 20;
const FRAMES_PER_READ = 64;

export interface StreamDeviceOptions {
  readonly name: string;
  /** The driver: it polls the hosts after what has arrived. */
  readonly scheduler: FrameLoop;
  /** 1,500 if not said. */
  readonly mtu?: number | undefined;
  /**
   * The stream has ended, or speaks something else. The device is closed by then. Not called after `close`.
   */
  readonly onLost?: ((reason: Error) => void) | undefined;
}

export class StreamDevice implements NetDevice, FrameDrain {
  readonly name: string;
  readonly medium = "ethernet";
  readonly mtu: number;
  readonly offload = NO_OFFLOAD;
  readonly counters = newDeviceCounters();
  readonly #stream: Duplex;
  readonly #scheduler: FrameLoop;
  readonly #onLost: ((reason: Error) => void) | undefined;
  readonly #reader = new StreamFrameReader();
  readonly #writer: StreamFrameWriter;
  readonly #source = { read: () => this.#readBurst() };
  #sink: FrameSink | undefined;
  #readIsDue = false;
  #flushIsDue = false;
  #isClosed = false;

  constructor(stream: Duplex, { name, scheduler, mtu = DEFAULT_MTU, onLost }: StreamDeviceOptions) {
    this.name = name;
    this.mtu = mtu;
    this.#stream = stream;
    this.#writer = new StreamFrameWriter(stream, () => this.#hasRoom());
    this.#scheduler = scheduler;
    this.#onLost = onLost;
    stream.on("data", (bytes: Uint8Array) => this.#take(bytes));
    stream.once("error", error => this.#lost(error));
    const ended = (): void => this.#lost(new Error("The other end of the stream has closed it."));
    stream.once("end", ended);
    stream.once("close", ended);
  }

  #take(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#reader.push(bytes);
    this.#scheduler.arrived(this.#source);
    // A burst may leave a rest; and a stream within the process may bring it in the middle of a round, which
    // does not look again.
    this.#readSoon();
    if (this.#reader.waiting > MOST_WAITING) this.#stream.pause();
  }

  #readSoon(): void {
    if (this.#readIsDue || this.#reader.waiting === 0) return;
    this.#readIsDue = true;
    this.#scheduler.schedule(this.#scheduler.now(), this.#readOn);
  }

  readonly #readOn = (): void => {
    this.#readIsDue = false;
    this.#readBurst();
    if (this.#isClosed) return;
    this.#readSoon();
    if (this.#reader.waiting <= MOST_WAITING && this.#stream.isPaused()) this.#stream.resume();
  };

  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  transmit(frame: PacketBuffer): boolean {
    const { length } = frame;
    if (this.#isClosed || length > LARGEST_FRAME || !fitsMtu(frame, this.medium, this.mtu)) {
      this.counters.dropped++;
      return true;
    }
    if (!this.#writer.add(frame)) return false;
    this.#flushSoon();
    this.counters.transmittedFrames++;
    this.counters.transmittedBytes += length;
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream.destroy();
  }

  /** The frames of one round are one write, at its end; those from elsewhere wait for the next round. */
  #flushSoon(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    if (!this.#scheduler.leaving(this)) this.#scheduler.schedule(this.#scheduler.now(), this.#flushLater);
  }

  flush(): void {
    this.#flushIsDue = false;
    if (!this.#isClosed) this.#writer.flush();
  }

  readonly #flushLater = (): void => this.flush();

  #hasRoom(): void {
    if (!this.#isClosed) this.#sink?.writable();
  }

  #readBurst(): boolean {
    const reader = this.#reader;
    for (let count = 0; count < FRAMES_PER_READ && !this.#isClosed; count++) {
      const found = reader.next();
      if (found === "foreign")
        this.#lost(
          new Error(`The stream does not carry frames: one is said to have ${reader.length} bytes.`),
        );
      if (found !== "frame") return count > 0;
      this.#deliver(reader.frame);
    }
    return true;
  }

  #deliver(frame: PacketBuffer): void {
    const { counters } = this;
    const { length } = frame;
    if (length < ETHERNET_HEADER_SIZE || !fitsMtu(frame, this.medium, this.mtu)) {
      counters.dropped++;
      return;
    }
    counters.receivedFrames++;
    counters.receivedBytes += length;
    this.#sink?.receive(frame);
  }

  #lost(reason: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#onLost?.(reason);
  }
}
