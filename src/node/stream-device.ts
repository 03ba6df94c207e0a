/**
 * An Ethernet device on a byte stream, as QEMU's `-netdev stream` and `-netdev socket` have it: each frame
 * behind its length, 32 bits in network order. The stream is given; who opens it says what ends it.
 */
import type { Duplex } from "node:stream";
import { readUint32 } from "../base/bytes.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import {
  type FrameSink,
  fitsMtu,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
} from "../link/net-device.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import type { FrameLoop } from "./driver.ts";

const LENGTH_SIZE = 4;
/** The largest that QEMU's own reader takes. */
const LARGEST_FRAME = 69_632;
const DEFAULT_MTU = 1_500;
/** Bytes that may wait for the stream before frames are refused. */
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

export class StreamDevice implements NetDevice {
  readonly name: string;
  readonly medium = "ethernet";
  readonly mtu: number;
  readonly offload = NO_OFFLOAD;
  readonly counters = newDeviceCounters();
  readonly #stream: Duplex;
  readonly #scheduler: FrameLoop;
  readonly #onLost: ((reason: Error) => void) | undefined;
  readonly #frame = new PacketBuffer(HEADROOM + LARGEST_FRAME);
  readonly #source = { read: () => this.#readBurst() };
  /** What has come and is not a whole frame yet, or has not been asked for. */
  #arrived: Uint8Array = new Uint8Array(0);
  #sink: FrameSink | undefined;
  #owesWritable = false;
  #isCorked = false;
  #isClosed = false;

  constructor(stream: Duplex, { name, scheduler, mtu = DEFAULT_MTU, onLost }: StreamDeviceOptions) {
    this.name = name;
    this.mtu = mtu;
    this.#stream = stream;
    this.#scheduler = scheduler;
    this.#onLost = onLost;
    stream.on("data", (bytes: Uint8Array) => this.#take(bytes));
    stream.on("drain", () => this.#drained());
    stream.once("error", error => this.#lost(error));
    const ended = (): void => this.#lost(new Error("The other end of the stream has closed it."));
    stream.once("end", ended);
    stream.once("close", ended);
  }

  #take(bytes: Uint8Array): void {
    this.#arrived = this.#arrived.length === 0 ? bytes : Buffer.concat([this.#arrived, bytes]);
    this.#scheduler.arrived(this.#source);
    // A stream within the process may bring it in the middle of a round, which does not look again.
    if (this.#hasFrame(0)) this.#scheduler.schedule(this.#scheduler.now(), this.#readOn);
  }

  readonly #readOn = (): void => {
    if (this.#readBurst()) this.#scheduler.schedule(this.#scheduler.now(), this.#readOn);
  };

  /** Whether a whole one lies at `at`. */
  #hasFrame(at: number): boolean {
    const rest = this.#arrived.length - at - LENGTH_SIZE;
    return !this.#isClosed && rest >= 0 && rest >= readUint32(this.#arrived, at);
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  transmit(frame: PacketBuffer): boolean {
    const { length, start, bytes } = frame;
    if (this.#isClosed || !fitsMtu(frame, this.medium, this.mtu)) {
      this.counters.dropped++;
      return true;
    }
    if (this.#stream.writableLength > MOST_WAITING) {
      this.#owesWritable = true;
      return false;
    }
    const written = Buffer.allocUnsafe(LENGTH_SIZE + length);
    written.writeUInt32BE(length);
    written.set(bytes.subarray(start, start + length), LENGTH_SIZE);
    this.#cork();
    this.#stream.write(written);
    this.counters.transmittedFrames++;
    this.counters.transmittedBytes += length;
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream.destroy();
  }

  /** The frames of one burst are one write. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    this.#scheduler.schedule(this.#scheduler.now(), () => {
      this.#isCorked = false;
      this.#stream.uncork();
    });
  }

  #drained(): void {
    if (!this.#owesWritable || this.#isClosed) return;
    this.#owesWritable = false;
    this.#sink?.writable();
  }

  #readBurst(): boolean {
    let at = 0;
    let count = 0;
    while (!this.#isClosed && count < FRAMES_PER_READ && this.#arrived.length - at >= LENGTH_SIZE) {
      const length = readUint32(this.#arrived, at);
      if (length > LARGEST_FRAME) {
        this.#lost(new Error(`The stream does not carry frames: one is said to have ${length} bytes.`));
        break;
      }
      const from = at + LENGTH_SIZE;
      if (this.#arrived.length - from < length) break;
      this.#deliver(from, from + length);
      at = from + length;
      count++;
    }
    this.#arrived = this.#arrived.subarray(at);
    return count > 0;
  }

  #deliver(from: number, to: number): void {
    const { counters } = this;
    const frame = this.#frame;
    frame.fill(this.#arrived, from, to);
    if (to - from < ETHERNET_HEADER_SIZE || !fitsMtu(frame, this.medium, this.mtu)) {
      counters.dropped++;
      return;
    }
    counters.receivedFrames++;
    counters.receivedBytes += to - from;
    this.#sink?.receive(frame);
  }

  #lost(reason: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#onLost?.(reason);
  }
}
