/**
 * What the compliance suite works with: two device ends, frames to send, and sinks that record. Free of a
 * test framework.
 */
import { assert } from "../base/assert.ts";
import { sameBytes } from "../base/bytes.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import type { FrameSink, NetDevice } from "./net-device.ts";

/**
 * Two fresh device ends, nothing attached: what `a` transmits arrives at `b`, and the reverse. A loopback
 * is both.
 */
export interface DeviceBench {
  readonly a: NetDevice;
  readonly b: NetDevice;
  /**
   * Comes back when everything that was transmitted has arrived, and everyone who shall know of room
   * knows.
   */
  settle(): void | Promise<void>;
  /** A frame of this length that the wire between the two carries unchanged; `mark` tells frames apart. */
  frame?(length: number, mark: number): Uint8Array;
  /** The least that `frame` can make. */
  readonly smallest?: number;
  dispose?(): void | Promise<void>;
}

export class Harness {
  readonly a: NetDevice;
  readonly b: NetDevice;
  readonly smallest: number;
  readonly largest: number;
  readonly #bench: DeviceBench;

  constructor(bench: DeviceBench) {
    this.#bench = bench;
    this.a = bench.a;
    this.b = bench.b;
    const header = bench.a.medium === "ethernet" ? ETHERNET_HEADER_SIZE : 0;
    this.smallest = bench.smallest ?? header + 20;
    this.largest = header + bench.a.mtu;
  }

  attach(): { a: NetDevice; b: NetDevice; atA: Recorder; atB: Recorder } {
    const { a, b } = this;
    const atA = new Recorder();
    const atB = a === b ? atA : new Recorder();
    a.attach(atA);
    if (a !== b) b.attach(atB);
    return { a, b, atA, atB };
  }

  packet(length: number, mark: number, headroom = 128): PacketBuffer {
    const content = this.#bench.frame?.(length, mark) ?? plainFrame(this.a, length, mark);
    return PacketBuffer.from(content, headroom);
  }

  async settle(): Promise<void> {
    await this.#bench.settle();
  }
}

export class Recorder implements FrameSink {
  readonly frames: Uint8Array[] = [];
  writables = 0;
  onFrame: ((frame: PacketBuffer) => void) | undefined;
  onWritable: (() => void) | undefined;

  get count(): number {
    return this.frames.length;
  }

  receive(frame: PacketBuffer): void {
    this.frames.push(frame.view().slice());
    this.onFrame?.(frame);
  }

  writable(): void {
    this.writables++;
    this.onWritable?.();
  }

  clear(): void {
    this.frames.length = 0;
  }

  expect(sent: readonly Uint8Array[], where: string): void {
    equal(this.frames.length, sent.length, `frames at ${where}`);
    for (const [i, frame] of sent.entries()) {
      assert(sameBytes(this.frames[i] as Uint8Array, frame), `frame ${i} is not what was sent, at ${where}`);
    }
  }
}

export function equal(actual: number | boolean, expected: number | boolean, what: string): void {
  assert(actual === expected, `${what}: ${actual}, not ${expected}`);
}

export function anyPacket(length: number): PacketBuffer {
  return PacketBuffer.from(new Uint8Array(length).fill(0x81));
}

/**
 * Ethernet between two made-up stations, with an EtherType for experiments (IEEE 802 §9.2.3); IP: only the
 * version.
 */
function plainFrame(device: NetDevice, length: number, mark: number): Uint8Array {
  const frame = new Uint8Array(length);
  for (let i = 0; i < length; i++) frame[i] = mark + i;
  frame.set(
    device.medium === "ethernet"
      ? [2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa, 0x88, 0xb5, mark >> 8, mark]
      : [0x45, 0, mark >> 8, mark],
  );
  return frame;
}
