/**
 * The network of a script: one IP device, whose other end is the script. Sent packets wait to be looked at.
 */
import { PacketBuffer } from "../base/packet-buffer.ts";
import type { Clock } from "../base/time.ts";
import {
  type DeviceCounters,
  type FrameSink,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
} from "../link/net-device.ts";
import { EmittedPacket } from "./emitted-packet.ts";

export class ScriptDevice implements NetDevice {
  readonly name = "tun0";
  readonly medium = "ip";
  readonly mtu: number;
  readonly offload = NO_OFFLOAD;
  readonly counters: DeviceCounters = newDeviceCounters();
  /** Sent and not looked at yet, oldest first. */
  readonly emitted: EmittedPacket[] = [];
  /** Called for each packet, at once. */
  onEmitted: ((packet: EmittedPacket) => void) | undefined = undefined;
  /** A queue of no length: nothing is taken. */
  isBlocked = false;
  readonly #clock: Clock;
  readonly #frame = new PacketBuffer(2_048);
  #sink: FrameSink | undefined = undefined;

  constructor(clock: Clock, mtu: number) {
    this.#clock = clock;
    this.mtu = mtu;
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  transmit(frame: PacketBuffer): boolean {
    if (this.isBlocked) {
      this.counters.dropped++;
      return false;
    }
    this.counters.transmittedFrames++;
    this.counters.transmittedBytes += frame.length;
    const packet = new EmittedPacket(frame.view().slice(), this.#clock.now());
    this.emitted.push(packet);
    this.onEmitted?.(packet);
    return true;
  }

  /** The stack receives these bytes now; `segmentSize` above 0: as merged from segments of that size. */
  inject(bytes: Uint8Array, segmentSize: number): void {
    this.counters.receivedFrames++;
    this.counters.receivedBytes += bytes.length;
    this.#frame.fill(bytes, 0, bytes.length);
    this.#frame.segmentSize = segmentSize;
    this.#sink?.receive(this.#frame);
  }

  unblock(): void {
    if (!this.isBlocked) return;
    this.isBlocked = false;
    this.#sink?.writable();
  }

  close(): void {
    this.#sink = undefined;
  }
}
