/**
 * A bench for the tests of this room: a network layer in virtual time, on devices that keep what is
 * transmitted.
 */
import type { DropReason } from "../base/drop-reason.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { SeededRandom } from "../base/random.ts";
import { type Duration, type Instant, instantAfter, seconds } from "../base/time.ts";
import {
  type Medium,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
  type Offload,
} from "../link/net-device.ts";
import { type IpAddress, ip } from "../wire/address.ts";
import type { MacAddress } from "../wire/mac-address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { Net } from "./net.ts";
import { OUR_MAC, OUR_V4, OUR_V6, PEER_MAC, PEER_V4, PEER_V6 } from "./net-bench-packets.ts";
import type { NetContext, NetOptions } from "./net-context.ts";
import type { Delivery, IcmpError, Transport } from "./transport.ts";

/** Keeps a copy of all that is transmitted. */
export class KeptDevice implements NetDevice {
  readonly name: string;
  readonly medium: Medium;
  mtu = 1_500;
  offload: Offload = NO_OFFLOAD;
  readonly counters = newDeviceCounters();
  isFull = false;
  #frames: Uint8Array[] = [];

  constructor(name: string, medium: Medium) {
    this.name = name;
    this.medium = medium;
  }

  attach(): void {}

  transmit(frame: PacketBuffer): boolean {
    if (this.isFull) return false;
    this.#frames.push(frame.view().slice());
    return true;
  }

  close(): void {}

  /** What has been transmitted since the last call. */
  take(): Uint8Array[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  /** The only frame that has been transmitted since the last call. */
  takeOne(): Uint8Array {
    const frames = this.take();
    if (frames.length !== 1) throw new Error(`${this.name} transmitted ${frames.length} frames`);
    return frames[0] as Uint8Array;
  }
}

/** Notes what it is told. */
export class NotingTransport implements Transport {
  readonly received: Array<{ payload: Uint8Array } & Delivery> = [];
  readonly errors: IcmpError[] = [];
  answer: DropReason | undefined;
  /** Whether it takes errors for its own. */
  believes = true;

  receive(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined {
    this.received.push({ ...delivery, payload: packet.bytes.slice(packet.transport, packet.end) });
    return this.answer;
  }

  icmpError(error: IcmpError): boolean {
    this.errors.push({ ...error, quote: error.quote.slice() });
    return this.believes;
  }
}

export class Bench implements NetContext {
  now: Instant = seconds(1_000) as number as Instant;
  readonly random = new SeededRandom(7);
  readonly drops: DropReason[] = [];
  readonly udp = new NotingTransport();
  readonly net: Net;

  constructor(options: NetOptions = {}) {
    this.net = new Net(this, options);
    this.net.setTransport(IP_PROTOCOL.udp, this.udp);
  }

  dropped(reason: DropReason, _packet?: PacketBuffer): void {
    this.drops.push(reason);
  }

  wake(): void {}

  /**
   * An Ethernet interface with the addresses given as "10.0.0.1/24", at once usable; its link-local one as
   * well.
   */
  ethernet(name: string, mac: MacAddress, ...addresses: string[]): KeptDevice {
    const device = new KeptDevice(name, "ethernet");
    const { index } = this.net.addInterface(device, { mac });
    this.#addAll(index, addresses);
    this.advance(seconds(3));
    device.take();
    return device;
  }

  /** An interface without link-layer addresses: a tunnel, or the loopback. */
  tunnel(name: string, ...addresses: string[]): KeptDevice {
    const device = new KeptDevice(name, "ip");
    this.#addAll(this.net.addInterface(device).index, addresses);
    return device;
  }

  #addAll(index: number, addresses: string[]): void {
    for (const text of addresses) {
      const [address, length] = text.split("/");
      this.net.addAddress(index, ip(address as string), Number(length), { duplicateDetection: false });
    }
  }

  /** Brings a frame to an interface; answers why it was dropped. */
  receive(index: number, frame: Uint8Array | PacketBuffer): DropReason | undefined {
    this.drops.length = 0;
    this.net.receive(index, frame instanceof PacketBuffer ? frame : PacketBuffer.from(frame));
    return this.drops[0];
  }

  /** Lets time pass and runs what is due in between. */
  advance(duration: Duration): void {
    const end = instantAfter(this.now, duration);
    while (this.net.deadline <= end) {
      this.now = Math.max(this.now, this.net.deadline) as Instant;
      this.net.expire();
    }
    this.now = end;
  }

  /** Makes the peer's link-layer address known on an Ethernet interface. */
  knows(index: number, address: IpAddress, mac: MacAddress): void {
    this.net.interfaces()[index - 1]?.neighbors?.heard(address, mac);
  }
}

/** A host at 10.0.0.1 and fd00::1 on Ethernet, that knows its peers at .2. */
export function onEthernet(options: NetOptions = {}): { bench: Bench; net: Net; device: KeptDevice } {
  const bench = new Bench(options);
  const device = bench.ethernet("eth0", OUR_MAC, `${OUR_V4}/24`, `${OUR_V6}/64`);
  bench.knows(1, PEER_V4, PEER_MAC);
  bench.knows(1, PEER_V6, PEER_MAC);
  return { bench, net: bench.net, device };
}
